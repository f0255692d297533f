"""How releases are doing, from the release room's own figures."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from ckan.plugins import toolkit as tk
from ckan.types import Context

from ckanext.edomex.shield import config
from ckanext.edomex.shield.domain.findings import Finding

Status = Mapping[str, Any]
#: Alarm of the release room → finding, and what of the figures is said with it.
ALARMS: Mapping[str, tuple[str, Callable[[Status], str]]] = {
    "no_loop": ("loops_silent", lambda status: f"{status['loops']['alive']}"),
    "overdue": ("release_overdue", lambda status: f"{status['overdue']['releases']}; {status['overdue']['oldest_s']:.0f} s"),
    "problems_ahead": ("release_problems", lambda status: f"{status['problems']}"),
    "failed": ("release_failed", lambda status: f"{status['states'].get('failed', 0)}"),
    "outbox_old": ("outbox_old", lambda status: f"{max(each['oldest'] for each in status['outbox']):.0f} s"),
    "outbox_dead": ("outbox_dead", lambda status: ", ".join(f"{each['kind']}: {each['dead']}" for each in status["outbox"])),
    "file_missing": ("file_missing", lambda status: f"{sum(each['missing'] for each in status['checks'])}"),
}
#: So many times the interval without a comparison is too long; a comparison of everything takes a while.
PATIENCE = 10


def look(connection: sa.Connection) -> Iterator[Finding]:
    """Alarms, lateness, and whether anybody compares the copies."""
    status = tk.get_action("edomex_release_status")(Context(ignore_auth=True, user=""), {})
    for alarm in status["alarms"]:
        code, said = ALARMS[alarm]
        yield Finding(code=code, seen=said(status))
    latest = status["lateness_s"]["max"]
    if latest is not None and latest > config.late_after_s():
        yield Finding(code="release_late", seen=f"{latest:.0f} s")
    now = connection.execute(sa.text("SELECT clock_timestamp()")).scalar_one()
    yield from _comparison(status["checks"], now)


def _comparison(checks: list[Status], now: datetime) -> Iterator[Finding]:
    every = config.check_every_s()
    if not every:
        yield Finding(code="comparison_stale", seen="ckanext.edomex.release.check_every_s = 0")
        return
    ran = [datetime.fromisoformat(each["ran_at"]) for each in checks if each["ran_at"]]
    silent = (now - max(ran)).total_seconds() if ran else None
    if silent is None or silent > PATIENCE * every:
        yield Finding(code="comparison_stale", seen="nunca" if silent is None else f"{silent:.0f} s")
