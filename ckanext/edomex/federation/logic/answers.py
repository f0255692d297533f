"""What a source answered, judged: a catalogue, nothing new, or no catalogue at all. Only a catalogue says that something is gone."""

from __future__ import annotations

import time
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import urljoin, urlsplit

from ckanext.edomex.adapters.outgoing import Answer, Client, shown
from ckanext.edomex.adapters.rdf import Form, form_of, head_of, is_html
from ckanext.edomex.federation.domain.errors import SourceError

ACCEPT = "text/turtle, application/n-triples;q=0.9, application/rdf+xml;q=0.8, application/ld+json;q=0.7, */*;q=0.1"


class SourceClient(Client):
    """Asks one source, and gives it up in time: each of its answers can be quick, and there be no end of them.

    Args:
        seconds: for all of them together.
        known: as of `Client`.
    """

    def __init__(self, seconds: float, *known: Any) -> None:
        super().__init__(*known)
        self._seconds, self._end = seconds, time.monotonic() + seconds

    def get(self, url: str, headers: Mapping[str, str] | None = None) -> Answer:
        """As `Client.get`. SourceError where the time is over."""
        if time.monotonic() >= self._end:
            raise SourceError(
                f"La fuente no se acaba de leer en {self._seconds:g} s: da páginas sin fin, o muy despacio. No se cambia ni se borra "
                "nada; avise a quien la opera."
            )
        return super().get(url, headers)


def ask(client: Client, url: str, conditions: Mapping[str, str] | None = None, accept: str = ACCEPT) -> Answer | None:
    """The document at an address; None if nothing changed since what the conditions tell.

    Raises:
        SourceError: it answers, but not with a document.
        OutgoingError: it does not answer, or may not be asked.
    """
    answer = client.get(url, {"Accept": accept, **(conditions or {})})
    try:
        if answer.status == HTTPStatus.NOT_MODIFIED and conditions:
            answer.body.close()
            return None
        if answer.status != HTTPStatus.OK:
            raise SourceError(f"{shown(url)} contesta {answer.status}{_hint(answer)} No se cambia ni se borra nada.")
        if is_html(head_of(answer.body)):
            raise SourceError(
                f"{shown(url)} contesta con una página web, no con un catálogo: puede ser un error, un acceso con clave o un aviso "
                "de la red. Abra la dirección en un navegador. No se cambia ni se borra nada."
            )
    except SourceError:
        answer.body.close()
        raise
    return answer


def conditions(etag: str | None, last_modified: str | None) -> dict[str, str]:
    """The headers with which a server may answer that nothing changed."""
    found = {"If-None-Match": etag, "If-Modified-Since": last_modified}
    return {name: value for name, value in found.items() if value}


def form_in(answer: Answer) -> Form:
    """The form of RDF that a document has.

    Raises:
        SourceError: it is none.
    """
    form = form_of(answer.headers.get("content-type", ""), urlsplit(answer.url).path, head_of(answer.body))
    if form is None:
        answer.body.close()
        raise SourceError(f"{shown(answer.url)} no es RDF (Turtle, N-Triples, RDF/XML o JSON-LD). No se cambia ni se borra nada.")
    return form


def link_of(answer: Answer, relation: str) -> str:
    """The address that a `Link` header gives for a relation; empty for none."""
    for part in str(answer.headers.get("link", "")).split(","):
        address, _, rest = part.strip().partition(">")
        if address.startswith("<") and f'rel="{relation}"' in rest.replace("'", '"'):
            return urljoin(answer.url, address[1:])
    return ""


def same_server(one: str, other: str) -> bool:
    """Whether two addresses are of one server."""
    try:
        return urlsplit(one)[:2] == urlsplit(other)[:2]
    except ValueError:
        return False


def _hint(answer: Any) -> str:
    wait = str(answer.headers.get("retry-after", ""))
    return f" y pide esperar {wait} s." if wait.isdecimal() else "; revise la dirección o avise a quien opera la fuente."
