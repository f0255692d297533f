"""The brake on log-ins, on letters that reset a password, and on codes.

Without Valkey nobody can tell how often somebody tried, nor keep a session: log-in and resets are refused until it
is back, before a password is looked at. Reading, and programs with a token, go on.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

from ckan import model
from flask import Response, request
from passlib.handlers.pbkdf2 import pbkdf2_sha512
from werkzeug.exceptions import HTTPException

from ckanext.edomex.shield import config
from ckanext.edomex.shield.domain import brake as rules
from ckanext.edomex.shield.model import brake
from ckanext.edomex.shield.views.frame import refusal

log = logging.getLogger(__name__)

WAIT = "Hubo demasiados intentos. Espere {time} y vuelva a intentarlo. Si olvidó su contraseña, puede pedir una nueva."
WAIT_LETTER = "Ya se pidieron varios mensajes. Espere {time} antes de pedir otro, y revise mientras su correo no deseado."
CLOSED = "Por ahora no se puede iniciar sesión. Inténtelo de nuevo en unos minutos; los datos públicos se pueden consultar."


class RefusedError(HTTPException):
    """An attempt that has to wait; becomes its page wherever it is raised."""

    def __init__(self, response: Response) -> None:
        super().__init__(response=response)


def guarded(call: Callable[..., Any]) -> Callable[..., Any]:
    """Refuse when nobody can count."""

    @functools.wraps(call)
    def counted(*arguments: Any, **options: Any) -> Any:
        try:
            return call(*arguments, **options)
        except brake.BrakeError as error:
            log.error("log-ins cannot be counted (%s): refused", error, extra={"event": "door.closed"})  # noqa: TRY400  # no trace needed
            raise RefusedError(refusal(HTTPStatus.SERVICE_UNAVAILABLE, "Unavailable", CLOSED, Retry_After="60")) from None

    return counted


@guarded
def before_password(identity: dict[str, Any]) -> None:
    """Called before a password is looked at, wherever that is: log-in, and changes of one's own account."""
    if not identity.get("login") or not identity.get("password"):
        return
    account, address = _account(identity["login"]), _address()
    hold(rules.of_log_in(account, address, known=brake.knows(account, address)), WAIT, "log-in")
    user = model.User.get(account)
    if user is None or user.state != model.State.ACTIVE:
        # CKAN answers at once for who does not exist, which tells who does.
        pbkdf2_sha512.verify(identity["password"], _nobodys())


@functools.cache
def _nobodys() -> str:
    return pbkdf2_sha512.hash("nobody")


@guarded
def after_log_in(user: model.User) -> None:
    """Whoever proved who they are starts anew, and may come again from here."""
    address = _address()
    own, shared = rules.of_log_in(user.name, address, known=True)
    brake.forget([own])
    brake.give_back([shared])
    brake.know(user.name, address)


def before_letter() -> None:
    """Called before CKAN mails a link that sets a new password."""
    if request.method == "POST" and request.endpoint == "user.request_reset" and request.form.get("user"):
        _letter(request.form["user"])


@guarded
def _letter(asked: str) -> None:
    hold(rules.of_letter(_account(asked), _address()), WAIT_LETTER, "letter")


def hold(counters: Iterable[rules.Counter], message: str, kind: str) -> None:
    """Count an attempt. RefusedError with the page to show if it has to wait."""
    wait = brake.take(counters)
    if wait:
        log.warning("held back: %s, %d s, from %s", kind, wait, _address(), extra={"event": "door.held_back", "kind": kind})
        text = message.format(time=rules.spoken(wait))
        raise RefusedError(refusal(HTTPStatus.TOO_MANY_REQUESTS, "Too Many Requests", text, Retry_After=str(wait)))


def _account(login: str) -> str:
    """The account that is meant, whichever of its names somebody typed; what they typed if there is none."""
    typed = login.strip()[:255]
    user = model.User.by_name(typed) or model.User.by_email(typed)
    return user.name if user else typed.lower()


def _address() -> str:
    """Where the request comes from, as the last proxy that is ours saw it."""
    hops = config.trusted_proxies()
    told = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()]
    found = told[-hops] if 0 < hops <= len(told) else request.remote_addr
    return rules.of_address(found or "")
