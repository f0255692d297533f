"""Headers on every answer, and files that never run in the portal's name."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

from ckan.plugins import toolkit as tk
from flask import Blueprint, Response, current_app, request
from werkzeug.exceptions import NotFound

shield = Blueprint("edomex_shield", __name__)

HEADERS = MappingProxyType({
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
})
#: An uploaded HTML page would otherwise run with the reader's session.
DOWNLOADS = frozenset({"resource.download", "dataset_resource.download"})
SANDBOX = "default-src 'none'; sandbox"


@shield.app_errorhandler(tk.ObjectNotFound)
def absent(_error: tk.ObjectNotFound) -> Any:
    """Answer 404 where a stock view, told that a hidden dataset does not exist, had not thought of that."""
    return current_app.handle_user_exception(NotFound())


@shield.after_app_request
def harden(response: Response) -> Response:
    """Set what CKAN 2.12.0 leaves out."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.endpoint in DOWNLOADS or (request.endpoint or "").endswith("resource.download"):
        response.headers["Content-Security-Policy"] = SANDBOX
        if not response.headers.get("Content-Disposition", "").startswith("attachment"):
            response.headers["Content-Disposition"] = "attachment"
    return response
