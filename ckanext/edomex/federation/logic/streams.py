"""Change streams: where one is, how far it has come, what it tells, and the datasets that it tells of."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urljoin, urlsplit

from ckanext.edomex.adapters.outgoing import Answer, Client, OutgoingError
from ckanext.edomex.adapters.rdf import RdfError, statements
from ckanext.edomex.federation.domain.dcat import record_of
from ckanext.edomex.federation.domain.errors import SourceError
from ckanext.edomex.federation.domain.records import Record, Refused
from ckanext.edomex.federation.domain.stream import Change, changes, is_stream
from ckanext.edomex.federation.logic.answers import ACCEPT, ask, form_in, link_of, same_server
from ckanext.edomex.federation.logic.shelf import Shelf

#: Datasets that are asked for one by one; of more, the whole catalogue is read.
MOST_SINGLE = 200
MOST_PAGES = 10_000
#: Where a catalogue of this house has its stream.
_OURS = re.compile(r"(.*/catalog)(/full)?\.[a-z0-9]+$")
_GONE = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})


@dataclass(frozen=True, kw_only=True)
class Told:
    """What a stream told: addresses of datasets that changed, those that are gone with the reason, and where it goes on."""

    changed: Sequence[str]
    gone: Mapping[str, str]
    goes_on: str


def place(client: Client, url: str, wanted: str, known: str | None, *, look: bool) -> str | None:
    """Where the source's stream goes on after all that happened until now; None if it has none.

    Args:
        client: asks other servers.
        url: of the source.
        wanted: `settings.changes`.
        known: where it went on the last time.
        look: look for one where none is known.

    Raises:
        SourceError, OutgoingError, RdfError: the one that was named is none.
    """
    if wanted and wanted != "auto":
        return _end_if_any(client, known) or _end(client, wanted)
    ours = _OURS.fullmatch(urlsplit(url).path)
    candidate = known or (urljoin(url, f"{ours[1]}/changes") if ours and look else None)
    return _end_if_any(client, candidate) if wanted else None


def follow(client: Client, url: str) -> Told | None:
    """What happened since; None for nothing.

    Raises:
        SourceError, OutgoingError, RdfError: it cannot be read, or does not end.
    """
    found: list[Change] = []
    for answer, said in _walk(client, url):
        found += changes(said)
        goes_on = link_of(answer, "next") or url
    if not found:
        return None
    last = {each.iri: each for each in found}
    return Told(
        changed=[iri for iri, each in last.items() if each.kind == "changed" and same_server(iri, url)],
        gone={iri: each.reason for iri, each in last.items() if each.kind == "gone"}, goes_on=goes_on,
    )  # fmt: skip


def fetch(client: Client, iris: Sequence[str]) -> Iterator[Record | Refused]:
    """The datasets at these addresses; those that are gone by now are left to the stream's next line."""
    for iri in iris:
        answer = client.get(iri, {"Accept": ACCEPT})
        with answer:
            if answer.status in _GONE:
                continue
            if answer.status != HTTPStatus.OK:
                raise SourceError(f"{iri} contesta {answer.status}, y el canal de cambios lo nombra. Se volverá a intentar.")
            with Shelf() as shelf:
                shelf.fill(statements(answer.body, form_in(answer), answer.url, answer.headers.get("content-type", "")))
                yield record_of(iri, shelf.look)


def _end_if_any(client: Client, url: str | None) -> str | None:
    try:
        return _end(client, url) if url else None
    except (SourceError, OutgoingError, RdfError):
        return None


def _end(client: Client, url: str) -> str:
    last = url
    for answer, said in _walk(client, url):
        if not is_stream(said):
            raise SourceError(f"{url} no es un canal de cambios (LDES).")
        last = link_of(answer, "next") or last
    return last


def _walk(client: Client, url: str) -> Iterator[tuple[Answer, list[tuple[str, str, str]]]]:
    """Each page of a stream from an address on, until one has nothing new."""
    seen: set[str] = set()
    while url not in seen:
        if len(seen) >= MOST_PAGES:
            raise SourceError(f"El canal de cambios tiene más de {MOST_PAGES} páginas.")
        seen.add(url)
        answer = ask(client, url)
        assert answer is not None
        with answer:
            parsed = statements(answer.body, form_in(answer), answer.url, answer.headers.get("content-type", ""))
            said = [(subject, predicate, node.value) for subject, predicate, node in parsed]
        yield answer, said
        url = link_of(answer, "next")
        if not url or not changes(said):
            return
        if not same_server(url, answer.url):
            raise SourceError("El canal de cambios lleva a otro servidor.")
