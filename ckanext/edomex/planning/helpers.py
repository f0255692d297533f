"""What templates of inventories and plans ask for."""

from __future__ import annotations

from typing import Any

from ckan.plugins import toolkit as tk
from ckan.types import Context

from ckanext.edomex.adapters.callers import reader
from ckanext.edomex.adapters.groups import agencies
from ckanext.edomex.planning.domain.inventory import DECISIONS
from ckanext.edomex.planning.domain.plan import EVENT_NAMES, LABELS
from ckanext.edomex.planning.logic import access

#: Promises of one page.
SHOWN_PROMISES = 100
#: Commitments that are due, of the start page; the oldest stand first.
SHOWN_DUE = 10


def edomex_planning_may(permission: str, agency_id: str) -> bool:
    """Whether the reader may call this action for this agency."""
    return access.may(reader(), f"edomex_{permission}", agency_id)


def edomex_planning_decisions() -> dict[str, str]:
    """Code → words of what an agency may decide."""
    return dict(DECISIONS)


def edomex_planning_move(move: str) -> str:
    """What happened, for people."""
    return EVENT_NAMES.get(move, move)


def edomex_planning_state(state: str) -> str:
    """Where a plan stands, for people."""
    return LABELS.get(state, state)


def edomex_planning_value(value: Any) -> str:
    """A value of the history as people read it."""
    if isinstance(value, bool):
        return "Sí" if value else "No"
    if isinstance(value, list):
        return "; ".join(str(each.get("name", "")) for each in value) or "—"
    return DECISIONS.get(value, str(value)) if value not in {None, ""} else "—"


def edomex_planning_agencies() -> list[dict[str, str]]:
    """Agencies whose inventories and plans the reader may see, by title."""
    mine = agencies(access.agencies(reader()))
    return [{"id": group.id, "name": group.name, "title": group.title or group.name} for group in mine]


def edomex_planning_promises(agency: str, month: Any) -> list[dict[str, Any]]:
    """What published plans promise and is not public yet, the first of it; of an agency, of a month, or all."""
    asked = {"agency": agency, "month": str(month) if month else ""}
    return tk.get_action("edomex_plan_promise_list")(Context(user=""), asked)[:SHOWN_PROMISES]


def edomex_planning_due() -> dict[str, Any]:
    """Commitments of approved plans that are due: `total`, `overdue`, and the first `rows` with the title of their agency."""
    found = tk.get_action("edomex_plan_due_list")(reader(), {})
    titles = {each["id"]: each["title"] for each in edomex_planning_agencies()} if found else {}
    rows = [{**row, "agency_title": titles.get(row["agency_id"], "")} for row in found[:SHOWN_DUE]]
    return {"total": len(found), "overdue": sum(row["overdue"] for row in found), "rows": rows}
