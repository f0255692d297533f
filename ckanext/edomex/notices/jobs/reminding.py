"""The day's reminders: what other rooms say is due, written down for everybody concerned."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from ckan.plugins import plugin_loaded
from ckan.types import AlchemySession

from ckanext.edomex.adapters.callers import call_as_site
from ckanext.edomex.domain.clock import local
from ckanext.edomex.notices.domain import reminders
from ckanext.edomex.notices.domain.telling import Happening
from ckanext.edomex.notices.logic.telling import tell
from ckanext.edomex.notices.model import now

#: Rows of one question.
PAGE = 500


def remind(session: AlchemySession) -> int:
    """Write down what is to be told today and was not; returns how many notices are new. Twice a day is as once."""
    today = local(now(session)).date()
    return sum(tell(session, happening) for happening in _due(today))


def _due(today: date) -> Iterator[Happening]:
    if plugin_loaded("edomex_planning"):
        yield from reminders.of_lines(call_as_site("edomex_plan_due_list", within=reminders.AHEAD.days), today)
        yield from reminders.of_cycle(call_as_site("edomex_plan_cycle_list"), today)
    if plugin_loaded("edomex_release"):
        yield from reminders.of_updates(_updates(), today)


def _updates() -> Iterator[dict[str, Any]]:
    offset = 0
    while True:
        found = call_as_site("edomex_update_due_list", within=reminders.AHEAD.days, limit=PAGE, offset=offset)["rows"]
        yield from found
        offset += len(found)
        if len(found) < PAGE:
            return
