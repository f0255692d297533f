"""Once a day, at the operator's hour in the state's zone: what is due, letters of what is unread; old things go."""

from __future__ import annotations

import logging
from datetime import date, timedelta

import sqlalchemy as sa
from ckan.types import AlchemySession
from sqlalchemy.dialects.postgresql import insert

from ckanext.edomex.adapters import mail
from ckanext.edomex.adapters.duties import Duty
from ckanext.edomex.adapters.unit_of_work import unit_of_work
from ckanext.edomex.domain.clock import local
from ckanext.edomex.notices import config
from ckanext.edomex.notices.domain import digests
from ckanext.edomex.notices.domain.kinds import Delivery
from ckanext.edomex.notices.jobs import sender
from ckanext.edomex.notices.jobs.reminding import remind
from ckanext.edomex.notices.model import DAILY, Letter, Mark, Notice, is_open, mark_of, now

log = logging.getLogger(__name__)

#: What is older was not worth a letter when there was no mail server.
FRESH = timedelta(days=7)
_ALONE = sa.text("SELECT pg_advisory_xact_lock(hashtextextended('edomex_notices_daily', 0))")


def work(_engine: sa.Engine) -> float | None:
    """Do the day's work if it is due and nobody has; returns seconds until that hour comes next.

    It is one transaction: letters and the note that this day is done come about together, or not at all.
    """
    with unit_of_work() as session:
        instant = now(session)
        if _day_of(session) is not None:
            session.execute(_ALONE)
            # Another loop may have done it while this one waited.
            if (day := _day_of(session)) is not None:
                remind(session)
                count = compose(session, day)
                _sweep(session)
                note = insert(Mark).values(name=DAILY, at=instant)
                session.execute(note.on_conflict_do_update(index_elements=["name"], set_={"at": instant}))
                log.info("daily letters: %d", count, extra={"event": "notices.daily", "letters": count})
    sender.DUTY.wake.set()
    return digests.seconds_until(instant, config.digest_time())


def _day_of(session: AlchemySession) -> date | None:
    last = mark_of(session, DAILY)
    return digests.due(now(session), config.digest_time(), local(last).date() if last else None)


def compose(session: AlchemySession, day: date) -> int:
    """One letter for each person with unread notices that wait for it; returns how many."""
    if not mail.is_set_up():
        return 0
    waiting = (
        Notice.delivery == Delivery.DIGEST, Notice.letter_id.is_(None), Notice.read_at.is_(None),
        Notice.created_at > now(session) - FRESH,
    )  # fmt: skip
    recipients = session.execute(sa.select(Notice.recipient).where(*waiting).distinct().order_by(Notice.recipient)).scalars().all()
    for recipient in recipients:
        letter = Letter(recipient=recipient, day=day)
        session.add(letter)
        session.flush()
        session.execute(sa.update(Notice).where(*waiting, Notice.recipient == recipient).values(letter_id=letter.id))
    return len(recipients)


def _sweep(session: AlchemySession) -> None:
    edge = now(session) - timedelta(days=config.keep_days())
    session.execute(sa.delete(Notice).where(Notice.created_at < edge))
    session.execute(sa.delete(Letter).where(Letter.created_at < edge, sa.not_(is_open())))


DUTY = Duty(name="daily", work=work)
