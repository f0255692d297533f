"""The page of the second factor: it comes between password and session, and is where one is set up."""

from __future__ import annotations

from http import HTTPStatus

import segno
from ckan import model
from ckan.plugins import toolkit as tk
from flask import Response, request, session

from ckanext.edomex.shield.domain import brake as brake_rules
from ckanext.edomex.shield.domain import second_factor as rules
from ckanext.edomex.shield.logic import second_factor as logic
from ckanext.edomex.shield.model import brake, factors
from ckanext.edomex.shield.views import sessions
from ckanext.edomex.shield.views.brake import guarded, hold
from ckanext.edomex.shield.views.frame import shield

Page = str | Response | tuple[str, int]
#: Where to go once the second factor has been shown; in the session, so that nobody else writes it.
_NEXT = "_edomex_next"
WRONG = "El código no es correcto, o ya se usó. Escriba el que la aplicación muestra ahora."
WAIT = "Hubo demasiados códigos incorrectos. Espere {time} y vuelva a intentarlo."


@shield.after_app_request
def lead_here(response: Response) -> Response:
    """Send on whoever has just given the right password, and remember where they wanted to go."""
    if request.endpoint == "user.login" and request.method == "POST" and session.get(logic.PENDING) and response.location:
        session[_NEXT] = response.location
        response.location = tk.url_for("edomex_shield.second_factor")
    return response


@shield.before_app_request
def go_on() -> Response | None:
    """Whoever is half-way in and is asked to log in is asked for what is missing, not for the password again."""
    if request.endpoint == "user.login" and request.method == "GET" and sessions.pending() is not None:
        return tk.redirect_to("edomex_shield.second_factor")
    return None


@shield.get("/autoservicio/segundo-factor")
def second_factor() -> Page:
    """Ask for a code, or show how to set a second factor up."""
    user = _person()
    return _page(user) if user else _to_log_in()


@shield.post("/autoservicio/segundo-factor")
def show_code() -> Page:
    """Take a code: the first one sets the second factor up, each later one completes a log-in."""
    user = _person()
    if user is None:
        return _to_log_in()
    code, known = request.form.get("code", ""), factors.is_confirmed(user.id)
    if known and session.get(logic.PENDING) is None:
        return tk.redirect_to("edomex_shield.second_factor")
    _hold(user)
    codes = None if known else logic.confirm(user, code)
    if not (codes or (known and logic.check(user, code))):
        return _page(user, WRONG)
    brake.forget(brake_rules.of_code(user.name))
    onward = session.pop(_NEXT, None)
    sessions.complete(user)
    if codes is None:
        return _onward(onward)
    # Not to be had again, and so not to be found in a browser's history.
    return tk.render("edomex_shield/recovery_codes.html", {"codes": codes, "onward": _local(onward)})


@guarded
def _hold(user: model.User) -> None:
    hold(brake_rules.of_code(user.name), WAIT, "code")


def _person() -> model.User | None:
    """Who is half-way in, or all the way."""
    if tk.current_user.is_authenticated and not session.get(logic.PENDING):
        return model.User.get(tk.current_user.id) if session.get("_user_id") else None
    return sessions.pending()


def _to_log_in() -> Response:
    return tk.redirect_to("user.login", next=tk.url_for("edomex_shield.second_factor"))


def _page(user: model.User, wrong: str = "") -> Page:
    half_way = session.get(logic.PENDING) is not None
    shown = {"wrong": wrong, "half_way": half_way, "known": factors.is_confirmed(user.id)}
    if not shown["known"]:
        secret = logic.begin(user)
        address = rules.address(secret, user.name, tk.config["ckan.site_title"])
        shown |= {"secret": " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))}
        shown |= {"picture": segno.make(address, error="m").svg_data_uri(scale=5, border=4), "address": address}
    return tk.render("edomex_shield/second_factor.html", shown), HTTPStatus.BAD_REQUEST if wrong else HTTPStatus.OK


def _onward(target: str | None) -> Response:
    return tk.redirect_to(_local(target))


def _local(target: str | None) -> str:
    return target if target and tk.h.url_is_local(target) else tk.url_for("home.index")
