"""One address, several forms: the home page and a dataset's page answer in RDF to who asks for that, and say where it is."""

from __future__ import annotations

from http import HTTPStatus

from flask import Response, request

from ckanext.edomex.feed import config
from ckanext.edomex.feed.domain.writing import SUFFIXES
from ckanext.edomex.feed.logic import catalogue
from ckanext.edomex.feed.views.frame import answer, feed

HTML = "text/html"
#: Pages that are about something of the catalogue.
PAGES = frozenset({"home.index", "dataset.read"})
#: Type → what stands behind the dot of the same in an address; the first that is as good as any other is taken.
TYPES = {form.content_type.partition(";")[0]: suffix for suffix, form in SUFFIXES.items() if suffix != "xml"}


@feed.before_app_request
def in_rdf() -> Response | None:
    """The document in the place of the page, for who would rather have it."""
    if request.endpoint not in PAGES or request.method not in {"GET", "HEAD"} or HTML in request.headers.get("Accept", HTML):
        return None
    wanted = request.accept_mimetypes.best_match([HTML, *TYPES], HTML)
    if wanted == HTML:
        return None
    form, ref = SUFFIXES[TYPES[wanted]], (request.view_args or {}).get("id")
    if ref is None:
        response = answer(form.content_type, lambda: catalogue.catalogue(form.name))
    else:
        response = answer(form.content_type, lambda: catalogue.dataset(form.name, ref))
    response.vary.add("Accept")
    return response


@feed.after_app_request
def say_where(response: Response) -> Response:
    """Name the documents in the head of a page that anybody may see."""
    if request.endpoint not in PAGES or response.mimetype != HTML or response.status_code != HTTPStatus.OK:
        return response
    response.vary.add("Accept")
    where = f"/dataset/{(request.view_args or {}).get('id')}" if request.endpoint == "dataset.read" else "/catalog"
    for kind, suffix in TYPES.items():
        response.headers.add("Link", f'<{config.base()}{where}.{suffix}>; rel="alternate"; type="{kind}"')
    return response
