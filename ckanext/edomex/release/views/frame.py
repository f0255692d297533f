"""What all pages of releases share: their blueprint, who may come in, how an action is called and its error explained."""

from __future__ import annotations

import functools
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from ckan.plugins import toolkit as tk
from flask import Blueprint, Response, request

from ckanext.edomex.adapters.answers import field_errors_are_400
from ckanext.edomex.adapters.callers import NO_PAGE
from ckanext.edomex.release.domain.errors import FieldError
from ckanext.edomex.release.domain.schedule import FIELD

Data = dict[str, Any]
Page = str | Response | tuple[str, int]

release = Blueprint("edomex_release", __name__)
release.after_app_request(field_errors_are_400)


def for_staff(view: Callable[..., Page]) -> Callable[..., Page]:
    """Send whoever is not logged in to do so, and back; one answer for what is hidden from them and what is not there."""

    @functools.wraps(view)
    def checked(**arguments: Any) -> Page:
        if tk.current_user.is_authenticated:
            try:
                return view(**arguments)
            except tk.ObjectNotFound:
                return tk.abort(HTTPStatus.NOT_FOUND, NO_PAGE)
        back = request.path if request.method == "GET" else tk.url_for("edomex_release.start")
        return tk.redirect_to("user.login", next=back)

    return checked


def address_base(endpoint: str, **last: str) -> str:
    """What the addresses of many things of one kind begin with, given «-» for the last part.

    CKAN takes most of a millisecond for an address, and a page may have a hundred.
    """
    return tk.url_for(endpoint, **last).removesuffix("-")


def see_other(endpoint: str, **values: Any) -> Response:
    """Send the browser on after a form, so that reloading does not send it again."""
    response = tk.redirect_to(endpoint, **values)
    response.status_code = HTTPStatus.SEE_OTHER
    return response


def explained(error: Exception) -> tuple[HTTPStatus, dict[str, list[str]]]:
    """Status and messages of an error, by the field of the form; what belongs to none is under `""`."""
    if isinstance(error, FieldError):
        return HTTPStatus.BAD_REQUEST, {"date" if error.field == FIELD else error.field: [str(error)]}
    if isinstance(error, tk.NotAuthorized):
        return HTTPStatus.FORBIDDEN, {"": [str(error.message or "No puede hacer esto con su cuenta.")]}
    assert isinstance(error, tk.ValidationError)
    found = error.error_dict
    if "allowed" in found:
        return HTTPStatus.CONFLICT, {"": [str(found["message"])]}
    places = {FIELD: "date", "id": "", "dataset_id": "", "message": ""}
    return HTTPStatus.BAD_REQUEST, {
        places.get(field, field): [str(each) for each in (messages if isinstance(messages, list) else [messages])]
        for field, messages in found.items()
        # It is in the message as well, in words.
        if field != "next_allowed"
    }
