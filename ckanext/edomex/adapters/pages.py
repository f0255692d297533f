"""What pages for staff have in common, whichever room they are of: who may come in, and how a form is answered."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from ckan.plugins import toolkit as tk
from flask import Response, request

from ckanext.edomex.adapters.callers import NO_PAGE

Page = str | Response | tuple[str, int]
Errors = dict[str, list[str]]
CSV, XLSX = "text/csv; charset=utf-8", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SANDBOX = "default-src 'none'; sandbox"


def for_staff(start: str) -> Callable[[Callable[..., Page]], Callable[..., Page]]:
    """A decorator: whoever is not logged in is sent to do so, and back; hidden and absent have one answer.

    Args:
        start: endpoint to come back to after a form that was sent without a session.
    """

    def decorate(view: Callable[..., Page]) -> Callable[..., Page]:
        @functools.wraps(view)
        def checked(**arguments: Any) -> Page:
            if tk.current_user.is_authenticated:
                try:
                    return view(**arguments)
                except tk.ObjectNotFound:
                    return tk.abort(HTTPStatus.NOT_FOUND, NO_PAGE)
            back = request.path if request.method == "GET" else tk.url_for(start)
            return tk.redirect_to("user.login", next=back)

        return checked

    return decorate


def for_those_concerned(start: str) -> Callable[[Callable[..., Page]], Callable[..., Page]]:
    """A decorator: as `for_staff`, and for whoever may not look there is no such page.

    Args:
        start: as for `for_staff`.
    """

    def decorate(view: Callable[..., Page]) -> Callable[..., Page]:
        @for_staff(start)
        @functools.wraps(view)
        def checked(**arguments: Any) -> Page:
            try:
                return view(**arguments)
            except tk.NotAuthorized:
                return tk.abort(HTTPStatus.NOT_FOUND, NO_PAGE)

        return checked

    return decorate


def see_other(endpoint: str, **values: Any) -> Response:
    """Send the browser on after a form, so that reloading does not send it again."""
    response = tk.redirect_to(endpoint, **values)
    response.status_code = HTTPStatus.SEE_OTHER
    return response


def explained(error: tk.ValidationError | tk.NotAuthorized) -> tuple[HTTPStatus, Errors]:
    """Status and messages of an error by the field of the form; what belongs to none is under `""`."""
    if isinstance(error, tk.NotAuthorized):
        return HTTPStatus.FORBIDDEN, {"": [str(error.message or "No puede hacer esto con su cuenta.")]}
    found: Mapping[str, Any] = error.error_dict
    if "allowed" in found:
        return HTTPStatus.CONFLICT, {"": [str(found["message"])]}
    told = {field: messages if isinstance(messages, list) else [messages] for field, messages in found.items() if field != "rows"}
    return HTTPStatus.BAD_REQUEST, {
        "" if field in {"message", "id"} else field: [str(each) for each in messages] for field, messages in told.items()
    }


def in_one(errors: Errors) -> str:
    """All messages of an error as one text, for a notice above a page."""
    return " ".join(" ".join(messages) for messages in errors.values())


def sent_file(content: bytes, kind: str, name: str) -> Response:
    """A file to be kept on the reader's machine and nowhere between: it is not everybody's."""
    response = Response(content, content_type=kind)
    response.headers.set("Content-Disposition", "attachment", filename=name)
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Content-Security-Policy"] = SANDBOX
    return response
