"""Writing a happening down for everybody whom it concerns, in the caller's transaction: once, however often it is heard."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping

import sqlalchemy as sa
from ckan.types import AlchemySession
from sqlalchemy.dialects.postgresql import insert

from ckanext.edomex.adapters import mail
from ckanext.edomex.notices.domain.kinds import KINDS, Delivery
from ckanext.edomex.notices.domain.people import MAILTO
from ckanext.edomex.notices.domain.telling import Happening, told
from ckanext.edomex.notices.logic import people
from ckanext.edomex.notices.model import Letter, Notice, Preference


def tell(session: AlchemySession, happening: Happening) -> int:
    """Write a notice for each person concerned, and a letter for those who are told at once; returns how many are new."""
    concerned = {**people.concerned(happening.agency_id), **happening.named}
    accounts = {each for who in concerned.values() for each in who if not each.startswith(MAILTO)}
    found = told(happening, concerned, people.standings(accounts), _chosen(session, accounts, KINDS[happening.kind].topic))
    new = _written(session, happening, found)
    if mail.is_set_up():
        _enclose(session, [notice_id for notice_id, recipient in new.items() if found[recipient] == Delivery.NOW], new)
    return len(new)


def _chosen(session: AlchemySession, accounts: Iterable[str], topic: str) -> dict[tuple[str, str], Delivery]:
    query = sa.select(Preference).where(Preference.user_id.in_(list(accounts)), Preference.topic == topic)
    return {(row.user_id, row.topic): Delivery(row.delivery) for row in session.execute(query).scalars()}


def _written(session: AlchemySession, happening: Happening, found: Mapping[str, Delivery]) -> dict[str, str]:
    """Notice → recipient of those that were not there before."""
    common = {"kind": happening.kind, "happening": happening.key, "agency_id": happening.agency_id, "facts": dict(happening.facts)}
    rows = [
        {**common, "id": str(uuid.uuid4()), "recipient": recipient, "delivery": str(how)} for recipient, how in sorted(found.items())
    ]
    if not rows:
        return {}
    statement = insert(Notice).values(rows).on_conflict_do_nothing(index_elements=["happening", "recipient"])
    return {row.id: row.recipient for row in session.execute(statement.returning(Notice.id, Notice.recipient))}


def _enclose(session: AlchemySession, notice_ids: Iterable[str], recipients: Mapping[str, str]) -> None:
    for notice_id in notice_ids:
        letter = Letter(recipient=recipients[notice_id])
        session.add(letter)
        session.flush()
        session.execute(sa.update(Notice).where(Notice.id == notice_id).values(letter_id=letter.id))
