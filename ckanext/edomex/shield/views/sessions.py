"""Sessions of staff, in place of CKAN's: nobody who only reads gets one.

CKAN 2.12 writes a year-long cookie for every visitor, because each page carries a CSRF token; a copied cookie works
after its owner has logged out. Here a session begins with a form or a log-in, lives in Valkey, changes its id when
somebody logs in or out, and ends after a time without requests, after a working day, or when somebody ends it.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable
from typing import Any

from ckan import model
from ckan.lib import signals
from flask import Flask, Request, Response, current_app, session
from flask.sessions import SessionInterface, SessionMixin
from werkzeug.datastructures import CallbackDict

from ckanext.edomex.shield import config
from ckanext.edomex.shield.logic import second_factor
from ckanext.edomex.shield.model import factors
from ckanext.edomex.shield.model import sessions as store

log = logging.getLogger(__name__)
#: Content that alone is no reason to keep a session.
_MARKS = frozenset({"_born", "_permanent"})
#: In a session: what its owner's password was when it began.
_STAMP = "_edomex_stamp"
#: Seconds between the password and the second factor.
PENDING_S = 900


class StaffSession(CallbackDict, SessionMixin):
    """One request's view of a session."""

    def __init__(self, content: dict[str, Any] | None = None, *, id: str = "", lost: bool = False) -> None:  # noqa: A002  # a session's
        def changed(_self: Any) -> None:
            self.modified = True

        super().__init__(content, changed)
        self.modified = False
        self.id = id
        #: Whether the store has it already; if not, a cookie has to be sent.
        self.known = content is not None
        #: Whether the store did not answer: then nothing is written, and the cookie is left alone.
        self.lost = lost
        #: Whether the browser holds a cookie that no longer means anything.
        self.stale = False

    def __bool__(self) -> bool:
        return bool(self.keys() - _MARKS)


class StaffSessions(SessionInterface):
    """Opens and keeps sessions; Flask calls it around every request."""

    def open_session(self, app: Flask, request: Request) -> StaffSession:
        """The session that the cookie names, or an empty one."""
        wanted = request.cookies.get(self.get_cookie_name(app))
        opened = self._read(wanted) if wanted else StaffSession()
        if app.config["REMEMBER_COOKIE_NAME"] in request.cookies:
            # It would log in without a session that can be ended. The browser is told to forget it.
            opened["_remember"] = "clear"
        return opened

    def _read(self, wanted: str) -> StaffSession:
        try:
            content = store.read(wanted, config.session_limits())
        except store.StoreError as error:
            log.warning("sessions cannot be read (%s); visitors read on", error, extra={"event": "session.store_lost"})
            return StaffSession(lost=True)
        opened = StaffSession(content, id=wanted if content is not None else "")
        opened.stale = content is None
        return opened

    def regenerate(self, opened: StaffSession) -> None:
        """Give a session another id, so that whoever planted or saw the old one has nothing. CKAN calls it at log-in."""
        if opened.known:
            _end(opened.id)
        opened.id, opened.known, opened.modified = "", False, True
        opened["_born"] = time.time()

    def save_session(self, app: Flask, session: Any, response: Response) -> None:
        """Write what changed; a cookie only for who has a new id."""
        if session.lost:
            return
        if not session:
            if session.known:
                _end(session.id)
            if session.known or session.stale:
                self._send(app, response, "")
            return
        if session.modified:
            self._write(app, session, response)

    def _write(self, app: Flask, session: StaffSession, response: Response) -> None:
        known = session.known
        if not known:
            session.id = session.id or store.new_id()
            session.setdefault("_born", time.time())
        try:
            store.write(session.id, dict(session), config.session_limits(), known=known)
        except store.StoreError as error:
            log.warning("a session cannot be kept (%s)", error, extra={"event": "session.store_lost"})
            return
        if not known:
            self._send(app, response, session.id)

    def _send(self, app: Flask, response: Response, value: str) -> None:
        place = {"domain": self.get_cookie_domain(app), "path": self.get_cookie_path(app)}
        flags = {"secure": self.get_cookie_secure(app), "httponly": True, "samesite": self.get_cookie_samesite(app)}
        # Without an expiry of its own: the store decides how long it means anything.
        response.set_cookie(self.get_cookie_name(app), value, **place, **flags, max_age=None if value else 0)


def _end(session_id: str) -> None:
    try:
        store.end(session_id)
    except store.StoreError as error:
        log.warning("a session cannot be ended (%s)", error, extra={"event": "session.store_lost"})


#: What else has to know that somebody logged in.
_told: list[Callable[[model.User], None]] = []


def watch(tell: Callable[[model.User], None]) -> None:
    """Follow log-ins and log-outs; signals know each receiver once, however often this is called."""
    _told[:] = [tell]
    signals.user_logged_in.connect(_logged_in)
    signals.user_logged_out.connect(_logged_out)
    signals.perform_password_reset.connect(_password_reset)


def _logged_in(_sender: Any, user: Any = None, **_more: Any) -> None:
    interface = current_app.session_interface
    opened: Any = session
    if not isinstance(interface, StaffSessions):
        return
    for name in ("_remember", "_remember_seconds"):
        opened.pop(name, None)
    for tell in _told:
        tell(user)
    opened[_STAMP] = stamp(user)
    opened.pop(second_factor.SHOWN, None)
    if factors.is_confirmed(user.id) or second_factor.is_needed(user):
        opened[second_factor.PENDING] = time.time()
    _renew(opened, user)


def _renew(opened: Any, user: model.User) -> None:
    interface = current_app.session_interface
    assert isinstance(interface, StaffSessions)
    interface.regenerate(opened)
    opened.id = store.new_id()
    try:
        store.note(user.id, opened.id, config.session_limits())
    except store.StoreError as error:
        # A session that could not be found again shall not begin.
        opened.lost = True
        log.warning("a session cannot be kept (%s)", error, extra={"event": "session.store_lost"})


def _logged_out(_sender: Any, **_more: Any) -> None:
    opened: Any = session
    forget = opened.get("_remember")
    opened.clear()
    if forget:
        opened["_remember"] = forget


def _password_reset(_sender: Any, user: model.User | None = None, **_more: Any) -> None:
    if user is not None:
        store.end_all(user.id)


def stamp(user: model.User) -> str:
    """What changes with a person's password: a session from before does not outlive it."""
    return hashlib.sha256(f"{user.id}:{user.password}".encode()).hexdigest()[:32]


def owner(user_id: str) -> model.User | None:
    """Whose session this is, second factor shown or not: active, and with the password of when it began."""
    user = model.User.get(user_id)
    good = user is not None and user.state == model.State.ACTIVE and session.get(_STAMP) == stamp(user)
    return user if good else None


def pending() -> model.User | None:
    """Who has given a password and not yet a second factor; nobody once that took too long."""
    since, user_id = session.get(second_factor.PENDING), session.get("_user_id")
    if since is None or user_id is None or time.time() - since > PENDING_S:
        return None
    return owner(user_id)


def complete(user: model.User) -> None:
    """From now on the session is its owner's in full, under another id."""
    opened: Any = session
    opened.pop(second_factor.PENDING, None)
    opened[second_factor.SHOWN] = time.time()
    _renew(opened, user)


def stand_in(user_id: str) -> model.AnonymousUser | None:
    """A visitor in place of whoever the session cannot vouch for; nothing if it can.

    A password alone makes nobody: until the second factor is shown, every page and action sees a visitor.
    """
    if session.get(second_factor.PENDING) is not None:
        if pending() is None:
            session.clear()
        return model.AnonymousUser()
    if owner(user_id) is None:
        session.clear()
        return model.AnonymousUser()
    return None
