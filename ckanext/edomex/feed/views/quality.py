"""How good the catalogue is, for people: points by agency and dataset, what is missing and how to mend it."""

from __future__ import annotations

from http import HTTPStatus

from ckan.plugins import toolkit as tk
from flask import request

from ckanext.edomex.adapters.callers import call
from ckanext.edomex.feed.domain.errors import ShrunkError
from ckanext.edomex.feed.views.frame import UNAVAILABLE, feed


@feed.get("/calidad")
def quality() -> str:
    """The report as a page."""
    try:
        report = call("edomex_feed_report", agency=request.args.get("dependencia", ""))
    except ShrunkError:
        return tk.abort(HTTPStatus.SERVICE_UNAVAILABLE, UNAVAILABLE)
    return tk.render("edomex_feed/quality.html", {"report": report, "agency": request.args.get("dependencia", "")})
