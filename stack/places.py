"""Where a stack keeps its things, and the ports and secrets that it was given once."""

from __future__ import annotations

import hashlib
import json
import secrets
import socket
import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path

from stack.bootstrap import LOCAL, ROOT, VENV

__all__ = ["LOCAL", "ROOT", "VENV", "Stack", "free_port"]

#: What people expect to find where; another free port is taken when one is in use.
USUAL_PORTS = {"postgres": 5433, "valkey": 6380, "solr": 8984, "portal": 5000, "federal": 5001, "municipio": 5002, "peer": 5003}
#: A Unix socket's path may have 108 bytes; supervisor adds a suffix while it binds.
SOCKET_PATH_LIMIT = 90


@dataclass
class Stack:
    """One set of services and sites: its folder, ports, secrets and tokens. Kept in `stack.json`."""

    directory: Path
    #: Gone after use: services may trade durability for speed.
    throwaway: bool = False
    ports: dict[str, int] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    #: Filled by provisioning: names of accounts and agencies, API tokens.
    accounts: dict[str, dict[str, str]] = field(default_factory=dict)

    @classmethod
    def load(cls, directory: Path, *, throwaway: bool = False) -> Stack:
        """A stack's record as it was saved; an empty one where there is none."""
        directory.mkdir(parents=True, exist_ok=True)
        stack = cls(directory, throwaway)
        if stack.record.exists():
            stored = json.loads(stack.record.read_text())
            stack.secrets, stack.accounts, stack.ports = stored["secrets"], stored["accounts"], stored["ports"]
        return stack

    @classmethod
    def open(cls, directory: Path, *, throwaway: bool = False) -> Stack:
        """Load a stack that is about to start: ports that others took meanwhile are chosen anew."""
        stack = cls.load(directory, throwaway=throwaway)
        stack.ports = {name: port for name, port in stack.ports.items() if is_free(port)}
        return stack

    def save(self) -> None:
        """Write the record for the next start; readable by its owner alone, for it has tokens."""
        kept = {k: v for k, v in asdict(self).items() if k in {"ports", "secrets", "accounts"}}
        draft = self.record.with_suffix(".new")
        draft.touch(mode=0o600)
        draft.write_text(json.dumps(kept, indent=1))
        draft.replace(self.record)

    @property
    def record(self) -> Path:
        """The file that holds this record."""
        return self.directory / "stack.json"

    @property
    def identity(self) -> str:
        """What marks this stack's processes in their environment."""
        return str(self.directory.resolve())

    @property
    def logs(self) -> Path:
        """Folder of every process's output."""
        path = self.directory / "log"
        path.mkdir(exist_ok=True)
        return path

    @property
    def control_socket(self) -> Path:
        """Socket of the process manager; in the temporary folder when ours is too deep for one."""
        own = self.directory / "control.sock"
        if len(str(own)) <= SOCKET_PATH_LIMIT:
            return own
        name = f"edomex-{hashlib.sha256(self.identity.encode()).hexdigest()[:16]}.sock"
        return Path(tempfile.gettempdir()) / name

    def port(self, name: str) -> int:
        """The port of a service or site: its usual one if free (for a kept stack), else any free one."""
        if name not in self.ports:
            usual = USUAL_PORTS[name]
            taken = set(self.ports.values())
            use_usual = not self.throwaway and is_free(usual) and usual not in taken
            self.ports[name] = usual if use_usual else free_port(taken)
        return self.ports[name]

    def secret(self, name: str) -> str:
        """A random secret of this stack, made at its first use."""
        return self.secrets.setdefault(name, secrets.token_urlsafe(24))


def is_free(port: int) -> bool:
    """Whether nothing listens on this loopback port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port(taken: set[int]) -> int:
    """Any free loopback port outside `taken`."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        if port not in taken:
            return port
