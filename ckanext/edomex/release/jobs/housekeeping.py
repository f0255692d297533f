"""What a loop does beside releasing: rehearse what comes, compare the copies, raise alarms, sweep."""

from __future__ import annotations

import logging
import time

import sqlalchemy as sa

from ckanext.edomex.release import config
from ckanext.edomex.release.jobs import outbox, reconciler, rehearsal

log = logging.getLogger(__name__)

#: Seconds between two looks for what may be deleted.
SWEEP_EVERY_S = 3600.0
#: Seconds between two alarms of the same kind.
ALARM_EVERY_S = 60.0

_NEXT_REHEARSAL = sa.text("""
SELECT EXTRACT(EPOCH FROM (SELECT warm_at FROM edomex_release WHERE state = 'scheduled' AND warm_at IS NOT NULL
    ORDER BY warm_at LIMIT 1) - clock_timestamp())::float
""")
_OVERDUE = sa.text("""
SELECT count(*) AS releases, EXTRACT(EPOCH FROM clock_timestamp() - min(release_at))::float AS oldest FROM edomex_release
WHERE state = 'scheduled' AND release_at < clock_timestamp() - make_interval(secs => :late)
""")


class Housekeeper:
    """One loop's housekeeping: `work` does what is due and says how long it may rest."""

    def __init__(self, engine: sa.Engine) -> None:
        self.engine = engine
        self._sweep_at = self._alarm_at = 0.0

    def work(self) -> float | None:
        """Do what is due; returns seconds until the next thing that is known, None for nothing in sight."""
        if config.warm_up_s():
            while rehearsal.rehearse_due(self.engine):
                pass
        self._alarm()
        wait = reconciler.run_if_due(self.engine)
        self._sweep()
        with self.engine.connect() as connection:
            coming = connection.execute(_NEXT_REHEARSAL).scalar() if config.warm_up_s() else None
        return min((seconds for seconds in (coming, wait) if seconds is not None), default=None)

    def _alarm(self) -> None:
        """Say aloud that something promised has not happened. Metrics say it too, to whoever asks."""
        if time.monotonic() < self._alarm_at:
            return
        with self.engine.connect() as connection:
            late = connection.execute(_OVERDUE, {"late": config.late_after_s()}).one()
        if late.releases:
            log.error("%d releases are overdue, the oldest by %.0f s", late.releases, late.oldest,
                      extra={"event": "release.overdue", "releases": late.releases, "oldest_s": late.oldest})  # fmt: skip
            self._alarm_at = time.monotonic() + ALARM_EVERY_S

    def _sweep(self) -> None:
        if time.monotonic() >= self._sweep_at:
            outbox.sweep(self.engine)
            self._sweep_at = time.monotonic() + SWEEP_EVERY_S
