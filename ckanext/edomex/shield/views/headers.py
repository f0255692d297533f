"""Headers on every answer: what may run, what may be kept, and files that never run in the portal's name."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

from ckan.plugins import toolkit as tk
from flask import Flask, Response, current_app, request, session
from werkzeug.exceptions import NotFound

from ckanext.edomex.shield.views.frame import has_key, has_session, shield

HEADERS = MappingProxyType({
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
})
#: Nothing from elsewhere, and no script inside a page. Styles inside a page stay: CKAN's libraries write them.
POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
    "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'"
)
#: Pages with scripts inside that are CKAN's, not ours: endpoint → what is inside. There the policy only reports.
#: docs/security.md has the same list; test_hardening.py looks for more.
INLINE = MappingProxyType({
    "user.api_tokens": "CKAN's `user/snippets/api_token_list.html`: handlers in attributes (`onchange`, `hx-on`)",
    # The same pages under the address of each type of dataset.
    **dict.fromkeys(("dataset_resource.view", "harvest_resource.view"), "`text_view.html`, `datatables_view.html`: a variable"),
    **dict.fromkeys(("dataset_resource.edit_view", "harvest_resource.edit_view"), "`datatables_form.html`: a handler"),
})
#: An uploaded HTML page would otherwise run with the reader's session.
DOWNLOADS = frozenset({"resource.download", "dataset_resource.download", "datastore.dump"})
SANDBOX = "default-src 'none'; sandbox"
#: A year, for this host alone: sister sites decide for themselves.
HSTS = "max-age=31536000"


@shield.app_errorhandler(tk.ObjectNotFound)
def absent(_error: tk.ObjectNotFound) -> Any:
    """Answer 404 where a stock view, told that a hidden dataset does not exist, had not thought of that."""
    return current_app.handle_user_exception(NotFound())


@shield.after_app_request
def harden(response: Response) -> Response:
    """Set what CKAN 2.12.0 leaves out."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if tk.config["ckan.site_url"].startswith("https:"):
        response.headers.setdefault("Strict-Transport-Security", HSTS)
    if request.endpoint in DOWNLOADS or (request.endpoint or "").endswith("resource.download"):
        response.headers["Content-Security-Policy"] = SANDBOX
        if not response.headers.get("Content-Disposition", "").startswith("attachment"):
            response.headers["Content-Disposition"] = "attachment"
    elif "Content-Security-Policy" not in response.headers:
        name = "Content-Security-Policy-Report-Only" if request.endpoint in INLINE else "Content-Security-Policy"
        response.headers[name] = POLICY
    return response


def say_who_may_keep_it(response: Response) -> Response:
    """Answers to people who are known are theirs alone; those to visitors are everybody's, and do not ask for cookies.

    CKAN calls the former `public` when they come from the Action API, and makes the latter depend on a cookie that no
    visitor has.
    """
    if has_session() or has_key() or session:
        response.cache_control.public = False
        response.cache_control.private = True
        response.vary.add("Cookie")
    elif "Cookie" in response.vary:
        # In small letters: Werkzeug compares what it takes away with the names in small letters.
        response.vary.discard("cookie")
    return response


def install(app: Flask) -> None:
    """Speak last, after CKAN has said who may keep an answer; Flask goes through this list from its end."""
    app.after_request_funcs.setdefault(None, []).insert(0, say_who_may_keep_it)
