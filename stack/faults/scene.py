"""The scene of a fault: a portal, its loops on hosts of their own, hidden datasets in store, and the question at the end."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import psutil
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from stack.demo.api import Api
from stack.faults.agreement import disagreements, waiting
from stack.faults.hosts import Fleet
from stack.faults.promises import Promise, broken, lateness, named, promise, set_due
from stack.places import Stack
from stack.programs import Supervisor
from stack.sites import SITES, Services, url

#: The portal's own loops: they rest while those of the scene work.
OWN_LOOPS = ("portal-release-1", "portal-release-2")
#: Seconds within which everything has to be as promised after a fault is over: the outbox may wait some of them by itself.
SETTLED_WITHIN_S = 60.0
#: Seconds in which every loop of the fleet starts: each is a CKAN of its own, and they start together.
STARTED_WITHIN_S = 240.0
POLL_S = 0.05
FAR = timedelta(days=3)
T = TypeVar("T")

_LISTENING = sa.text("SELECT DISTINCT application_name FROM pg_stat_activity WHERE query LIKE 'LISTEN%' ORDER BY 1")
_WAITING_FOR = sa.text("""
SELECT DISTINCT a.application_name FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
WHERE NOT l.granted AND l.relation = CAST(:table AS regclass) AND l.mode = :mode ORDER BY 1
""")
_IN_HAND = sa.text("""
SELECT DISTINCT a.application_name FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
WHERE l.granted AND l.relation = CAST('edomex_release_outbox' AS regclass) AND l.mode = 'RowShareLock'
  AND a.state = 'idle in transaction' AND a.state_change < clock_timestamp() - interval '0.2 s' ORDER BY 1
""")
_BACKENDS = sa.text("SELECT pid FROM pg_stat_activity WHERE application_name = :name")


class NotSettledError(AssertionError):
    """Something that has to be true after a fault did not become true; says what is wrong."""


class Scene:
    """A portal whose releases are done by `fleet`."""

    def __init__(self, stack: Stack, fleet: Fleet) -> None:
        self.stack, self.fleet = stack, fleet
        self.services, self.supervisor = Services(stack), Supervisor(stack)
        # No pool: what a fault broke must not be handed to the test again.
        self.engine = sa.create_engine(self.services.postgres.url("postgres", "portal"), poolclass=sa.NullPool)
        self.portal, self.solr = url(stack, SITES["portal"]), self.services.solr.url("portal")
        self._store: list[Promise] = []

    @contextlib.contextmanager
    def set(self, releases: int) -> Iterator[Scene]:
        """Everything in its place for as long as the block runs: loops at work, so many hidden datasets in store."""
        self.supervisor.stop(*OWN_LOOPS)
        try:
            with self.fleet.at_work():
                self.wait(lambda: set(self.listening()) >= set(self.fleet.names), "the loops listen", self.listening, STARTED_WITHIN_S)
                self._store = promise(self.engine, self._pattern(), releases)
                self.agreed()
                yield self
        finally:
            self.supervisor.start(*OWN_LOOPS)

    def _pattern(self) -> str:
        """A dataset registered, sent and approved by people, through the portal's own doors."""
        accounts = self.stack.accounts["portal"]
        editor, reviewer = Api(self.portal, accounts["editor_token"]), Api(self.portal, accounts["reviewer_token"])
        dataset = editor.call(
            "package_create", title="Copia para pruebas de fallas", owner_org=accounts["agency"], notes="Se copia en SQL.",
            tags=[{"name": "fallas"}], resources=[{"name": "Datos", "url": "https://example.org/datos.csv", "format": "CSV"}],
        )  # fmt: skip
        release = editor.call("edomex_release_submit", dataset_id=dataset["id"])
        reviewer.call("edomex_release_approve", id=release["id"], release_at=(datetime.now(UTC) + FAR).isoformat())
        return dataset["id"]

    def take(self, count: int) -> list[Promise]:
        """Hidden datasets from the store; they are not given twice."""
        assert len(self._store) >= count, "the scene was set with too few datasets"
        taken, self._store = self._store[:count], self._store[count:]
        return taken

    def due(self, count: int, *, in_s: float = 1.0, over_s: float = 0) -> list[Promise]:
        """Take some and promise them for `in_s` seconds from now, one after another over `over_s` seconds."""
        taken = self.take(count)
        set_due(self.engine, taken, in_s=in_s, over_s=over_s)
        return taken

    def listening(self) -> list[str]:
        """Names of the loops that wait for news at this moment."""
        return [name for name in self._names(_LISTENING) if name in self.fleet.names]

    def waiting_for(self, table: str, mode: str = "RowExclusiveLock") -> list[str]:
        """Names of the loops that wait for a lock on a table."""
        return [name for name in self._names(_WAITING_FOR, table=table, mode=mode) if name in self.fleet.names]

    def in_hand(self) -> list[str]:
        """Names of the loops that have taken entries of the outbox and have been at work on them, outside PostgreSQL, for a while."""
        return [name for name in self._names(_IN_HAND) if name in self.fleet.names]

    def backends(self, name: str) -> list[int]:
        """Process ids of PostgreSQL's that serve a loop."""
        return [int(pid) for pid in self._names(_BACKENDS, name=name)]

    def _names(self, query: sa.TextClause, **parameters: str) -> list[str]:
        with self.engine.connect() as connection:
            return list(connection.execute(query, parameters).scalars())

    @contextlib.contextmanager
    def locked(self, table: str, mode: str = "SHARE") -> Iterator[None]:
        """Stall whatever writes to a table. SHARE lets rows be claimed, EXCLUSIVE does not."""
        with self.engine.connect() as connection:
            connection.execute(sa.text(f"LOCK TABLE {table} IN {mode} MODE"))
            try:
                yield
            finally:
                # A fault may have taken this connection too, and its lock with it.
                with contextlib.suppress(OperationalError):
                    connection.rollback()

    @contextlib.contextmanager
    def stopped(self, service: str) -> Iterator[None]:
        """Stop a service in order, and start it again."""
        self.supervisor.stop(service)
        try:
            yield
        finally:
            self.supervisor.start(service)
            self.wait(lambda: all(one.answers() for one in self.services), "the services answer")

    @contextlib.contextmanager
    def frozen(self, pid: int) -> Iterator[None]:
        """Let a process hang, and go on."""
        os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(pid, signal.SIGCONT)

    def pause(self, seconds: float) -> None:
        """Let a fault last."""
        time.sleep(seconds)

    def children(self, program: str) -> list[int]:
        """Process ids of a program's children: gunicorn's workers."""
        return [child.pid for child in psutil.Process(self.supervisor.pid(program)).children()]

    def all_out(self, promises: list[Promise]) -> bool:
        """Whether each of these was released, whatever index and feed know of it."""
        return len(lateness(self.engine, promises)) == len(promises)

    def settle(self, promises: list[Promise]) -> None:
        """Wait until these releases have happened, each once, and index and feed say so; NotSettledError names what is wrong."""
        self.wait(lambda: not broken(self.engine, promises), "every release came out once", lambda: broken(self.engine, promises))
        self.agreed()

    def agreed(self) -> None:
        """Wait until the outbox is empty and index and feed say what the database says."""
        self.wait(lambda: waiting(self.engine) == 0, "the outbox is empty", lambda: [f"{waiting(self.engine)} entries wait"])

        def told() -> list[str]:
            return disagreements(self.engine, self.solr, self.portal)

        self.wait(lambda: not told(), "index and feed say what the database says", told)

    def wait(
        self, ready: Callable[[], T], what: str, told: Callable[[], list[str]] = list, within_s: float = SETTLED_WITHIN_S
    ) -> T:
        """Wait for something to be true and return it; what a service that is down raises counts as not yet."""
        deadline = time.monotonic() + within_s
        last: Exception | None = None
        while True:
            try:
                if found := ready():
                    return found
            except Exception as error:
                last = error
            if time.monotonic() > deadline:
                break
            time.sleep(POLL_S)
        raise NotSettledError(f"not true within {within_s:.0f} s: {what}; {named(told())}\nlast error: {last!r}")
