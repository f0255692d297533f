"""The change stream: what appeared, changed and went, so that a deletion reaches whoever copied it."""

from __future__ import annotations

from flask import Response, request

from ckanext.edomex.feed import config
from ckanext.edomex.feed.domain.writing import SUFFIXES
from ckanext.edomex.feed.logic import listings
from ckanext.edomex.feed.views.documents import SUFFIX
from ckanext.edomex.feed.views.frame import answer, feed

START = "0"


@feed.get("/catalog/changes")
def changes() -> Response:
    """The stream in Turtle. An address of its own: as a default of the other, it would be redirected to."""
    return changes_in("ttl")


@feed.get(f"/catalog/changes.{SUFFIX}")
def changes_in(suffix: str) -> Response:
    """Lines after `since`, the oldest first; `Link: rel=next` names where to go on, now or another day."""
    form, since = SUFFIXES[suffix], request.args.get("since") or START
    address = config.base() + request.path
    response = answer(form.content_type, lambda: listings.changes(form.name, since, address))
    if response.status_code < 400:  # noqa: PLR2004  # what is refused has nothing to go on with
        response.headers["Link"] = f'<{address}?since={listings.last_line(since)}>; rel="next"'
    return response
