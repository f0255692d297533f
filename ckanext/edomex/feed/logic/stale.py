"""The last good catalogue in the place of one that cannot be read, where the operator wants that rather than a refusal."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta

from ckan import model as ckan_model
from ckan.types import AlchemySession
from sqlalchemy.exc import SQLAlchemyError

from ckanext.edomex.domain.clock import aware
from ckanext.edomex.feed import config, model
from ckanext.edomex.feed.logic import copies
from ckanext.edomex.feed.logic.copies import Kept
from ckanext.edomex.feed.logic.state import withdrawals
from ckanext.edomex.feed.model import ledger


def last_good(form: str) -> Kept | None:
    """This machine's newest copy of the whole catalogue in this form; None without a fresh one, or if it may not be shown.

    A copy that was last right before something was withdrawn is not shown. While PostgreSQL does not answer nobody knows
    that, and `stale_for_s` alone bounds it.
    """
    seconds = config.stale_for_s()
    if not seconds or not form:
        return None
    since = datetime.now(UTC) - timedelta(seconds=seconds)
    session = ckan_model.Session
    try:
        since = max(since, aware(ledger.last_loss(session) or since))
        if _lost_on_purpose(session):
            return None
    except SQLAlchemyError:
        with contextlib.suppress(SQLAlchemyError):
            session.rollback()
    return copies.newest(form, since)


def _lost_on_purpose(session: AlchemySession) -> bool:
    """Whether something was withdrawn that the feed has not told of yet."""
    here = {one.id for one in model.public_datasets(session)}
    told = [key for key, each in ledger.entries(session).items() if each.present]
    return bool(withdrawals(sorted(key for key in told if key not in here)))
