"""Hosts that run release loops: a namespace each, a bad network to the services, a clock that may be wrong."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

from stack.faults.namespaces import Namespace
from stack.faults.proxy import FaultProxy
from stack.places import ROOT, VENV, Stack
from stack.programs import environment
from stack.sites import SITES, ini_path

SERVICES = ("postgres", "solr", "valkey")
CLOCK = Path(__file__).parent / "clock"
#: Seconds between two looks for loops that died.
KEEP_EVERY_S = 0.1


class Host:
    """One host of the portal, reached by nobody and reaching the services only through its proxies."""

    def __init__(self, stack: Stack, number: int, clock_shift_s: float = 0) -> None:
        self.stack, self.name, self.clock_shift_s = stack, f"host{number}", clock_shift_s
        self.namespace = Namespace(number)
        here = self.namespace.gateway
        self.proxies = {
            name: FaultProxy((here, stack.port(name)), ("127.0.0.1", stack.port(name))) for name in SERVICES
        }
        self.ini = stack.directory / f"{self.name}.ini"

    def start(self) -> None:
        """Make the network, the proxies and the configuration."""
        self.namespace.create()
        for proxy in self.proxies.values():
            proxy.start()
        text = ini_path(self.stack, SITES["portal"]).read_text()
        for name in SERVICES:
            port = self.stack.port(name)
            text = text.replace(f"127.0.0.1:{port}", f"{self.namespace.gateway}:{port}")
        self.ini.touch(mode=0o600)
        self.ini.write_text(text)

    def stop(self) -> None:
        """Take all of it away, however far `start` came."""
        with contextlib.ExitStack() as stack:
            stack.callback(self.ini.unlink, missing_ok=True)
            stack.callback(self.namespace.delete)
            for proxy in self.proxies.values():
                if proxy.is_running:
                    stack.callback(proxy.stop)

    def run(self, name: str, *command: str) -> subprocess.Popen[bytes]:
        """Start a command on this host; PostgreSQL knows it by `name`, and its output is in that log."""
        own = {**environment(self.stack), "CKAN_INI": str(self.ini), "PGAPPNAME": name}
        if self.clock_shift_s:
            own |= {"PYTHONPATH": str(CLOCK), "EDOMEX_CLOCK_SHIFT_S": str(self.clock_shift_s)}
        with (self.stack.logs / f"{name}.log").open("ab") as out:
            return subprocess.Popen(
                self.namespace.command(*command), cwd=ROOT, env=own, stdin=subprocess.DEVNULL, stdout=out, stderr=out
            )


class Fleet:
    """Release loops on several hosts. Whatever dies is started again, as a process manager would do."""

    def __init__(self, hosts: Sequence[Host], loops: int) -> None:
        self.hosts = {host.name: host for host in hosts}
        self._places = [(f"{host.name}-loop{n}", host) for n in range(loops) for host in hosts][:loops]
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._lock = threading.Lock()
        self._ending = threading.Event()
        self._keeper = threading.Thread(target=self._keep, daemon=True)
        #: How many loops had to be started again.
        self.restarts = 0

    @contextlib.contextmanager
    def at_work(self) -> Iterator[Fleet]:
        """Hosts and loops for as long as the block runs; all of it gone afterwards, whatever happened."""
        try:
            for host in self.hosts.values():
                host.start()
            for name, host in self._places:
                self._begin(name, host)
            self._keeper.start()
            yield self
        finally:
            self._ending.set()
            if self._keeper.is_alive():
                self._keeper.join()
            for process in self._running.values():
                process.kill()
                process.wait()
            with contextlib.ExitStack() as stack:
                for host in self.hosts.values():
                    stack.callback(host.stop)

    @property
    def names(self) -> list[str]:
        """Names of the loops, as PostgreSQL has them in `application_name`."""
        return [name for name, _ in self._places]

    def host_of(self, name: str) -> Host:
        """The host of a loop."""
        return self.hosts[name.split("-", maxsplit=1)[0]]

    def pid(self, name: str) -> int:
        """Process id of a loop as it runs now."""
        return self._running[name].pid

    def send(self, name: str, number: signal.Signals) -> None:
        """Send a signal to a loop; one that has just died is left alone."""
        with self._lock, contextlib.suppress(ProcessLookupError):
            os.kill(self._running[name].pid, number)

    def kill(self, name: str) -> None:
        """SIGKILL a loop; returns when it is gone."""
        with self._lock:
            self._running[name].kill()
            self._running[name].wait()

    def _begin(self, name: str, host: Host) -> None:
        self._running[name] = host.run(name, str(VENV / "bin" / "ckan"), "edomex", "release", "run")

    def _keep(self) -> None:
        while not self._ending.wait(KEEP_EVERY_S):
            for name, host in self._places:
                with self._lock:
                    if self._running[name].poll() is not None:
                        self.restarts += 1
                        self._begin(name, host)
