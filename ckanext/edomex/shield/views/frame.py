"""What all of the door shares: its blueprint, and how a refusal is said to people and to programs."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from ckan.plugins import toolkit as tk
from flask import Blueprint, Response, jsonify, request

shield = Blueprint("edomex_shield", __name__)

#: Forms of people who are not logged in: what they send is checked as if they were.
VISITOR_FORMS = frozenset({"user.login", "user.request_reset", "user.perform_reset", "user.register", "edomex_shield.show_code"})


def has_session() -> bool:
    """Whether the browser sent a session's cookie, valid or not."""
    return tk.config["SESSION_COOKIE_NAME"] in request.cookies


def has_key() -> bool:
    """Whether the request names an API token; pages of other sites cannot make a browser send one."""
    return tk.config["apitoken_header_name"] in request.headers


def refusal(status: HTTPStatus, kind: str, message: str, **headers: str) -> Response:
    """A refusal: a page for people, JSON for programs of the Action API."""
    if request.path.startswith("/api/"):
        response = jsonify({"success": False, "error": {"__type": kind, "message": message}})
    else:
        shown: dict[str, Any] = {"code": int(status), "content": message, "name": "", "show_login_redirect_link": False}
        response = Response(tk.render("error_document_template.html", shown))
    response.status_code = status
    for name, value in headers.items():
        response.headers[name.replace("_", "-")] = value
    return response
