"""What a letter says at the moment at which it is sent: only what its recipient may still know of."""

from __future__ import annotations

import sqlalchemy as sa

from ckanext.edomex.notices import config
from ckanext.edomex.notices.domain import digests
from ckanext.edomex.notices.domain.letters import Letter
from ckanext.edomex.notices.domain.people import MAILTO, Standing
from ckanext.edomex.notices.logic import people, wording
from ckanext.edomex.notices.model import Notice


def composed(connection: sa.Connection, letter_id: int, recipient: str, *, is_daily: bool) -> Letter | None:
    """The letter's words; None where nothing in it concerns its recipient any more.

    An agency that somebody has left since is not spoken of, and a daily letter leaves out what was read meanwhile.
    """
    notices = sa.select(Notice).where(Notice.letter_id == letter_id).order_by(Notice.created_at, Notice.id)
    found = [row for row in connection.execute(notices).all() if _concerns(row, recipient)]
    if not is_daily:
        return wording.single(found[0].kind, found[0].facts) if found else None
    unread = [row for row in found if row.read_at is None]
    lines = [(wording.line_of(row.kind, row.facts), config.site_url() + wording.path_of(row.facts)) for row in unread]
    return wording.daily(len(unread), digests.listed(lines)) if unread else None


def _concerns(notice: sa.Row, recipient: str) -> bool:
    if recipient.startswith(MAILTO):
        return True
    return people.standings([recipient]).get(recipient, Standing()).may_know(notice.agency_id)
