"""What every request passes before a view sees it: size, number of fields, origin, CSRF token."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from ckan.config.middleware import flask_app
from ckan.plugins import toolkit as tk
from flask import Flask, Response, g, has_request_context, request
from flask_wtf.csrf import CSRFError, CSRFProtect
from werkzeug.exceptions import RequestEntityTooLarge

from ckanext.edomex.adapters.callers import NO_PAGE
from ckanext.edomex.shield.domain.origin import SAFE, comes_from_here
from ckanext.edomex.shield.logic import stock_faults
from ckanext.edomex.shield.views.frame import VISITOR_FORMS, has_key, has_session, refusal

MIB = 1024 * 1024
#: Bytes that a visitor may send: searches and log-ins are small.
VISITOR_BODY = MIB
#: Bytes beside an upload: the other fields of its form.
BESIDE_UPLOAD = 10 * MIB
#: Fields of one form or address. CKAN unfolds each into nested lists, which costs more than linear time.
MOST_FIELDS = 1000
#: Stock pages that change something when they are only looked at, which any link or picture elsewhere can do.
CHANGES_BY_GET = frozenset({"harvester.delete", "harvester.refresh", "harvester.clear", "harvester.job_abort", "user.logout"})

FOREIGN = "Esta petición no viene de una página de este portal, así que no se hizo nada. Abra el portal en {site} y hágalo desde ahí."
STALE = "La página que envió ya caducó, así que no se guardó nada. Ábrala de nuevo y vuelva a enviarla."
TOO_LARGE = "Lo que envió es demasiado grande para este portal: un archivo puede tener hasta {most} MB."
TOO_MANY = "La petición tiene demasiados campos: el máximo es {most}."


def measure() -> Response | None:
    """Refuse what is too large before anything reads it."""
    most = VISITOR_BODY if tk.current_user.is_anonymous else tk.config["ckan.max_resource_size"] * MIB + BESIDE_UPLOAD
    request.max_content_length = most
    if (request.content_length or 0) > most:
        return _too_large()
    if _fields() > MOST_FIELDS:
        return refusal(HTTPStatus.BAD_REQUEST, "Bad Request", TOO_MANY.format(most=MOST_FIELDS))
    return None


def _fields() -> int:
    """Fields of the address or of a plain form, whichever has more; parts of other forms are counted by Werkzeug."""
    in_address = request.query_string.count(b"&")
    if request.mimetype != "application/x-www-form-urlencoded":
        return in_address
    if (request.content_length or 0) > (request.max_form_memory_size or MIB):
        raise RequestEntityTooLarge
    return max(in_address, request.get_data(cache=True).count(b"&"))


def ask_where_it_comes_from() -> Response | None:
    """Refuse a change that another site makes a browser ask for in the name of whoever is logged in."""
    if request.method in SAFE and request.endpoint not in CHANGES_BY_GET:
        return None
    if has_key() or not (has_session() or request.endpoint in VISITOR_FORMS):
        return None
    said = request.headers
    site = tk.config["ckan.site_url"]
    if comes_from_here(
        fetch_site=said.get("Sec-Fetch-Site"), origin=said.get("Origin"), referer=said.get("Referer"), site=site
    ):
        return None
    return refusal(HTTPStatus.FORBIDDEN, "Authorization Error", FOREIGN.format(site=site))


def close_what_fails() -> None:
    """A page that cannot work is not there: a failure is logged, and tells."""
    if stock_faults.would_fail(request.endpoint, request.view_args or {}):
        tk.abort(HTTPStatus.NOT_FOUND, NO_PAGE)


class OncePerRequest(CSRFProtect):
    """CSRF protection whose exemptions hold for one request.

    CKAN 2.12.0 exempts the *view* whenever an anonymous visitor or a token calls it, for the whole process and for
    everybody from then on (CVE-2026-41255, mended in 2.11.6).
    """

    def exempt(self, view: Any) -> Any:
        """While the portal starts, as ever; during a request, for that request."""
        if not has_request_context():
            return super().exempt(view)
        g.edomex_csrf_exempt = True
        return view

    def _is_exempt(self) -> bool:
        """Nobody to protect: who sends a token, and visitors, but for the forms by which they become somebody."""
        return super()._is_exempt() or (g.get("edomex_csrf_exempt", False) and request.endpoint not in VISITOR_FORMS)


def install(app: Flask) -> None:
    """Put our rules in the place of CKAN's, once its own are there."""
    # CKAN keeps the object in a module and has registered its methods; only its class can still be changed.
    flask_app.csrf.__class__ = OncePerRequest
    app.register_error_handler(CSRFError, lambda _error: refusal(HTTPStatus.BAD_REQUEST, "CSRF Error", STALE))
    app.register_error_handler(RequestEntityTooLarge, lambda _error: _too_large())


def _too_large() -> Response:
    most = tk.config["ckan.max_resource_size"]
    response = refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "Request Too Large", TOO_LARGE.format(most=most))
    # What is left of the body is not read.
    response.headers["Connection"] = "close"
    return response


