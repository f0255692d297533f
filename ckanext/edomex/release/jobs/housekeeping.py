"""What a loop does beside releasing: rehearse what comes, compare the copies, raise alarms, sweep."""

from __future__ import annotations

import logging
import time

import sqlalchemy as sa

from ckanext.edomex.release import config
from ckanext.edomex.release.jobs import engine as release_engine
from ckanext.edomex.release.jobs import outbox, reconciler, rehearsal

log = logging.getLogger(__name__)

#: Seconds between two looks for what may be deleted.
SWEEP_EVERY_S = 3600.0
#: Seconds between two alarms of the same kind.
ALARM_EVERY_S = 60.0

# One statement for all that there is to know; the index on `due_at` finds the oldest of what is late.
_LOOK = sa.text("""
SELECT
    EXTRACT(EPOCH FROM (SELECT warm_at FROM edomex_release WHERE state = 'scheduled' AND warm_at IS NOT NULL
        AND due_at > clock_timestamp() + make_interval(secs => :apart)
        ORDER BY warm_at LIMIT 1) - clock_timestamp())::float AS rehearsal,
    EXTRACT(EPOCH FROM clock_timestamp() - (SELECT min(release_at) FROM edomex_release
        WHERE state = 'scheduled' AND due_at <= (SELECT clock_timestamp())))::float AS oldest,
    EXTRACT(EPOCH FROM (SELECT ran_at FROM edomex_release_check WHERE name = :check) - clock_timestamp())::float AS compared
""")


class Housekeeper:
    """One loop's housekeeping: `work` does what is due and says how long it may rest."""

    def __init__(self, engine: sa.Engine) -> None:
        self.engine = engine
        self._sweep_at = self._alarm_at = 0.0

    def work(self) -> float | None:
        """Do what is due; returns seconds until the next thing that is known, None for nothing in sight."""
        with self.engine.connect() as connection:
            seen = connection.execute(_LOOK, {"check": reconciler.INDEX, "apart": rehearsal.APART_S}).one()
        self._alarm(seen.oldest)
        self._sweep()
        coming, every = seen.rehearsal if config.warm_up_s() else None, config.check_every_s()
        if coming is not None and coming <= 0:
            while rehearsal.rehearse_due(self.engine):
                pass
            return 0.0
        wait = (seen.compared + every if seen.compared is not None else 0.0) if every else None
        if wait is not None and wait <= 0:
            reconciler.run(self.engine)
            wait = float(every)
        return min((seconds for seconds in (coming, wait) if seconds is not None), default=None)

    def _alarm(self, oldest: float | None) -> None:
        """Say aloud that something promised has not happened. Metrics say it too, to whoever asks."""
        if oldest is None or oldest < config.late_after_s() or time.monotonic() < self._alarm_at:
            return
        release_engine.fail_orphans(self.engine)
        log.error("a release is overdue by %.0f s", oldest, extra={"event": "release.overdue", "oldest_s": oldest})
        self._alarm_at = time.monotonic() + ALARM_EVERY_S

    def _sweep(self) -> None:
        if time.monotonic() >= self._sweep_at:
            outbox.sweep(self.engine)
            self._sweep_at = time.monotonic() + SWEEP_EVERY_S
