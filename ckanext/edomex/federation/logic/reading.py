"""What a source gave, in the same form for every type of source; the reader of DCAT."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urldefrag, urljoin, urlsplit

from ckanext.edomex.adapters.outgoing import Answer, Client, Limits, shown
from ckanext.edomex.adapters.rdf import statements
from ckanext.edomex.federation import config
from ckanext.edomex.federation.domain.dcat import next_page, record_of, total_items
from ckanext.edomex.federation.domain.errors import SourceError
from ckanext.edomex.federation.domain.records import Record, Refused
from ckanext.edomex.federation.domain.settings import Settings
from ckanext.edomex.federation.logic import streams
from ckanext.edomex.federation.logic.answers import SourceClient, ask, conditions, form_in
from ckanext.edomex.federation.logic.shelf import Shelf

MOST_PAGES = 10_000


@dataclass(kw_only=True)
class Reading:
    """What a source gave."""

    #: Each record, as it is read; whoever takes them meets the errors of later pages.
    found: Iterator[Record | Refused]
    #: Whether it is all of the source, so that what is not in it is gone.
    whole: bool
    #: Record → why it is gone, as the source itself told.
    gone: Mapping[str, str] = field(default_factory=dict[str, str])
    #: What the next reading begins with, if everything of this one is taken.
    memory: dict[str, Any] = field(default_factory=dict[str, Any])
    #: What is worth telling of the reading; a whole one with something here is not taken for whole.
    notes: list[str] = field(default_factory=list[str])


class Memory(Protocol):
    """What is remembered of a source: `model.SourceMemory`."""

    etag: Any
    last_modified: Any
    sha256: Any
    changes_url: Any


class Reader(Protocol):
    """Reads one type of source."""

    def __call__(self, client: Client, url: str, settings: Settings, memory: Memory | None, *, whole: bool) -> Reading | None:
        """The reading; None if nothing changed.

        Args:
            client: asks other servers.
            url: of the source.
            settings: of the source.
            memory: of the last reading; None if there is none that holds.
            whole: all is to be read, whatever a change stream says.

        Raises:
            SourceError, OutgoingError, RdfError: it cannot be read.
        """
        ...


def client_of_sources() -> Client:
    """Asks sources, within this portal's limits."""
    limits = Limits(total_s=config.most_seconds(), most_bytes=config.most_bytes())
    return SourceClient(config.most_reading_seconds(), config.allowed_addresses(), limits, config.agent())


def read_dcat(client: Client, url: str, settings: Settings, memory: Memory | None, *, whole: bool) -> Reading | None:
    """A catalogue in any form of RDF, in one document or in pages, or what its change stream tells. A `Reader`."""
    if memory is not None and memory.changes_url and not whole:
        told = streams.follow(client, memory.changes_url)
        if told is None:
            return None
        if len(told.changed) <= streams.MOST_SINGLE:
            found = streams.fetch(client, told.changed)
            return Reading(found=found, whole=False, gone=told.gone, memory={"changes_url": told.goes_on})
    # The stream's place is taken first: what changes while all is read is told again.
    known = memory.changes_url if memory is not None else None
    goes_on = streams.place(client, url, settings.changes, known, look=memory is None or whole)
    asked = conditions(memory.etag, memory.last_modified) if memory is not None else {}
    answer = ask(client, url, asked)
    if answer is None or (memory is not None and answer.sha256 == memory.sha256):
        if answer is not None:
            answer.body.close()
        return None
    reading = Reading(found=iter(()), whole=True, memory={"changes_url": goes_on})
    reading.found = _pages(client, answer, reading)
    return reading


def _pages(client: Client, answer: Answer, reading: Reading) -> Iterator[Record | Refused]:
    """The datasets of a document, and of those that it leads on to."""
    seen_pages, seen_bodies, count, total = {_address(answer.url)}, {answer.sha256}, 0, None
    while True:
        with answer, Shelf() as shelf:
            form = form_in(answer)
            shelf.fill(statements(answer.body, form, answer.url, answer.headers.get("content-type", "")))
            count += len(shelf.datasets)
            for node in shelf.datasets:
                yield record_of(node, shelf.look)
            total = total_items(shelf.hydra) or total
            following = next_page(shelf.hydra)
        if not following:
            break
        following = _following(answer.url, following, seen_pages)
        after = ask(client, following)
        assert after is not None
        if after.sha256 in seen_bodies:
            after.body.close()
            raise SourceError(f"{shown(following)} es la misma página que otra anterior: la fuente da vueltas. No se borra nada.")
        seen_bodies.add(after.sha256)
        answer = after
    _remember(reading, answer, len(seen_pages))
    if total is not None and count < total:
        reading.notes.append(f"La fuente dice que tiene {total} conjuntos y dio {count}; no se toma ninguno por borrado.")


def _following(here: str, address: str, seen: set[str]) -> str:
    found = urljoin(here, address)
    if _address(found) in seen:
        raise SourceError(f"{shown(here)} lleva a una página que ya se leyó: la fuente da vueltas. No se borra nada.")
    if len(seen) >= MOST_PAGES:
        raise SourceError(f"La fuente tiene más de {MOST_PAGES} páginas. No se borra nada.")
    if urlsplit(here).hostname != urlsplit(found).hostname:
        raise SourceError(f"{shown(here)} lleva a una página de otro servidor ({shown(found)}). No se borra nada.")
    seen.add(_address(found))
    return found


def _address(url: str) -> str:
    return urldefrag(url).url


def _remember(reading: Reading, answer: Answer, pages: int) -> None:
    """Of a source in several pages nothing is remembered: that one is the same says nothing of the others."""
    alone = pages == 1
    reading.memory |= {
        "etag": answer.headers.get("etag") if alone else None,
        "last_modified": answer.headers.get("last-modified") if alone else None,
        "sha256": answer.sha256 if alone else None,
    }

