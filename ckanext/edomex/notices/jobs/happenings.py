"""Hearing what releases do: one kind of the outbox's work, which only writes notices down. Letters are another's duty."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import timedelta

from ckan.plugins import toolkit as tk
from sqlalchemy.exc import DBAPIError

from ckanext.edomex.adapters.callers import call_as_site
from ckanext.edomex.adapters.outbox import Entry, FollowUp, Moment, PoisonError, Subject
from ckanext.edomex.adapters.unit_of_work import unit_of_work
from ckanext.edomex.notices.domain.releases import happenings
from ckanext.edomex.notices.jobs import sender
from ckanext.edomex.notices.logic.telling import tell
from ckanext.edomex.notices.model import SINCE, mark_of, now

log = logging.getLogger(__name__)

#: What happened longer ago is no news: an outbox that stood still for so long is an alarm of its own.
LATEST = timedelta(days=7)


def hear(entries: Sequence[Entry]) -> None:
    """Write down what happened to these releases, for everybody concerned. What was told before is not told again."""
    failed: dict[str, str] = {}
    for entry in entries:
        try:
            _hear_one(entry.key)
        except DBAPIError:
            raise
        except Exception as error:  # one release that cannot be told must not keep the others from being told
            log.exception("release not told", extra={"event": "notices.not_told", "release": entry.key})
            failed[entry.key] = type(error).__name__
    sender.DUTY.wake.set()
    if failed:
        raise PoisonError(failed)


def _hear_one(release_id: str) -> None:
    try:
        release = call_as_site("edomex_release_happenings", id=release_id)
    except tk.ObjectNotFound:
        return
    with unit_of_work() as session:
        since, edge = mark_of(session, SINCE), now(session) - LATEST
        for happening in happenings(release, max(since, edge) if since else edge):
            tell(session, happening)


FOLLOW_UPS = (FollowUp(kind="notice", priority=4, batch=50, on=frozenset(Moment), subject=Subject.RELEASE, handle=hear),)
