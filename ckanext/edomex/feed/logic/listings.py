"""Documents in the words of others: ADELA's catalogue, DCAT-US, the map of the site, our vocabularies, the change stream."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, BinaryIO
from xml.sax.saxutils import escape

from ckan import model as ckan_model

from ckanext.edomex.adapters.catalogues import NotNowError
from ckanext.edomex.adapters.vocabularies import everything
from ckanext.edomex.domain.clock import iso
from ckanext.edomex.domain.vocabularies import SPECS
from ckanext.edomex.feed import config, model, profile
from ckanext.edomex.feed.domain.errors import PageError, ShrunkError, UnavailableError
from ckanext.edomex.feed.domain.json_catalogues import adela_dataset, adela_heading, us_dataset, us_heading
from ckanext.edomex.feed.domain.keys import etag
from ckanext.edomex.feed.domain.skos import describe_scheme
from ckanext.edomex.feed.domain.stream import Line, describe_changes
from ckanext.edomex.feed.domain.triples import Triple
from ckanext.edomex.feed.domain.writing import FORMS
from ckanext.edomex.feed.logic import catalogue
from ckanext.edomex.feed.logic import state as states
from ckanext.edomex.feed.logic.catalogue import Document
from ckanext.edomex.feed.model import ledger

#: Lines of the change stream in one document.
PAGE = 1000
#: Addresses that a map of a site may have. Source: sitemaps.org.
MOST_IN_MAP = 50_000
SITEMAPS = "http://www.sitemaps.org/schemas/sitemap/0.9"
WRONG_SINCE = "since es el número del último cambio que ya leyó, o 0 para empezar."
Datasets = Iterator[Mapping[str, Any]]


def adela(agency: str | None) -> Document | None:
    """ADELA's catalogue of the state, or of one agency by its name; None if there is no such agency."""
    found = ckan_model.Group.get(agency) if agency else None
    if agency and (found is None or not found.is_organization or found.state != "active" or found.name != agency):
        return None
    title = found.title or found.name if found else None

    def write(file: BinaryIO, itself: Mapping[str, str], datasets: Datasets) -> None:
        around = profile.surroundings()
        _write_json(file, adela_heading(itself, around.base, title), "dataset", (adela_dataset(each, around) for each in datasets))

    here = model.ids_of_agency(ckan_model.Session, found.id) if found else None
    return catalogue.listing(
        "adela", lambda state: [one for one in state.listed if here is None or one.id in here], write, more=f"{agency}={title}"
    )


def adela_bytes(agency: str | None) -> bytes | None:
    """ADELA's catalogue for a room that passes it on: an `adapters.catalogues.Writer`."""

    def read() -> bytes | None:
        document, file = adela(agency), io.BytesIO()
        if document is None:
            return None
        document.write(file)
        return file.getvalue()

    try:
        return catalogue.steadily(read)
    except (UnavailableError, ShrunkError) as error:
        raise NotNowError(str(error)) from error


def data_json() -> Document:
    """The catalogue as DCAT-US 1.1."""

    def write(file: BinaryIO, _itself: Mapping[str, str], datasets: Datasets) -> None:
        around = profile.surroundings()
        _write_json(file, us_heading(), "dataset", (us_dataset(each, around) for each in datasets))

    return catalogue.listing("us", lambda state: state.listed, write)


def site_map(number: int | None) -> Document | None:
    """Every public dataset's page, with the day of its last change.

    Args:
        number: which of several maps, from 1; None for the one that a crawler begins with. That is a list of the others
            where the catalogue is more than one may hold.
    """
    state, base = states.current(), config.base()
    # The first is there before anything is.
    maps = [state.listed[start : start + MOST_IN_MAP] for start in range(0, max(1, len(state.listed)), MOST_IN_MAP)]
    if number is not None and not 1 <= number <= len(maps):
        return None
    if number is None and len(maps) > 1:
        places = [(f"{base}/sitemap-{each}.xml", max(one.modified for one in some)) for each, some in enumerate(maps, 1)]
        return _map(state, "sitemapindex", "sitemap", places)
    places = [(f"{base}/dataset/{one.name}", one.modified) for one in maps[(number or 1) - 1]]
    return _map(state, "urlset", "url", places, number)


def _map(state: states.State, root: str, row: str, places: Sequence[tuple[str, datetime]], number: int | None = None) -> Document:
    def write(file: BinaryIO) -> bool:
        file.write(f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} xmlns="{SITEMAPS}">\n'.encode())
        for address, modified in places:
            file.write(f"<{row}><loc>{escape(address)}</loc><lastmod>{modified:%Y-%m-%d}</lastmod></{row}>\n".encode())
        file.write(f"</{root}>\n".encode())
        return True

    return Document(etag=etag("sitemap", [state.mark, str(number)]), changed_at=state.changed_at, name="", write=write)


def vocabularies(form: str, name: str | None) -> Document | None:
    """Our vocabularies as SKOS, all of them or one; None if there is no such one."""
    tables = everything()
    if name is not None and name not in tables:
        return None
    found: list[Triple] = []
    for each in [name] if name else tables:
        spec = SPECS[each]
        words = {row[spec.key]: (row[spec.label], row) for row in tables[each]}
        found += describe_scheme(config.base(), each, spec.title, words)
    return _document(form, found)


def changes(form: str, since: str, address: str) -> Document:
    """What changed after a line of the stream.

    Raises:
        PageError: `since` is no number.
    """
    if not (since.isascii() and since.isdigit() and len(since) < 19):  # noqa: PLR2004  # digits of a 64-bit number
        raise PageError(WRONG_SINCE)
    states.current()
    rows = ledger.changes(ckan_model.Session, int(since), PAGE + 1)
    lines = [
        Line(seq=row.seq, package_id=row.package_id, kind=row.kind, at=iso(row.at) or "", note=row.note) for row in rows[:PAGE]
    ]
    following = f"{address}?since={lines[-1].seq}" if len(rows) > PAGE else None
    return _document(form, describe_changes(config.base(), f"{address}?since={int(since)}", following, lines))


def last_line(since: str) -> int:
    """The number that goes on from a page of the stream."""
    rows = ledger.changes(ckan_model.Session, int(since), PAGE)
    return rows[-1].seq if rows else int(since)


def _document(form: str, triples: list[Triple]) -> Document:
    frame = FORMS[form]
    text = frame.opening + frame.write(triples) + frame.closing

    def write(file: BinaryIO) -> bool:
        file.write(text.encode())
        return True

    return Document(etag=etag(form, [text]), changed_at=None, name="", write=write)


def _write_json(file: BinaryIO, heading: Mapping[str, Any], key: str, rows: Iterator[Mapping[str, Any]]) -> None:
    """One object whose last key is a list that nobody holds in memory; an empty one where nothing is published, as ADELA says it."""
    dumps: Callable[[Any], bytes] = lambda value: json.dumps(value, ensure_ascii=False).encode()  # noqa: E731  # said twice below
    first = next(rows, None)
    if first is None and "@type" not in heading:
        file.write(b"{}\n")
        return
    file.write(dumps(heading)[:-1] + b", " + dumps(key) + b": [")
    if first is not None:
        file.write(b"\n" + dumps(first))
    for row in rows:
        file.write(b",\n" + dumps(row))
    file.write(b"\n]}\n")
