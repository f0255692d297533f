"""The processes of a stack, run by supervisor: each is restarted when it dies, all end together."""

from __future__ import annotations

import http.client
import shlex
import socket
import subprocess
import time
import xmlrpc.client
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from stack.places import ROOT, VENV, Stack

#: The variable by which a stack's processes are recognised, children included.
MARK = "EDOMEX_STACK_MARK"


class StackError(Exception):
    """What went wrong with the stack, in one sentence with its remedy."""


@dataclass(frozen=True, kw_only=True)
class Program:
    """One process of the stack."""

    name: str
    command: list[str]
    environment: dict[str, str] = field(default_factory=dict)
    #: Operating-system account, where it is not the caller's.
    user: str | None = None
    stop_signal: str = "TERM"
    #: Seconds that it may take to end by itself.
    stop_wait: int = 10
    directory: Path = ROOT

    def section(self, logs: Path) -> str:
        """This program in supervisor's configuration."""
        pairs = ",".join(f'{key}="{value}"' for key, value in sorted(self.environment.items()))
        lines = [
            f"[program:{self.name}]",
            f"command={shlex.join(self.command)}",
            f"directory={self.directory}",
            "autostart=false",
            "autorestart=true",
            "startsecs=0",
            f"stopsignal={self.stop_signal}",
            f"stopwaitsecs={self.stop_wait}",
            "stopasgroup=false",
            "killasgroup=true",
            "redirect_stderr=true",
            f"stdout_logfile={logs / self.name}.log",
            "stdout_logfile_maxbytes=20MB",
            "stdout_logfile_backups=1",
        ]
        if pairs:
            lines.append(f"environment={pairs}")
        if self.user:
            lines.append(f"user={self.user}")
        return "\n".join(line.replace("%", "%%") for line in lines) + "\n"


class Supervisor:
    """The process manager of one stack, spoken to over its Unix socket."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.socket = stack.control_socket
        self.config = stack.directory / "supervisord.conf"
        self.process: subprocess.Popen[bytes] | None = None

    def launch(self, programs: Iterable[Program]) -> None:
        """Start supervisor with these programs known and none running; returns once it answers."""
        self.socket.unlink(missing_ok=True)
        head = (
            f"[unix_http_server]\nfile={self.socket}\nchmod=0700\n"
            f"[supervisord]\nlogfile={self.stack.logs / 'supervisor.log'}\nnodaemon=true\n"
            f"pidfile={self.stack.directory / 'supervisord.pid'}\nminfds=1024\n"
            "[rpcinterface:supervisor]\n"
            "supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface\n"
        )
        self.config.write_text(head + "\n".join(p.section(self.stack.logs) for p in programs))
        self.config.chmod(0o600)
        command = [str(VENV / "bin" / "supervisord"), "--configuration", str(self.config), "--silent"]
        with (self.stack.logs / "supervisord.out").open("ab") as out:
            # A session of its own: Ctrl-C reaches us alone, and we end the rest in order.
            self.process = subprocess.Popen(
                command, stdout=out, stderr=out, stdin=subprocess.DEVNULL, start_new_session=True, env=environment(self.stack)
            )
        wait_for(self.answers, 15, "supervisor no respondió", self.stack)

    def answers(self) -> bool:
        """Whether supervisor takes orders."""
        if self.process and self.process.poll() is not None:
            raise StackError(f"supervisor terminó al arrancar; vea {self.stack.logs / 'supervisord.out'}.")
        try:
            return bool(self.rpc.supervisor.getPID())
        except (OSError, http.client.HTTPException):
            return False

    @property
    def rpc(self) -> Any:
        """Supervisor's XML-RPC interface."""
        return xmlrpc.client.ServerProxy("http://localhost", transport=_UnixTransport(self.socket))

    def start(self, *names: str) -> None:
        """Start programs without waiting until they are ready."""
        for name in names:
            self.rpc.supervisor.startProcess(name, False)

    def stop(self, *names: str) -> None:
        """Stop programs and wait until they are gone."""
        for name in names:
            self.rpc.supervisor.stopProcess(name, True)

    def pid(self, name: str) -> int:
        """Process id of a running program; 0 when it is not running."""
        return int(self.rpc.supervisor.getProcessInfo(name)["pid"])


class _UnixTransport(xmlrpc.client.Transport):
    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path

    def make_connection(self, host: Any) -> http.client.HTTPConnection:
        return _UnixConnection(self.path)


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=60)
        self.path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self.path))


def environment(stack: Stack) -> dict[str, str]:
    """What every process of the stack finds in its environment; nothing of the caller's virtual environment."""
    from stack.bootstrap import clean_environment

    own = clean_environment()
    own["PATH"] = f"{VENV / 'bin'}:{own.get('PATH', '/usr/bin:/bin')}"
    own[MARK] = stack.identity
    own["EDOMEX_STACK_DIR"] = str(stack.directory)
    own["LC_ALL"] = "C.UTF-8"
    return own


def wait_for(ready: Any, seconds: float, complaint: str, stack: Stack) -> None:
    """Poll until `ready()` is true; StackError with the folder of logs after `seconds`."""
    deadline = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > deadline:
            raise StackError(f"{complaint} en {seconds:.0f} s; vea los registros en {stack.logs}.")
        time.sleep(0.05)
