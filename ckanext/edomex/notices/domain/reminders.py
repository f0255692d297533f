"""Reminders: what is due soon, today, or was; each told once, to more people the later it gets.

Source of the yearly cycle: Lineamientos en materia de datos abiertos, DOF 2025-09-11, Arts. 12 to 15: the plan is brought up to date
in the first 20 days of the year, reported before 31 January, and reviewed each quarter.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from ckanext.edomex.notices.domain.telling import Happening

Data = Mapping[str, Any]


class Stage(StrEnum):
    """Before the day, on it, after it."""

    BEFORE = "before"
    TODAY = "today"
    AFTER = "after"


#: Days ahead of which the first reminder goes out.
AHEAD = timedelta(days=7)
#: After so long without a loop, or a plan that was forgotten, a reminder is no reminder any more: boards show it.
STALE = timedelta(days=60)
#: Last days of the yearly cycle: of bringing the plan up to date, and of reporting it.
UPDATE_BY, REPORT_BY = (1, 20), (1, 31)
#: First months of the quarters in which an approved plan is looked at again.
QUARTERS = frozenset({4, 7, 10})
QUARTER_DAYS = 15


def stage_of(due: date, today: date) -> Stage | None:
    """The reminder that a day asks for today; none for one that is far off or long past."""
    if today < due:
        return Stage.BEFORE if due - today <= AHEAD else None
    if today == due:
        return Stage.TODAY
    return Stage.AFTER if today - due <= STALE else None


def of_lines(lines: Iterable[Data], today: date) -> Iterator[Happening]:
    """Reminders of promises in opening plans, as `edomex_plan_due_list` tells them."""
    for line in lines:
        due = date.fromisoformat(line["due"])
        if stage := stage_of(due, today):
            key, facts = f"reminder:line:{line['line_id']}:{due}:{stage}", {"plan": line["plan_id"], "day": str(due)}
            yield Happening(kind=f"promise_{stage}", key=key, agency_id=line["agency_id"], facts=facts)


def of_updates(rows: Iterable[Data], today: date) -> Iterator[Happening]:
    """Reminders of editions that are due, as `edomex_update_due_list` tells them. An edition that is open reminds of itself."""
    for row in rows:
        due = date.fromisoformat(row["due"])
        stage = stage_of(due, today)
        if stage is None or row["has_edition"]:
            continue
        key = f"reminder:update:{row['dataset']['id']}:{due}:{stage}"
        facts = {"dataset": row["dataset"]["id"], "day": str(due)}
        yield Happening(kind=f"update_{stage}", key=key, agency_id=row["agency"]["id"], facts=facts)


def of_cycle(plans: Iterable[Data], today: date) -> Iterator[Happening]:
    """Reminders of the yearly cycle, as `edomex_plan_cycle_list` tells where each agency is."""
    for plan in plans:
        facts = {"plan": plan["plan_id"]} if plan["plan_id"] else {"agency": plan["agency_id"]}
        of_year = f"reminder:cycle:{plan['agency_id']}:{plan['year']}"
        for kind, name in _asked_of(plan, today):
            yield Happening(kind=kind, key=f"{of_year}:{name}", agency_id=plan["agency_id"], facts=facts)


def _asked_of(plan: Data, today: date) -> Iterator[tuple[str, str]]:
    update_by, report_by = date(today.year, *UPDATE_BY), date(today.year, *REPORT_BY)
    if plan["state"] != "approved" and today.month == 1:
        if plan["state"] != "submitted":
            yield ("plan_update", "update") if today <= update_by else ("plan_update_late", "update-late")
        if report_by - AHEAD <= today <= report_by:
            yield "plan_report", "report"
    if plan["state"] == "approved" and today.month in QUARTERS and today.day <= QUARTER_DAYS:
        yield "plan_review", f"quarter-{today.month}"
