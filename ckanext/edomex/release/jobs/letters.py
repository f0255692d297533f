"""Telling people by mail what a release did, or will not do: one entry of the outbox for each letter."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk

from ckanext.edomex.adapters import mail
from ckanext.edomex.adapters.outbox import Entry, FollowUp, Moment, PoisonError, Subject
from ckanext.edomex.domain.clock import spoken
from ckanext.edomex.release import config
from ckanext.edomex.release.domain.letters import LETTERS, written
from ckanext.edomex.release.domain.lifecycle import State
from ckanext.edomex.release.model import Event, Outbox, Release, enqueue

#: Beginning of a recipient that is one of the operator's addresses, by its place in the list, and no account.
OPERATOR = "operator"


def address(entries: Sequence[Entry]) -> None:
    """Write one envelope for each person concerned; those that were written before are not written again."""
    for entry in entries:
        release = model.Session.get(Release, entry.key)
        event = _event(release) if release is not None else None
        if release is None or event is None or _what(release, event) not in LETTERS:
            continue
        # The event's number makes each happening its own; a problem found anew has the same event and is told by the page.
        keys = [f"{release.id}:{event.id}:{_what(release, event)}:{who}" for who in _concerned(release)]
        known = set(model.Session.scalars(sa.select(Outbox.dedupe_key).where(Outbox.kind == "letter", Outbox.dedupe_key.in_(keys))))
        enqueue(model.Session, "letter", [key for key in keys if key not in known])
        model.Session.commit()


def send(entries: Sequence[Entry]) -> None:
    """Send the letters; what the server refuses for one person does not keep the others from theirs."""
    failed = {}
    for entry in entries:
        release_id, _event_id, what, who = entry.key.split(":", 3)
        release, to = model.Session.get(Release, release_id), _address_of(who)
        if release is None or to is None:
            continue
        page = f"{tk.config['ckan.site_url']}/autoservicio/liberacion/{release.id}"
        letter = written(what, address=page, moment=spoken(release.release_at) if release.release_at else "")
        try:
            mail.send(to, letter.subject, letter.text)
        except mail.MailError as error:
            failed[entry.key] = str(error)
    if failed:
        raise PoisonError(failed)


def _event(release: Release) -> Event | None:
    return model.Session.query(Event).filter_by(release_id=release.id).order_by(Event.id.desc()).first()


def _what(release: Release, event: Event) -> str:
    """A release that is still scheduled has not failed: its rehearsal found a problem."""
    return "problem" if release.state == State.SCHEDULED and release.problems else event.move


def _concerned(release: Release) -> list[str]:
    """Who sent it and who approved it; the operators too where something went wrong."""
    people = {release.submitted_by, release.approved_by} - {None}
    wrong = release.state in {State.FAILED, State.SCHEDULED}
    operators = [f"{OPERATOR}{number}" for number in range(len(config.alarm_mail()))] if wrong else []
    return [*sorted(str(person) for person in people), *operators]


def _address_of(who: str) -> str | None:
    if who.startswith(OPERATOR) and who.removeprefix(OPERATOR).isdigit():
        listed, number = config.alarm_mail(), int(who.removeprefix(OPERATOR))
        return listed[number] if number < len(listed) else None
    user = model.User.get(who)
    return user.email if user is not None and user.state == model.State.ACTIVE else None


_TOLD = frozenset({Moment.RELEASED, Moment.WITHDRAWN, Moment.FAILED})
FOLLOW_UPS = (
    FollowUp(kind="mail", priority=4, batch=50, on=_TOLD, subject=Subject.RELEASE, handle=address, wanted=mail.is_set_up),
    FollowUp(kind="letter", priority=4, batch=10, on=frozenset(), subject=Subject.OTHER, handle=send),
)
