"""The parts that a portal is ready with: each is asked on its own, all at once, and for so long and no longer."""

from __future__ import annotations

import logging
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from types import MappingProxyType

import redis
import requests
import sqlalchemy as sa
from redis.backoff import NoBackoff
from redis.retry import Retry

from ckanext.edomex.adapters import migrations, storage
from ckanext.edomex.shield import config

log = logging.getLogger(__name__)

#: How long a part may take to answer, in seconds: a readiness probe is asked by something that waits.
LIMIT_S = 2.0
#: An answer is given to everybody who asks within so many seconds: strangers must not be able to wear the services out.
FRESH_S = 1.0


def engine(address: str | None = None, limit_s: float = LIMIT_S) -> sa.Engine:
    """CKAN's database, or another, for a few questions with a limit to each."""
    limits = {"connect_timeout": int(limit_s), "options": f"-c statement_timeout={int(limit_s * 1000)}"}
    return sa.create_engine(address or config.database_url(), poolclass=sa.NullPool, connect_args=limits)


def postgresql() -> None:
    """Ask the database for anything, over a connection of its own: the pool may be busy without anything being wrong."""
    with engine().connect() as connection:
        connection.execute(sa.text("SELECT 1"))


def at_head() -> None:
    """Compare the revisions that the database has with those of the code."""
    with engine().connect() as connection:
        missing = migrations.behind(connection)
    if missing:
        raise BehindError(", ".join(missing))


def solr() -> None:
    """Search for nothing."""
    options = {"q": "-*:*", "rows": "0", "wt": "json"}
    requests.get(f"{config.solr_url()}/select", params=options, auth=config.solr_account(), timeout=LIMIT_S).raise_for_status()


def valkey() -> None:
    """Ask the queue whether it is there; it says no while it loads."""
    with redis.Redis.from_url(
        config.redis_url(), socket_timeout=LIMIT_S, socket_connect_timeout=LIMIT_S, retry=Retry(NoBackoff(), 0)
    ) as server:
        server.ping()


def files() -> None:
    """Write a few bytes where uploads go, and where CKAN keeps pictures."""
    storage.check_writable()
    with tempfile.TemporaryFile(dir=config.storage_path()) as file:
        file.write(b"edomex")


class BehindError(Exception):
    """The database waits for migrations: `ckan db upgrade`."""


#: Name in the answer → what is asked.
PARTS: Mapping[str, Callable[[], None]] = MappingProxyType({
    "postgresql": postgresql, "migrations": at_head, "solr": solr, "valkey": valkey, "storage": files,
})  # fmt: skip


class Watch:
    """Asks every part and remembers the answer for a moment. A part that still hangs from last time is not asked again."""

    def __init__(self, parts: Mapping[str, Callable[[], None]] = PARTS) -> None:
        self._parts = parts
        self._turn = threading.Lock()
        self._answer: dict[str, bool] = {}
        self._asked_at = float("-inf")
        self._asking: dict[str, threading.Thread] = {}

    def ask(self) -> Mapping[str, bool]:
        """Whether each part answers; returns within `LIMIT_S`, and a little."""
        with self._turn:
            if time.monotonic() - self._asked_at > FRESH_S:
                before, self._answer = self._answer, self._all()
                self._asked_at = time.monotonic()
                _tell(before, self._answer)
            return MappingProxyType(self._answer)

    def _all(self) -> dict[str, bool]:
        found: dict[str, bool] = {}
        for name in self._parts:
            if name not in self._asking or not self._asking[name].is_alive():
                self._asking[name] = threading.Thread(target=self._one, args=(name, found), daemon=True)
                self._asking[name].start()
        deadline = time.monotonic() + LIMIT_S
        for thread in self._asking.values():
            thread.join(max(deadline - time.monotonic(), 0))
        # A copy: who is late writes into a dictionary that nobody reads any more.
        late = dict(found)
        return {name: late.get(name, False) for name in self._parts}

    def _one(self, name: str, found: dict[str, bool]) -> None:
        try:
            self._parts[name]()
        except Exception as error:  # noqa: BLE001  # whatever a client library raises, the part does not answer
            log.debug("health: %s", type(error).__name__)
            found[name] = False
        else:
            found[name] = True


def _tell(before: Mapping[str, bool], after: Mapping[str, bool]) -> None:
    """Log what changed, once: whoever asks asks every few seconds."""
    for name, answers in after.items():
        if answers != before.get(name, True):
            word = "answers again" if answers else "does not answer"
            log.warning("health: %s %s", name, word, extra={"event": "health.changed", "part": name, "ok": answers})
