"""Handing letters to the mail server, in a thread of its own: slow or dead, it delays nothing but letters.

A letter is locked while it is handed over. A process that dies between the server's OK and the commit leaves it as not
sent, and another sends it again, with the same Message-ID; nothing else sends a letter twice (docs/adr/0022-notices.md).
"""

from __future__ import annotations

import logging
from enum import Enum, auto

import sqlalchemy as sa
from ckan import model
from sqlalchemy.exc import DBAPIError

from ckanext.edomex.adapters import mail
from ckanext.edomex.adapters.duties import Duty
from ckanext.edomex.notices.domain import attempts
from ckanext.edomex.notices.jobs.composing import composed
from ckanext.edomex.notices.logic.people import address_of
from ckanext.edomex.notices.model import Letter, is_open, now

log = logging.getLogger(__name__)

#: Letters of one pass, after which a loop that is told to stop can.
BATCH = 20
#: Seconds until a server that did not answer is tried again: the first wait, doubled up to the longest.
FIRST_REST_S, LONGEST_REST_S = 5.0, 60.0


class Outcome(Enum):
    """What became of one letter."""

    NOTHING_DUE = auto()
    DONE = auto()
    SERVER_LOST = auto()


class Sender:
    """One process's way to the mail server: remembers how often it did not answer."""

    def __init__(self) -> None:
        self._lost = 0

    def work(self, engine: sa.Engine) -> float | None:
        """Send what is due. Where the server itself has trouble nothing more is tried in this pass."""
        if not mail.is_set_up():
            return None
        for _ in range(BATCH):
            outcome = _send_next(engine)
            if outcome == Outcome.SERVER_LOST:
                self._lost += 1
                return min(FIRST_REST_S * 2 ** min(self._lost - 1, 10), LONGEST_REST_S)
            if outcome == Outcome.NOTHING_DUE:
                return _seconds_to_next(engine)
            self._lost = 0
        return 0.0


def _send_next(engine: sa.Engine) -> Outcome:
    """One letter: sent, void, put off or given up, in one transaction that holds it."""
    due = (
        sa.select(Letter.id, Letter.recipient, Letter.day, Letter.attempts, Letter.created_at)
        .where(is_open(), Letter.next_at <= sa.select(sa.func.clock_timestamp()).scalar_subquery())
        .order_by(Letter.next_at, Letter.id).limit(1).with_for_update(skip_locked=True)
    )  # fmt: skip
    with engine.begin() as connection:
        letter = connection.execute(due).one_or_none()
        if letter is None:
            return Outcome.NOTHING_DUE
        address = address_of(letter.recipient)
        try:
            text = composed(connection, letter.id, letter.recipient, is_daily=letter.day is not None) if address else None
        except DBAPIError:
            raise
        except Exception as error:  # one letter that cannot be written must not keep the others
            log.exception("letter not written", extra={"event": "notices.letter_not_written", "letter": letter.id})
            _put_off(connection, letter, type(error).__name__, own=True)
            return Outcome.DONE
        if text is None or address is None:
            _note(connection, letter.id, void_at=now(connection))
            return Outcome.DONE
        # No transaction of CKAN's stays open while a server takes its time.
        model.Session.remove()
        identity = {"Message-ID": f"<edomex-aviso-{letter.id}-{int(letter.created_at.timestamp())}@edomex.invalid>"}
        try:
            mail.send(address, text.subject, text.text, mail.Enclosed(headers=identity))
        except mail.RefusedError as error:
            _put_off(connection, letter, str(error), own=True)
            return Outcome.DONE
        except mail.MailError as error:
            _put_off(connection, letter, str(error), own=False)
            return Outcome.SERVER_LOST
        _note(connection, letter.id, sent_at=now(connection), last_error=None)
    return Outcome.DONE


def _put_off(connection: sa.Connection, letter: sa.Row, error: str, *, own: bool) -> None:
    """Try again later, or never; a server's trouble does not lengthen the waits of the letter that met it."""
    instant = now(connection)
    extra = {"letter": letter.id, "error": error}
    if attempts.is_over(letter.created_at, instant):
        _note(connection, letter.id, dead_at=instant, last_error=error)
        log.error("letter given up", extra={"event": "notices.letter_dead", **extra})
        return
    wait = attempts.wait_s(letter.attempts if own else 0)
    later = sa.func.clock_timestamp() + sa.func.make_interval(0, 0, 0, 0, 0, 0, wait)
    _note(connection, letter.id, next_at=later, attempts=letter.attempts + own, last_error=error)
    event = "notices.letter_refused" if own else "notices.mail_lost"
    log.warning("letter not taken: %s", error, extra={"event": event, **extra})


def _note(connection: sa.Connection, letter_id: int, **values: object) -> None:
    connection.execute(sa.update(Letter).where(Letter.id == letter_id).values(**values))


def _seconds_to_next(engine: sa.Engine) -> float | None:
    until = sa.func.extract("epoch", sa.func.min(Letter.next_at) - sa.func.clock_timestamp())
    with engine.connect() as connection:
        found = connection.execute(sa.select(until).where(is_open())).scalar()
    return float(found) if found is not None else None


DUTY = Duty(name="letters", work=Sender().work)
