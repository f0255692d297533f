"""Pages of accounts, for who administers an agency or the portal. They work without scripts; actions decide."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from ckan.plugins import toolkit as tk
from flask import Response, request

from ckanext.edomex.adapters.callers import NO_PAGE, call, may_use, reader
from ckanext.edomex.shield.logic.accounts import ROLES
from ckanext.edomex.shield.views.frame import shield

Page = str | Response | tuple[str, int]
NOT_SENT = "No se pudo enviar la invitación. Revise la dirección, o inténtelo de nuevo en unos minutos."
#: What an account may do in an agency, in words.
ROLE_NAMES = {"member": "Consulta", "editor": "Captura y envía datos", "admin": "Administra la dependencia y sus cuentas"}


@shield.get("/autoservicio/cuentas")
def accounts() -> Page:
    """Accounts of one's agencies, those first that somebody has to look at."""
    return _list()


@shield.post("/autoservicio/cuentas")
def invite() -> Page:
    """Invite somebody to an agency."""
    wanted = {name: request.form.get(name, "").strip() for name in ("email", "group_id", "role")}
    try:
        call("user_invite", **wanted)
    except tk.NotAuthorized:
        return tk.abort(HTTPStatus.NOT_FOUND, NO_PAGE)
    except tk.ValidationError as error:
        return _list(HTTPStatus.BAD_REQUEST, errors=_messages(error), values=wanted)
    tk.h.flash_success("La invitación va en camino. La cuenta se activa cuando la persona elige su contraseña.")
    return _see_list()


@shield.get("/autoservicio/cuentas/<name>")
def account(name: str) -> Page:
    """One account: note the day on which its owner leaves, or close it."""
    return _one(name)


@shield.post("/autoservicio/cuentas/<name>/salida")
def leave(name: str) -> Page:
    """Note the day on which somebody leaves."""
    return _take(name, "edomex_account_leave", "Se anotó.", on=request.form.get("on", "").strip())


@shield.post("/autoservicio/cuentas/<name>/cierre")
def close(name: str) -> Page:
    """Close an account."""
    return _take(name, "edomex_account_close", "La cuenta está cerrada: ya no entra, y sus claves y sesiones terminaron.")


def _take(name: str, action: str, done: str, **data: str) -> Page:
    try:
        call(action, user=name, **data)
    except (tk.NotAuthorized, tk.ObjectNotFound):
        return tk.abort(HTTPStatus.NOT_FOUND, NO_PAGE)
    except tk.ValidationError as error:
        return _one(name, HTTPStatus.BAD_REQUEST, errors=_messages(error), values=data)
    tk.h.flash_success(done)
    return _see_list()


def _list(status: int = HTTPStatus.OK, **shown: Any) -> Page:
    if tk.current_user.is_anonymous:
        return tk.redirect_to("user.login", next=tk.url_for("edomex_shield.accounts"))
    try:
        rows = [{**row, "mine": may_use("edomex_account_close", user=row["user"])} for row in call("edomex_account_report")]
    except tk.NotAuthorized:
        return tk.abort(HTTPStatus.NOT_FOUND, NO_PAGE)
    agencies = call("organization_list_for_user", permission="admin")
    page = {"errors": {}, "values": {}, "rows": rows, "agencies": agencies, "roles": {role: ROLE_NAMES[role] for role in ROLES}}
    return tk.render("edomex_shield/accounts.html", page | shown), status


def _one(name: str, status: int = HTTPStatus.OK, **shown: Any) -> Page:
    if tk.current_user.is_anonymous:
        return tk.redirect_to("user.login", next=tk.url_for("edomex_shield.accounts"))
    try:
        tk.check_access("edomex_account_close", reader(), {"user": name})
        row = next(row for row in call("edomex_account_report") if row["user"] == name)
    except (tk.NotAuthorized, StopIteration):
        return tk.abort(HTTPStatus.NOT_FOUND, NO_PAGE)
    own = name == tk.current_user.name
    return tk.render("edomex_shield/account.html", {"errors": {}, "values": {}} | shown | {"row": row, "own": own}), status


def _see_list() -> Response:
    response = tk.redirect_to("edomex_shield.accounts")
    response.status_code = HTTPStatus.SEE_OTHER
    return response


def _messages(error: tk.ValidationError) -> dict[str, list[str]]:
    found = error.error_dict if isinstance(error.error_dict, dict) else {}
    known = {field: [str(each) for each in told] for field, told in found.items() if isinstance(told, list)}
    return known or {"email": [NOT_SENT]}
