"""The release loop: any number of them on any number of hosts, woken by PostgreSQL, never by a timer of ours alone."""

from __future__ import annotations

import contextlib
import contextvars
import logging
import os
import select
import socket
import threading
import uuid
from collections.abc import Callable
from typing import Any

import psycopg2
import sqlalchemy as sa
from ckan import model
from ckan.lib.search.common import SearchIndexError
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError

from ckanext.edomex.adapters import duties
from ckanext.edomex.adapters.duties import Duty
from ckanext.edomex.release.jobs import engine as release_engine
from ckanext.edomex.release.jobs import outbox
from ckanext.edomex.release.jobs.housekeeping import Housekeeper
from ckanext.edomex.release.model import CHANNEL

log = logging.getLogger(__name__)

#: Longest sleep, in seconds: what a lost notification can cost at most.
LONGEST_SLEEP_S = 15.0
#: The same for the threads beside, which the first one wakes.
LONGEST_REST_S = 60.0
#: Wait after losing the database, in seconds.
RECONNECT_S = 0.5
#: Due, but held back for the moment by somebody's write, or waiting for its next attempt.
BUSY_SLEEP_S = 0.05
#: How long the other threads may take to end, in seconds; what they leave undone another loop does.
STOP_WITHIN_S = 5.0

#: After so many quiet seconds the kernel asks, so often, so many times; what was sent is given up after so many ms.
KEEPALIVE = {socket.TCP_KEEPIDLE: 10, socket.TCP_KEEPINTVL: 5, socket.TCP_KEEPCNT: 3, socket.TCP_USER_TIMEOUT: 20_000}

# One statement for the heartbeat and the next instant: an idle loop asks as little as it can.
NEXT_RELEASE = """
SELECT EXTRACT(EPOCH FROM (SELECT due_at FROM edomex_release WHERE state = 'scheduled' ORDER BY due_at LIMIT 1)
    - clock_timestamp())::float
"""
_BEAT = sa.text(f"""
WITH beat AS (INSERT INTO edomex_release_worker (id) VALUES (:id) ON CONFLICT (id) DO UPDATE SET seen_at = clock_timestamp())
{NEXT_RELEASE}
""")  # noqa: S608  # a text of ours


class Loop:
    """One loop: `run` until `stop`. Each pass stands on its own; a lost database is waited for.

    Three threads: releases keep their instant however long the outbox waits for a search server that does not answer,
    and however long a rehearsal or a comparison takes. Each duty of another room has one more.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self.engine = engine
        self.name = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:6]}"
        self.stopping = threading.Event()
        self.follow_up = threading.Event()
        self.keep_house = threading.Event()
        self.housekeeper = Housekeeper(engine)
        self._listener: Any = None
        event.listen(engine, "connect", _notice_silence)
        self._wake_read, self._wake_write = os.pipe()

    def stop(self, *_: Any) -> None:
        """End after the pass at hand. Safe in a signal handler."""
        self.stopping.set()
        self.follow_up.set()
        self.keep_house.set()
        for duty in duties.known().values():
            duty.wake.set()
        os.write(self._wake_write, b"x")

    def run(self) -> None:
        """Release and sleep until told to stop, with threads beside it for what follows and for what comes."""
        log.info("release loop %s runs", self.name)
        beside = [
            # CKAN's application context goes with the thread.
            threading.Thread(target=contextvars.copy_context().run, args=(self._forever, work), daemon=True)
            for work in (self._follow, self._housekeep, *(self._duty(duty) for duty in duties.known().values()))
        ]
        for thread in beside:
            thread.start()
        self._forever(self._release)
        for thread in beside:
            thread.join(STOP_WITHIN_S)

    def tick(self) -> release_engine.Outcome:
        """One pass of all, and no sleep. `ckan edomex release tick` is this."""
        outcome = release_engine.release_due(self.engine)
        self._drain()
        with contextlib.suppress(SearchIndexError):
            self.housekeeper.work()
        for duty in duties.known().values():
            _attend(duty, self.engine)
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
            except SearchIndexError as error:
                log.warning("index does not answer (%s), trying again", error, extra={"event": "loop.index_lost"})
                self.stopping.wait(LONGEST_SLEEP_S)

    def _release(self) -> None:
        self._listen()
        outcome = release_engine.release_due(self.engine)
        if outcome.released or outcome.failed:
            self.follow_up.set()
        if not outcome.released:
            self._sleep()

    def _follow(self) -> None:
        self.follow_up.clear()
        self.follow_up.wait(_bounded(self._drain(), LONGEST_REST_S))

    def _housekeep(self) -> None:
        self.keep_house.clear()
        self.keep_house.wait(_bounded(self.housekeeper.work(), LONGEST_REST_S))

    def _duty(self, duty: Duty) -> Callable[[], None]:
        def work() -> None:
            duty.wake.clear()
            duty.wake.wait(_bounded(_attend(duty, self.engine), LONGEST_REST_S))

        return work

    def _drain(self) -> float | None:
        """Do all that waits; returns seconds until more is due."""
        done = outbox.drain(self.engine)
        while done.taken:
            done = outbox.drain(self.engine)
        return done.wait_s

    def _listen(self) -> None:
        if self._listener is None:
            fairy = self.engine.raw_connection()
            raw: Any = fairy.driver_connection
            fairy.detach()
            raw.set_session(autocommit=True)
            raw.cursor().execute(f"LISTEN {duties.CHANNEL}")
            raw.cursor().execute(f"LISTEN {CHANNEL}")
            self._listener = raw

    def _sleep(self) -> None:
        # One statement commits by itself: an idle loop is spared two round trips, every few seconds for ever.
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            wait = _bounded(connection.execute(_BEAT, {"id": self.name}).scalar(), LONGEST_SLEEP_S)
        ready, _, _ = select.select([self._listener, self._wake_read], [], [], wait)
        if self._listener in ready:
            self._listener.poll()
            told, self._listener.notifies = self._listener.notifies, []
            for each in told:
                self._heard(each.channel, each.payload)

    def _heard(self, channel: str, payload: str) -> None:
        if channel == CHANNEL:
            # Somebody took a step: the search has to follow, and a rehearsal may be near.
            self.follow_up.set()
            self.keep_house.set()
        elif payload in duties.known():
            duties.known()[payload].wake.set()

    def _disconnect(self) -> None:
        with contextlib.suppress(psycopg2.Error):
            if self._listener is not None:
                self._listener.close()
        self._listener = None


def _attend(duty: Duty, engine: sa.Engine) -> float | None:
    """Do a duty once; returns seconds until it wants to be asked again. A lost database is the caller's."""
    try:
        return duty.work(engine)
    except DBAPIError:
        raise
    except Exception:  # the edge of the loop: another room's mistake ends neither its thread nor anything else
        log.exception("duty %s failed", duty.name, extra={"event": "loop.duty_failed", "duty": duty.name})
        return LONGEST_REST_S
    finally:
        model.Session.remove()


def _notice_silence(connection: Any, _record: Any) -> None:
    """Have the kernel ask now and then whether the database is still there: an answer that cannot come is not waited for."""
    with socket.socket(fileno=os.dup(connection.fileno())) as wire:
        if wire.family in {socket.AF_INET, socket.AF_INET6}:
            wire.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            for option, value in KEEPALIVE.items():
                wire.setsockopt(socket.IPPROTO_TCP, option, value)


def _bounded(seconds: float | None, longest: float) -> float:
    """How long to sleep for something due in so many seconds; None is nothing in sight."""
    if seconds is None:
        return longest
    return min(seconds if seconds > 0 else BUSY_SLEEP_S, longest)
