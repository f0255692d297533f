"""The sites of the running stack as a benchmark sees them: address, database, and a process inside each CKAN."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg2.extensions

from bench.figures import BenchError
from bench.inside import Inside
from stack.demo.api import Api
from stack.places import Stack
from stack.programs import Supervisor
from stack.services.postgres import Postgres

#: Between two looks at something that is waited for; a look itself comes on top.
POLL_S = 0.01
#: The same for a query, which should not disturb what it waits for.
DATABASE_POLL_S = 0.025


@dataclass(frozen=True, kw_only=True)
class Site:
    """One CKAN of the stack."""

    name: str
    stack: Stack
    url: str
    token: str = field(repr=False)
    #: A process with this CKAN loaded, where the work is done that an operator's script would do.
    inside: Inside

    @property
    def is_ours(self) -> bool:
        """Whether our plugins run there."""
        return self.name == "portal"

    def visitor(self) -> Api:
        """Anybody, over one kept connection."""
        return Api(self.url)

    def clerk(self) -> Api:
        """The sysadmin, over one kept connection."""
        return Api(self.url, self.token)

    @contextlib.contextmanager
    def database(self) -> Iterator[psycopg2.extensions.cursor]:
        """A cursor of the superuser, each statement its own transaction."""
        with closing(Postgres(self.stack).connect(self.name)) as connection, connection.cursor() as cursor:
            yield cursor

    def value(self, statement: str, parameters: Mapping[str, Any] | None = None) -> Any:
        """The one value that a query gives."""
        with self.database() as cursor:
            cursor.execute(statement, parameters)
            row = cursor.fetchone()
        return row[0] if row else None

    def wait_for(self, statement: str, parameters: Mapping[str, Any] | None, seconds: float, complaint: str) -> None:
        """Poll until a query's one value is true, over one connection; BenchError with the complaint after so many seconds."""
        with self.database() as cursor:

            def true() -> bool:
                cursor.execute(statement, parameters)
                row = cursor.fetchone()
                return bool(row and row[0])

            wait_until(true, seconds, complaint, every=DATABASE_POLL_S)


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a benchmark runs: ours, the peer, and the processes of both."""

    stack: Stack
    ours: Site
    peer: Site

    @property
    def processes(self) -> Supervisor:
        """The stack's process manager."""
        return Supervisor(self.stack)


@contextlib.contextmanager
def place() -> Iterator[Place]:
    """The stack that the environment names, with a process inside each of its two CKANs."""
    directory = Path(variable("EDOMEX_STACK_DIR"))
    if not (directory / "throwaway").exists():
        raise BenchError("benchmarks fill a portal with thousands of datasets: they run beside a throw-away stack, `make bench`.")
    stack = Stack.load(directory, throwaway=True)
    with contextlib.ExitStack() as kept:
        sites = {
            name: Site(
                name=name, stack=stack, url=variable(f"{prefix}_URL"), token=variable(f"{prefix}_SYSADMIN_TOKEN"),
                inside=kept.enter_context(Inside(variable(ini), stack.logs / f"bench-{name}.log")),
            )
            for name, prefix, ini in (("portal", "EDOMEX", "CKAN_INI"), ("peer", "EDOMEX_PEER", "EDOMEX_PEER_INI"))
        }  # fmt: skip
        for site in sites.values():
            # Loading takes seconds of a core and asks the database: over before anything is measured.
            site.inside.result()
        yield Place(stack=stack, ours=sites["portal"], peer=sites["peer"])


def variable(name: str) -> str:
    """A variable of the stack's contract; BenchError where it is missing."""
    try:
        return os.environ[name]
    except KeyError:
        raise BenchError(f"{name} is not set: run `make bench`, or within `make with-stack PEER=1`.") from None


def wait_until(ready: Callable[[], bool], seconds: float, complaint: str, every: float = POLL_S) -> None:
    """Poll until something is so; BenchError with the complaint after so many seconds."""
    deadline = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > deadline:
            raise BenchError(f"{complaint} within {seconds:.0f} s; see the logs of the stack.")
        time.sleep(every)


def sleep_until(instant: float) -> None:
    """Wait for an instant of the wall clock."""
    time.sleep(max(0.0, instant - time.time()))
