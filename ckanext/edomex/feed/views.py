"""Addresses of the feed: read by anybody and by any page, the same for all, revalidated every time."""

from __future__ import annotations

import gzip
import logging
from collections.abc import Callable

from flask import Blueprint, Response, request

from ckanext.edomex.feed import config
from ckanext.edomex.feed.domain.errors import UnavailableError
from ckanext.edomex.feed.domain.writing import SUFFIXES
from ckanext.edomex.feed.logic import catalogue
from ckanext.edomex.feed.logic.catalogue import Document

log = logging.getLogger(__name__)
feed = Blueprint("edomex_feed", __name__)

SUFFIX = "<any(ttl, rdf, xml, jsonld):suffix>"
#: An encoded document is another representation, and a strong ETag names one.
GZIP_MARK = "-gzip"
#: The most that is worth its time on a machine's own network.
GZIP_LEVEL = 5
NOT_FOUND = "No existe ese conjunto de datos, o todavía no es público.\n"
UNAVAILABLE = "El catálogo no puede leerse completo en este momento; inténtelo más tarde.\n"


@feed.get(f"/catalog.{SUFFIX}")
def whole(suffix: str) -> Response:
    """Every public dataset."""
    form = SUFFIXES[suffix]
    return _answer(form.content_type, lambda: catalogue.catalogue(form.name, _is_known, wants_body=_wants_body()))


@feed.get(f"/dataset/<ref>.{SUFFIX}")
def one(ref: str, suffix: str) -> Response:
    """One public dataset."""
    form = SUFFIXES[suffix]
    return _answer(form.content_type, lambda: catalogue.dataset(form.name, ref, _is_known, wants_body=_wants_body()))


@feed.after_request
def open_to_all(response: Response) -> Response:
    """Pages of other sites may read the feed; what they send with it makes no difference."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Allow-Methods"] = "GET, HEAD, OPTIONS"
    response.headers["Access-Control-Allow-Headers"] = "If-None-Match"
    response.headers["Access-Control-Expose-Headers"] = "ETag"
    return response


def _answer(content_type: str, read: Callable[[], Document | None]) -> Response:
    try:
        document = read()
    except UnavailableError as error:
        log.error("feed refused: %s", error, extra={"event": "feed.refused"})  # noqa: TRY400  # its cause is logged by name
        return _plain(UNAVAILABLE, 503, {"Retry-After": str(config.retry_after_s()), "Cache-Control": "no-store"})
    if document is None:
        return _plain(NOT_FOUND, 404, {"Cache-Control": "no-cache"})
    zipped = request.accept_encodings.quality("gzip") > 0
    response = Response(content_type=content_type)
    response.headers["Cache-Control"] = "no-cache"
    response.vary.add("Accept-Encoding")
    if document.etag:
        response.set_etag(document.etag + (GZIP_MARK if zipped else ""))
        if _is_known(document.etag):
            response.status_code = 304
            return response
    if zipped:
        response.headers["Content-Encoding"] = "gzip"
    if _wants_body():
        _fill(response, document.pieces, zipped=zipped)
    else:
        # No length is named: it would have to be found out.
        response.response = iter(())
    return response


def _fill(response: Response, pieces: list[str], *, zipped: bool) -> None:
    body = "".join(pieces).encode()
    # The time in gzip's own header is left at zero, or equal documents would differ.
    response.set_data(gzip.compress(body, GZIP_LEVEL, mtime=0) if zipped else body)


def _plain(text: str, status: int, headers: dict[str, str]) -> Response:
    return Response(text, status, headers, content_type="text/plain; charset=utf-8")


def _is_known(tag: str) -> bool:
    given = request.if_none_match
    return given.contains_weak(tag) or given.contains_weak(tag + GZIP_MARK)


def _wants_body() -> bool:
    return request.method != "HEAD"
