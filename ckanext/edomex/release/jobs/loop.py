"""The release loop: any number of them on any number of hosts, woken by PostgreSQL, never by a timer of ours alone."""

from __future__ import annotations

import contextlib
import contextvars
import logging
import os
import select
import socket
import threading
import time
import uuid
from collections.abc import Callable
from typing import Any

import psycopg2
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from ckanext.edomex.release.jobs import engine as release_engine
from ckanext.edomex.release.jobs import outbox
from ckanext.edomex.release.model import CHANNEL

log = logging.getLogger(__name__)

#: Longest sleep, in seconds: what a lost notification can cost at most.
LONGEST_SLEEP_S = 15.0
#: Wait after losing the database, in seconds.
RECONNECT_S = 0.5
#: Due, but held back for the moment by somebody's write, or waiting for its next attempt.
BUSY_SLEEP_S = 0.05
#: How long the second thread may take to end, in seconds; what it leaves undone another loop does.
STOP_WITHIN_S = 5.0
#: Seconds between two looks for what may be deleted.
SWEEP_EVERY_S = 3600.0

_BEAT = sa.text(
    "INSERT INTO edomex_release_worker (id) VALUES (:id) ON CONFLICT (id) DO UPDATE SET seen_at = clock_timestamp()"
)
_NEXT_RELEASE = sa.text("""
SELECT EXTRACT(EPOCH FROM min(greatest(release_at, next_attempt_at)) - clock_timestamp())::float
FROM (SELECT release_at, next_attempt_at FROM edomex_release WHERE state = 'scheduled' AND next_attempt_at IS NOT NULL
      UNION ALL (SELECT release_at, NULL FROM edomex_release WHERE state = 'scheduled' AND next_attempt_at IS NULL
                 ORDER BY release_at LIMIT 1)) AS waiting
""")
_NEXT_ENTRY = sa.text(
    "SELECT EXTRACT(EPOCH FROM min(next_at) - clock_timestamp())::float FROM edomex_release_outbox WHERE done_at IS NULL"
)


class Loop:
    """One loop: `run` until `stop`. Each pass stands on its own; a lost database is waited for.

    Two threads: releases keep their instant however long the outbox waits for a search server that does not answer.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self.engine = engine
        self.name = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:6]}"
        self.stopping = threading.Event()
        self.follow_up = threading.Event()
        self._listener: Any = None
        self._sweep_at = 0.0
        self._wake_read, self._wake_write = os.pipe()

    def stop(self, *_: Any) -> None:
        """End after the pass at hand. Safe in a signal handler."""
        self.stopping.set()
        self.follow_up.set()
        os.write(self._wake_write, b"x")

    def run(self) -> None:
        """Release and sleep until told to stop, with a second thread for what follows."""
        log.info("release loop %s runs", self.name)
        # CKAN's application context goes with the thread.
        follower = threading.Thread(target=contextvars.copy_context().run, args=(self._forever, self._follow), daemon=True)
        follower.start()
        self._forever(self._release)
        follower.join(STOP_WITHIN_S)

    def tick(self) -> release_engine.Outcome:
        """One pass of both, and no sleep. `ckan edomex release tick` is this."""
        outcome = release_engine.release_due(self.engine)
        self._drain()
        return outcome

    def _forever(self, work: Callable[[], None]) -> None:
        while not self.stopping.is_set():
            try:
                work()
            except (DBAPIError, psycopg2.Error) as error:
                log.warning("database lost (%s), trying again", type(error).__name__, extra={"event": "loop.database_lost"})
                if work == self._release:
                    self._disconnect()
                self.engine.dispose()
                self.stopping.wait(RECONNECT_S)

    def _release(self) -> None:
        self._listen()
        outcome = release_engine.release_due(self.engine)
        self.follow_up.set()
        if not outcome.released:
            self._sleep()

    def _follow(self) -> None:
        self.follow_up.clear()
        self._drain()
        if time.monotonic() >= self._sweep_at:
            outbox.sweep(self.engine)
            self._sweep_at = time.monotonic() + SWEEP_EVERY_S
        with self.engine.connect() as connection:
            wait = _bounded(connection.execute(_NEXT_ENTRY).scalar())
        self.follow_up.wait(wait)

    def _drain(self) -> None:
        while outbox.drain(self.engine) == outbox.BATCH:
            pass

    def _listen(self) -> None:
        if self._listener is None:
            fairy = self.engine.raw_connection()
            raw: Any = fairy.driver_connection
            fairy.detach()
            raw.set_session(autocommit=True)
            raw.cursor().execute(f"LISTEN {CHANNEL}")
            self._listener = raw

    def _sleep(self) -> None:
        with self.engine.begin() as connection:
            connection.execute(_BEAT, {"id": self.name})
            wait = _bounded(connection.execute(_NEXT_RELEASE).scalar())
        ready, _, _ = select.select([self._listener, self._wake_read], [], [], wait)
        if self._listener in ready:
            self._listener.poll()
            self._listener.notifies.clear()

    def _disconnect(self) -> None:
        with contextlib.suppress(psycopg2.Error):
            if self._listener is not None:
                self._listener.close()
        self._listener = None


def _bounded(seconds: float | None) -> float:
    """How long to sleep for something due in so many seconds; None is nothing in sight."""
    if seconds is None:
        return LONGEST_SLEEP_S
    return min(seconds if seconds > 0 else BUSY_SLEEP_S, LONGEST_SLEEP_S)
