"""The duty of a loop that writes to targets: one request at a time for each, a rest after every trouble, nothing lost by a crash.

The row of a target's contact is held while something is done there; a host that dies lets go of it, and what it had begun is found by
the next comparison.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import sqlalchemy as sa
from ckan import model as ckan_model
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from ckanext.edomex.adapters.duties import Duty
from ckanext.edomex.outbound import config, model
from ckanext.edomex.outbound.domain import answers, patience
from ckanext.edomex.outbound.domain.answers import Trouble
from ckanext.edomex.outbound.domain.copies import Operation, State
from ckanext.edomex.outbound.domain.targets import Kind
from ckanext.edomex.outbound.logic.ckan_api import CkanApi, NotThereError, TroubleError
from ckanext.edomex.outbound.logic.exchange import Done, bring_in_step
from ckanext.edomex.outbound.model import INSTANT, PUBLIC_HERE, Contact, Copy, Step, Target, sweep

log = logging.getLogger(__name__)

#: Copies of one target in one pass; then the next target has its turn.
BATCH = 50
#: What was noted is compared with what is public so often: the net below the outbox.
SWEEP_EVERY = timedelta(hours=6)
#: Refusals of one dataset before only a person goes on: what is invalid may become valid by their hand.
REFUSED_WAIT = timedelta(hours=24)
_READY = (
    sa.select(Target)
    .join(Contact, Contact.target_id == Target.id)
    .where(
        Target.enabled, Target.kind == Kind.CKAN,
        sa.or_(Contact.rest_until.is_(None), Contact.rest_until <= INSTANT),
    )
    .order_by(Contact.answered_at.asc().nulls_first())
)  # fmt: skip
_NEXT = sa.text("""
SELECT EXTRACT(EPOCH FROM min(GREATEST(c.due_at, COALESCE(k.rest_until, c.due_at))) - clock_timestamp())
FROM edomex_outbound_copy c JOIN edomex_outbound_target t ON t.id = c.target_id AND t.enabled AND t.kind = 'ckan'
JOIN edomex_outbound_contact k ON k.target_id = t.id WHERE c.due_at IS NOT NULL
""")


def work(engine: sa.Engine) -> float | None:
    """Bring what is due in step; returns seconds until more is."""
    with Session(engine) as session:
        targets = list(session.execute(_READY).scalars())
        session.expunge_all()
    for target in targets:
        _sweep_if_due(engine, target)
        # One for all copies of a pass: it keeps the pace that the target asks for, and the connection.
        with CkanApi(target.url, config.token_of(target.name), target.rate) as api:
            for _ in range(BATCH):
                if not _one(engine, target, api):
                    break
    with engine.connect() as connection:
        wait = connection.execute(_NEXT).scalar()
    # The net has to be thrown also where nothing is due.
    longest = SWEEP_EVERY.total_seconds()
    return (min(max(float(wait), 0.0), longest) if wait is not None else longest) if targets or wait is not None else None


def _one(engine: sa.Engine, target: Target, api: CkanApi) -> bool:
    """One copy of a target; whether there may be more."""
    with Session(engine) as session, session.begin():
        contact = _held(session, target)
        if contact is None or _rests(session, contact):
            return False
        due = sa.select(Copy).where(Copy.target_id == target.id, Copy.due_at <= INSTANT)
        copy = session.execute(due.order_by(*_order(contact)).limit(1)).scalar_one_or_none()
        if copy is None:
            return False
        marked, outcome = copy.marked, _exchanged(target, copy, api, partial(_keep, engine, copy.target_id, copy.package_id))
        # What others wrote meanwhile counts, and nobody writes more until this is noted.
        session.refresh(copy, with_for_update=True)
        goes_on = _note(session, contact, copy, outcome)
        if copy.marked != marked:
            # What was compared may not be what there is now.
            copy.due_at = _now(session)
    return goes_on


def _held(session: Session, target: Target) -> Contact | None:
    """The target's contact, which is ours until the end; None where somebody else has it."""
    held = sa.select(Contact).where(Contact.target_id == target.id).with_for_update(skip_locked=True)
    return session.execute(held).scalar_one_or_none()


def _order(contact: Contact) -> tuple[Any, ...]:
    """Withdrawals first: they take something off the public's eyes. After a trouble, whoever met fewest: it may be a copy's own."""
    usual = (PUBLIC_HERE, Copy.due_at, Copy.package_id)
    return (Copy.attempts, *usual) if contact.failures else usual


def _keep(engine: sa.Engine, target_id: str, package_id: str, name: str, written: str | None) -> None:
    """Note what a write left there, in a transaction of its own: nothing that happens to this one takes that back."""
    ours = sa.update(Copy).where(Copy.target_id == target_id, Copy.package_id == package_id)
    with engine.begin() as connection:
        connection.execute(ours.values(remote_name=name, sent=None, written=written))


def _exchanged(target: Target, copy: Copy, api: CkanApi, note: Callable[[str, str | None], None]) -> Done | TroubleError:
    ckan_model.Session.remove()
    try:
        return bring_in_step(api, target, copy, note)
    except TroubleError as error:
        return error
    except NotThereError:
        # It went while we looked; the next comparison finds what is there now.
        return TroubleError(answers.UNAVAILABLE)
    except DBAPIError:
        raise
    except Exception:  # one dataset that cannot be told must not keep the others from being sent
        log.exception("copy not made", extra={"event": "outbound.not_made", "package": copy.package_id, "target": target.name})
        return TroubleError(answers.NOT_MADE)
    finally:
        ckan_model.Session.remove()


def _note(session: Session, contact: Contact, copy: Copy, outcome: Done | TroubleError) -> bool:
    """Write down what became of a copy; whether the target may be asked for more."""
    if isinstance(outcome, TroubleError):
        _note_trouble(session, contact, copy, outcome)
        return not outcome.trouble.of_target
    _note_done(session, contact, copy, outcome)
    return True


def _rests(session: Session, contact: Contact) -> bool:
    return contact.rest_until is not None and contact.rest_until > _now(session)


def _sweep_if_due(engine: sa.Engine, target: Target) -> None:
    """In a transaction of its own: copies that it marks are not to be held while one of them is sent."""
    with Session(engine) as session, session.begin():
        contact, instant = _held(session, target), _now(session)
        if contact is not None and (contact.swept_at is None or contact.swept_at < instant - SWEEP_EVERY):
            sweep(session, contact.target_id)  # type: ignore[arg-type]  # any session will do
            session.execute(sa.delete(Step).where(Step.at < instant - timedelta(days=config.keep_days())))
            contact.swept_at = instant


def _note_done(session: Session, contact: Contact, copy: Copy, done: Done) -> None:
    instant = _now(session)
    contact.answered_at, contact.failures, contact.trouble, contact.rest_until = instant, 0, None, None
    changed = done.step.operation != Operation.NOTHING or copy.state != done.state
    copy.state, copy.remote_name, copy.sent, copy.written = done.state, done.remote_name, done.sent, done.written
    copy.reason, copy.trouble, copy.attempts, copy.overwrite, copy.modified_at = done.step.reason, None, 0, False, instant
    copy.behind_since = copy.behind_since if done.state in {State.REFUSED, State.SENT} else None
    copy.due_at = None if done.state in {State.REFUSED, State.WITHDRAWN} else instant + _look_again(done.state)
    if changed:
        _record(session, copy, done.step.operation, None)
    log.info("copy %s", done.step.operation, extra={"event": "outbound.copy", "operation": done.step.operation, "state": done.state})


def _note_trouble(session: Session, contact: Contact, copy: Copy, error: TroubleError) -> None:
    instant, trouble = _now(session), error.trouble
    copy.attempts += 1
    copy.trouble, copy.reason, copy.modified_at = trouble.code, error.text, instant
    if not trouble.of_target:
        contact.answered_at, contact.failures, contact.trouble = instant, 0, None
        copy.state, copy.due_at = State.REFUSED, instant + REFUSED_WAIT
        _record(session, copy, Operation.REFUSE, trouble)
        log.warning("copy refused: %s", trouble.code, extra={"event": "outbound.refused", "trouble": trouble.code})
        return
    copy.due_at = instant + timedelta(seconds=patience.copy_rest_s(copy.attempts))
    contact.failures += 1
    contact.trouble = trouble.code
    contact.rest_until = instant + timedelta(seconds=patience.rest_s(trouble, contact.failures, error.wait_s))
    level = logging.ERROR if patience.is_alarm(trouble, contact.failures) else logging.WARNING
    extra = {"event": "outbound.target_trouble", "trouble": trouble.code, "failures": contact.failures}
    log.log(level, "target in trouble: %s", trouble.code, extra=extra)


def _record(session: Session, copy: Copy, operation: str, trouble: Trouble | None) -> None:
    session.add(Step(
        target_id=copy.target_id, package_id=copy.package_id, operation=operation, state=copy.state, reason=copy.reason,
        trouble=trouble.code if trouble else None,
    ))  # fmt: skip


def _look_again(state: State) -> timedelta:
    seconds = {State.PRIVATE_THERE: patience.LOOK_AGAIN_PRIVATE_S, State.SENT: patience.FIRST_REST_S}.get(state, patience.LOOK_AGAIN_S)
    return timedelta(seconds=seconds)


def _now(session: Session) -> Any:
    return session.execute(sa.select(INSTANT)).scalar_one()


DUTY = Duty(name=model.DUTY, work=work)
