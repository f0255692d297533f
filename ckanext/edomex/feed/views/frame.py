"""What every address of the feed shares: open to all, the same for all, asked again cheaply, and refused in one way."""

from __future__ import annotations

import gzip
import io
import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any

from ckan.config.middleware.flask_app import ckan_after_request
from flask import Blueprint, Response, request
from werkzeug.wsgi import FileWrapper

from ckanext.edomex.domain.clock import aware, iso
from ckanext.edomex.feed import config
from ckanext.edomex.feed.domain.errors import PageError, ShrunkError, UnavailableError
from ckanext.edomex.feed.logic import catalogue, copies, stale
from ckanext.edomex.feed.logic.catalogue import Document
from ckanext.edomex.feed.logic.copies import Kept

log = logging.getLogger(__name__)
feed = Blueprint("edomex_feed", __name__)

#: An encoded document is another representation, and a strong ETag names one.
GZIP_MARK = "-gzip"
BLOCK = 1 << 18
#: Dates in headers know whole seconds: what changed a moment ago may change again within the same one.
SETTLED = timedelta(seconds=2)
NOT_FOUND = "No existe ese conjunto de datos, o todavía no es público.\n"
UNAVAILABLE = "El catálogo no puede leerse completo en este momento; inténtelo más tarde.\n"


class _ShortError(Exception):
    """Something is said in short for now: nothing to keep."""


def answer(content_type: str, read: Callable[[], Document | None], *, whole: str = "") -> Response:
    """The document that `read` gives, or why it cannot be had.

    Args:
        content_type: of the document.
        read: gives it; None if there is none.
        whole: its form, if it is the whole catalogue: an older one may stand in for it.
    """
    try:
        return catalogue.steadily(lambda: _deliver(content_type, read()))
    except (UnavailableError, ShrunkError) as error:
        log.error("feed refused: %s", error, extra={"event": "feed.refused"})  # noqa: TRY400  # its cause is logged by name
        kept = stale.last_good(whole)
        if kept is not None:
            return _stale(content_type, kept)
        headers = {"Retry-After": str(config.retry_after_s()), "Cache-Control": "no-store"}
        return plain(UNAVAILABLE, HTTPStatus.SERVICE_UNAVAILABLE, headers)
    except PageError as error:
        return plain(f"{error}\n", HTTPStatus.BAD_REQUEST, {"Cache-Control": "no-store"})


def plain(text: str, status: int, headers: dict[str, str]) -> Response:
    """A sentence."""
    return Response(text, status, headers, content_type="text/plain; charset=utf-8")


def _stale(content_type: str, kept: Kept) -> Response:
    """An older catalogue that says of itself that it is one, and is nothing to keep or to know again."""
    response = Response(content_type=content_type)
    _fill_from(response, kept.path)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Warning"] = '110 - "Response is Stale"'
    response.headers["Edomex-Right-Until"] = iso(kept.right_until) or ""
    return response


def _deliver(content_type: str, document: Document | None) -> Response:
    if document is None:
        return plain(NOT_FOUND, HTTPStatus.NOT_FOUND, {"Cache-Control": "no-cache"})
    # A piece of a compressed document cannot be unpacked by itself, and clients that ask for both try to.
    zipped = request.accept_encodings.quality("gzip") > 0 and "Range" not in request.headers
    response = Response(content_type=content_type)
    _validate(response, document, zipped=zipped)
    if _is_known(document, response):
        response.status_code = HTTPStatus.NOT_MODIFIED
        if document.name:
            copies.confirm(document.name)
        return response
    if zipped:
        response.headers["Content-Encoding"] = "gzip"
    if request.method == "HEAD":
        # No length is named: it would have to be found out.
        response.response = iter(())
        return response
    _fill(response, document, zipped=zipped)
    return response


def _validate(response: Response, document: Document, *, zipped: bool) -> None:
    if not config.max_age_s():
        response.headers["Cache-Control"] = "no-cache"
    response.vary.add("Accept-Encoding")
    response.set_etag(document.etag + (GZIP_MARK if zipped else ""))
    if document.changed_at is not None and datetime.now(UTC) - aware(document.changed_at) > SETTLED:
        response.last_modified = aware(document.changed_at)


def _is_known(document: Document, response: Response) -> bool:
    given = request.if_none_match
    if given:
        return given.contains_weak(document.etag) or given.contains_weak(document.etag + GZIP_MARK)
    since, changed = request.if_modified_since, response.last_modified
    return since is not None and changed is not None and changed <= since


def _fill(response: Response, document: Document, *, zipped: bool) -> None:
    """The body: a kept copy where there is a name for one, otherwise from memory."""

    def write(file: io.BufferedIOBase) -> None:
        if not document.write(file):  # type: ignore[arg-type]  # what it writes to is open for bytes
            raise _ShortError

    try:
        if document.name:
            return _fill_from(response, copies.copy_of(document.name, write, zipped=zipped))  # type: ignore[arg-type]  # the same
    except (_ShortError, OSError):
        log.info("a document is written anew for one reader")
    memory = io.BytesIO()
    if not document.write(memory):
        for name in ("ETag", "Last-Modified"):
            response.headers.pop(name, None)
        response.headers["Cache-Control"] = "no-cache"
    body = memory.getvalue()
    response.set_data(gzip.compress(body, copies.GZIP_LEVEL, mtime=0) if zipped else body)
    response.make_conditional(request, accept_ranges=True, complete_length=len(response.get_data()))
    return None


def _fill_from(response: Response, path: Path) -> None:
    size = path.stat().st_size
    response.direct_passthrough = True
    # Given to the server as a file where it can send one by itself; read in large blocks where it cannot.
    wrapper = request.environ.get("wsgi.file_wrapper", FileWrapper)
    response.response = wrapper(path.open("rb"), BLOCK)
    response.content_length = size
    response.make_conditional(request, accept_ranges=True, complete_length=size)


def install(app: Any) -> None:
    """Let our answers say how long they may be kept: right after CKAN has said it of every answer, and before any bound."""
    functions = app.after_request_funcs.setdefault(None, [])
    # The first of the list runs last.
    functions.insert(functions.index(ckan_after_request), keep_as_asked)


def keep_as_asked(response: Response) -> Response:
    """For so long as the operator says; without a word of theirs each cache asks again each time."""
    age = config.max_age_s()
    if request.blueprint == feed.name and age and response.status_code < HTTPStatus.BAD_REQUEST and response.get_etag()[0]:
        response.cache_control.max_age = age
        response.cache_control.public = True
        response.cache_control.private = None
    return response


@feed.after_request
def open_to_all(response: Response) -> Response:
    """Pages of other sites may read the feed; what they send with it makes no difference."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Allow-Methods"] = "GET, HEAD, OPTIONS"
    response.headers["Access-Control-Allow-Headers"] = "If-None-Match, If-Modified-Since, Range"
    response.headers["Access-Control-Expose-Headers"] = "ETag, Last-Modified, Link, Content-Range, Retry-After, Edomex-Right-Until"
    return response
