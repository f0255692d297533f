"""Readers of sources in JSON: `data.json` and its relatives, and CKAN's Action API."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import IO, Any, cast
from urllib.parse import urlencode

import ijson

from ckanext.edomex.adapters.outgoing import Answer, Client, shown
from ckanext.edomex.adapters.rdf import Form, mended
from ckanext.edomex.federation.domain import ckan_packages, data_json
from ckanext.edomex.federation.domain.errors import SourceError
from ckanext.edomex.federation.domain.records import Record, Refused, clean
from ckanext.edomex.federation.domain.settings import Settings
from ckanext.edomex.federation.logic.answers import ask, conditions
from ckanext.edomex.federation.logic.reading import Memory, Reading

ACCEPT = "application/json, */*;q=0.1"
#: Datasets in one answer of an Action API: CKAN gives no more than 1,000, whatever is asked for.
PAGE = 100
#: How deep the values of a catalogue may be within one another.
DEEPEST = 40
#: How deep the members of a list of the catalogue are.
_OF_LIST = 2
#: Words of a catalogue that its datasets fall back on.
_OF_ALL = frozenset({"license", "language"})
Parse = Callable[[IO[bytes]], Iterator[tuple[str, Any]]]
#: ijson's own, which breaks at half a character («\udc00»), and one that takes thirteen times as long and does not.
_QUICK: Parse = ijson.basic_parse
_PATIENT: Parse = ijson.get_backend("python").basic_parse
_OPENING, _CLOSING = frozenset({"start_map", "start_array"}), frozenset({"end_map", "end_array"})


def read_data_json(client: Client, url: str, settings: Settings, memory: Memory | None, *, whole: bool) -> Reading | None:
    """A catalogue in one document of JSON, read as a stream. A `Reader`."""
    answer = ask(client, url, conditions(memory.etag, memory.last_modified) if memory is not None else {}, ACCEPT)
    if answer is None or (memory is not None and answer.sha256 == memory.sha256):
        if answer is not None:
            answer.body.close()
        return None
    kept = {"etag": answer.headers.get("etag"), "last_modified": answer.headers.get("last-modified"), "sha256": answer.sha256}
    return Reading(found=_datasets(answer), whole=True, memory=kept)


def read_ckan(client: Client, url: str, settings: Settings, memory: Memory | None, *, whole: bool) -> Reading | None:
    """Every public dataset of another CKAN; one request tells that nothing changed. A `Reader`."""
    base = url.rstrip("/")
    newest = _search(client, base, rows=1, sort="metadata_modified desc,id asc")
    last = cast("dict[str, Any]", next(iter(newest["results"]), {}))
    mark = hashlib.sha256(clean(f"{newest['count']} {last.get('id')} {last.get('metadata_modified')}").encode()).hexdigest()
    if memory is not None and memory.sha256 == mark and not whole:
        return None
    reading = Reading(found=iter(()), whole=True, memory={"sha256": mark})
    reading.found = _packages(client, base, reading)
    return reading


def _packages(client: Client, base: str, reading: Reading) -> Iterator[Record | Refused]:
    """By the moment of creation: a dataset that is edited meanwhile keeps its place."""
    seen: set[str] = set()
    start = 0
    while True:
        found, before = _search(client, base, rows=PAGE, start=start, sort="metadata_created asc,id asc"), len(seen)
        for package in found["results"]:
            record = ckan_packages.record_of(package if isinstance(package, dict) else {}, base)
            if record.id not in seen:
                seen.add(record.id)
                yield record
        # Its own limit can be less than was asked for, and what it counts need not be there.
        start += len(found["results"])
        if len(seen) == before or start >= found["count"]:
            break
    if len(seen) < found["count"]:
        reading.notes.append(f"La fuente dice que tiene {found['count']} conjuntos y dio {len(seen)}; no se toma ninguno por borrado.")


def _search(client: Client, base: str, **wanted: Any) -> dict[str, Any]:
    """An answer of `package_search`; SourceError for anything that is none: an error is not the end of a list."""
    address = f"{base}/api/3/action/package_search?{urlencode({**wanted, 'fq': 'dataset_type:dataset'})}"
    answer = ask(client, address, accept=ACCEPT)
    assert answer is not None
    with answer:
        try:
            said: Any = json.load(answer.body)
        except (ValueError, RecursionError):
            said = None
    result = said.get("result") if isinstance(said, dict) and said.get("success") is True else None
    good = isinstance(result, dict) and isinstance(result.get("results"), list) and isinstance(result.get("count"), int)
    if not good:
        raise SourceError(f"{shown(base)} no contesta como un CKAN; escriba la dirección del portal sin /dataset. No se borra nada.")
    return cast("dict[str, Any]", result)


def _datasets(answer: Answer) -> Iterator[Record | Refused]:
    content_type = answer.headers.get("content-type", "")
    with answer, mended(answer.body, Form.JSON_LD, content_type) as text:
        try:
            parse, catalogue = _QUICK, _of_all(text, _QUICK)
        except UnicodeDecodeError:
            text.seek(0)
            parse, catalogue = _PATIENT, _of_all(text, _PATIENT)
        text.seek(0)
        try:
            for number, dataset in enumerate(_shallow(text, parse), 1):
                yield data_json.record_of(dataset, number, catalogue) if isinstance(dataset, dict) else _no_object(number)
        except ijson.JSONError as error:
            raise SourceError(f"{shown(answer.url)} no es JSON bien formado: {str(error)[:200]}. No se borra nada.") from None


def _no_object(number: int) -> Refused:
    return Refused(id=f"conjunto {number} de la fuente", reason="no es un objeto JSON")


def _of_all(text: IO[bytes], parse: Parse) -> dict[str, Any]:
    """What a catalogue says before its datasets, and after them."""
    found: dict[str, Any] = {}
    try:
        for depth, key, event, value in _events(text, parse):
            if event == "string" and key in _OF_ALL and depth <= _OF_LIST:
                found.setdefault(key, value)
    except ijson.JSONError:
        # Said by who reads the datasets.
        return found
    return found


def _shallow(text: IO[bytes], parse: Parse) -> Iterator[Any]:
    """Each dataset, whole."""
    builder = None
    for depth, key, event, value in _events(text, parse):
        if key != "dataset" or depth < _OF_LIST or (event == "map_key" and depth == 1):
            continue
        builder = builder or ijson.ObjectBuilder()
        builder.event(event, float(value) if isinstance(value, Decimal) else value)
        if depth == _OF_LIST and event not in _OPENING:
            yield builder.value
            builder = None


def _events(text: IO[bytes], parse: Parse) -> Iterator[tuple[int, str, str, Any]]:
    """How deep, under which word of the catalogue, what, and its value.

    Not ijson's own `parse`: it writes the whole way to each value, which takes all memory where they are deep enough.

    Raises:
        SourceError: values are too deep within one another.
    """
    depth, key = 0, ""
    for event, value in parse(text):
        depth -= event in _CLOSING
        if event == "map_key" and depth == 1:
            key = value
        yield depth, key, event, value
        depth += event in _OPENING
        if depth > DEEPEST:
            raise SourceError(f"La fuente tiene más de {DEEPEST} valores uno dentro de otro. No se borra nada.")
