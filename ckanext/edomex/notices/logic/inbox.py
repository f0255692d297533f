"""What is in somebody's inbox: theirs, and of agencies that they may know of now."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from ckan import model

from ckanext.edomex.notices.domain.people import Standing
from ckanext.edomex.notices.logic import people
from ckanext.edomex.notices.model import Notice


def theirs(user_id: str) -> Any:
    """The condition of notices that an account reads."""
    standing = people.standings([user_id]).get(user_id, Standing())
    own = Notice.recipient == user_id
    return own if standing.is_state else sa.and_(own, Notice.agency_id.in_(sorted(standing.agencies)))


def unread(user_id: str) -> int:
    """How many somebody has not read. Who has none at all costs one look at an index."""
    query = sa.select(sa.func.count()).select_from(Notice).where(Notice.recipient == user_id, Notice.read_at.is_(None))
    if not model.Session.execute(query).scalar_one():
        return 0
    return model.Session.execute(query.where(theirs(user_id))).scalar_one()
