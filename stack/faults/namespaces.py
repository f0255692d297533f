"""Network namespaces that play hosts: each has one cable to this machine, and the cable can be pulled."""

from __future__ import annotations

import ipaddress
import os
import re
import shutil
import subprocess
from pathlib import Path

from stack.programs import StackError

#: Addresses for tests of networks (RFC 2544): nobody's, and routed nowhere.
RANGE = ipaddress.IPv4Network("198.18.0.0/15")
PREFIX = "edomex"
#: Networks of namespaces of this process that may not be made yet.
_given: set[ipaddress.IPv4Network] = set()


class Namespace:
    """One namespace and its cable. This machine is `gateway` there; nothing else can be reached from it."""

    def __init__(self, number: int) -> None:
        self.name = f"{PREFIX}-{os.getpid()}-{number}"
        self.link = f"e{os.getpid()}n{number}"
        self.network = _free_network()
        self.gateway, self.address = (str(host) for host in self.network.hosts())

    def create(self) -> None:
        """Make the namespace and plug the cable in."""
        ip("netns", "add", self.name)
        ip("link", "add", self.link, "type", "veth", "peer", "name", "eth0", "netns", self.name)
        ip("addr", "add", f"{self.gateway}/{self.network.prefixlen}", "dev", self.link)
        ip("-n", self.name, "addr", "add", f"{self.address}/{self.network.prefixlen}", "dev", "eth0")
        # While the cable is out the link has no route, and answers must not leave by the machine's own way out.
        ip("route", "add", "blackhole", str(self.network), "metric", "4000")
        self.plug_in()
        for device in ("lo", "eth0"):
            ip("-n", self.name, "link", "set", device, "up")

    def delete(self) -> None:
        """Remove all of it, whatever is there."""
        _remove(self.name, self.link)
        subprocess.run(["ip", "route", "del", "blackhole", str(self.network)], capture_output=True)

    def pull_out(self) -> None:
        """Pull the cable: packets are lost in silence, and connections do not learn of it."""
        ip("link", "set", self.link, "down")

    def plug_in(self) -> None:
        """Put the cable back; what was sent meanwhile is sent again by TCP."""
        ip("link", "set", self.link, "up")

    def command(self, *words: str) -> list[str]:
        """A command to be run inside; its process id is that of the command itself."""
        return ["ip", "netns", "exec", self.name, *words]


def ip(*words: str) -> str:
    """Run `ip`; StackError with its own words if it refuses."""
    done = subprocess.run(["ip", *words], capture_output=True, text=True)
    if done.returncode:
        raise StackError(f"ip {' '.join(words)}: {done.stderr.strip()}; hace falta ser root y un núcleo con netns y veth.")
    return done.stdout


def missing() -> str | None:
    """Why this machine cannot make namespaces; None when it can. What a killed run left behind is removed first."""
    if os.geteuid() != 0:
        return "network namespaces need root"
    if not shutil.which("ip"):
        return "network namespaces need the program `ip` (Debian: iproute2)"
    sweep()
    probe = Namespace(0)
    try:
        probe.create()
    except StackError as error:
        return str(error)
    finally:
        probe.delete()
    return None


def sweep() -> None:
    """Remove namespaces whose maker is gone."""
    for line in ip("netns", "list").splitlines():
        found = re.match(rf"{PREFIX}-(\d+)-(\d+)\b", line)
        if found and not Path(f"/proc/{found[1]}").exists():
            _remove(found[0], f"e{found[1]}n{found[2]}")
    addresses = ip("-4", "-o", "addr")
    for route in ip("-4", "route", "show", "type", "blackhole").split():
        if "/" in route and ipaddress.IPv4Network(route).subnet_of(RANGE) and not _has_link(route, addresses):
            subprocess.run(["ip", "route", "del", "blackhole", route], capture_output=True)


def _has_link(network: str, addresses: str) -> bool:
    gateway = next(ipaddress.IPv4Network(network).hosts())
    return f" {gateway}/" in addresses


def _remove(name: str, link: str) -> None:
    subprocess.run(["ip", "link", "del", link], capture_output=True)
    subprocess.run(["ip", "netns", "del", name], capture_output=True)


def _free_network() -> ipaddress.IPv4Network:
    """Four addresses that no link of this machine and no route has."""
    taken = ip("-4", "-o", "addr") + ip("-4", "route")
    # Runs at the same time begin at different places.
    first = os.getpid() % 256
    for network in RANGE.subnets(new_prefix=24):
        third = int(str(network.network_address).split(".")[2])
        if third >= first and str(network.network_address) not in taken and network not in _given:
            _given.add(network)
            return ipaddress.IPv4Network(f"{network.network_address}/30")
    raise StackError(f"no queda una red libre en {RANGE}; borre las que sobren con `ip netns del`.")
