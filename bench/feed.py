"""The feed room: the whole catalogue against ckanext-dcat's pages of it, the same datasets on both sides.

Of each round the peer is read once, all its pages over one kept connection, and ours in every state between: what the
machine does meanwhile meets all of them.
"""

from __future__ import annotations

import re
import statistics
import time
from collections.abc import Callable, Mapping
from types import MappingProxyType

from bench.feed_catalogue import NOT_MODIFIED, OK, SIZE, published
from bench.feed_scale import growth, pollers
from bench.figures import BenchError, Comparison, Figure, Measure
from bench.place import Place, Site, wait_until
from stack.demo.api import Api

ROUNDS = 5
#: Cheap readings in one round: their median is of so many.
CHEAP = 20
FORMS = ("ttl", "rdf", "jsonld", "nt")
PER_PAGE = 100
MEGABYTE = 1e6
EDIT = """
UPDATE package SET title = %(title)s, metadata_modified = clock_timestamp() AT TIME ZONE 'UTC' WHERE id = %(id)s
"""


def whole(place: Place) -> list[Figure]:
    """Unchanged, warm, after an edit, and with everything lost; the age of what is served beside them."""
    ids = published(place.ours, "feed", SIZE)
    published(place.peer, "feed", SIZE)
    reader, peer = place.ours.visitor(), place.peer.visitor()
    expected = len(ids)
    found: dict[str, list[float]] = {name: [] for name in ("unchanged", "warm", "after_edit", "cold", "first_byte", "peer", "age")}
    size = 0
    for number in range(ROUNDS):
        found["peer"].append(_peer_pages(peer, expected))
        place.ours.inside.call("bench.tasks:forget_feed", fragments=True)
        found["cold"].append(_timed(lambda: _read(reader, expected)))
        size = _read(reader, expected)
        found["warm"].append(_median(lambda: _read(reader, expected)))
        tag = reader.get("/catalog.ttl").headers["ETag"]
        found["unchanged"].append(_median(lambda tag=tag: _unchanged(reader, tag)))
        found["first_byte"].append(_median(lambda: _first_byte(reader)))
        _edit(place.ours, ids[number], f"Editado {number}")
        found["after_edit"].append(_timed(lambda title=f"Editado {number}": _read(reader, expected, title)))
        found["age"].append(_age(place.ours, reader, ids[-1 - number], f"Vuelto a editar {number}"))
    limits = {"unchanged": 1000, "warm": 100, "after_edit": 60, "cold": 8}
    details = {"datasets": expected, "bytes": size, "age_s": max(found["age"])}
    figures: list[Figure] = [
        Comparison(name=name, ours=found[name], peer=found["peer"], at_least_ratio=limit, details=details)
        for name, limit in limits.items()
    ]
    return [
        *figures,
        Measure(
            name="first_byte", value=statistics.median(found["first_byte"]), limit=0.05, unit="s", samples={"s": found["first_byte"]}
        ),
        Measure(name="age", value=max(found["age"]), limit=1.0, unit="s", samples={"s": found["age"]}, details={"forms": list(FORMS)}),
        # Turned over, for a measure is within its limit from below.
        Measure(
            name="warm_ms_per_mb", value=1000 * statistics.median(found["warm"]) / (size / MEGABYTE), limit=10.0, unit="ms/MB",
            samples={"s": found["warm"]}, details={"mb_per_s": size / MEGABYTE / statistics.median(found["warm"])},
        ),
    ]  # fmt: skip


def _timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def _median(work: Callable[[], object]) -> float:
    return statistics.median(_timed(work) for _ in range(CHEAP))


def _read(reader: Api, expected: int, title: str = "") -> int:
    """The whole catalogue, plain; its bytes. BenchError if a dataset is missing, or the edit is."""
    answer = reader.session.get(f"{reader.url}/catalog.ttl", headers={"Accept-Encoding": "identity"}, timeout=120)
    if answer.status_code != OK or answer.content.count(b"> a dcat:Dataset") < expected or title.encode() not in answer.content:
        raise BenchError(f"ours answered {answer.status_code} without all that is public; the figure would be of something else.")
    return len(answer.content)


def _unchanged(reader: Api, tag: str) -> None:
    if reader.session.get(f"{reader.url}/catalog.ttl", headers={"If-None-Match": tag}, timeout=60).status_code != NOT_MODIFIED:
        raise BenchError("ours said that something changed, and nothing did.")


def _first_byte(reader: Api) -> None:
    with reader.session.get(f"{reader.url}/catalog.ttl", headers={"Accept-Encoding": "identity"}, timeout=60, stream=True) as answer:
        answer.raw.read(1)
        # Outside of what is wanted, but a connection that is broken off would have to be made anew.
        answer.raw.drain_conn()


def _peer_pages(peer: Api, expected: int) -> float:
    """Seconds for all pages of the peer's catalogue, as a harvester reads them."""
    begun, found = time.perf_counter(), 0
    for page in range(1, -(-expected // PER_PAGE) + 1):
        answer = peer.session.get(f"{peer.url}/catalog.ttl?page={page}", timeout=120)
        found += len(re.findall(rb" a dcat:Dataset\b", answer.content))
    seconds = time.perf_counter() - begun
    if found < expected:
        raise BenchError(f"the peer gave {found} of {expected} datasets; the figure would be of something else.")
    return seconds


def _edit(site: Site, package_id: str, title: str) -> None:
    with site.database() as cursor:
        cursor.execute(EDIT, {"id": package_id, "title": title})


def _age(site: Site, reader: Api, package_id: str, title: str) -> float:
    """Seconds from an edit's commit until every form has it; all had everything before."""
    for form in FORMS:
        reader.get(f"/catalog.{form}")
    _edit(site, package_id, title)
    begun = time.perf_counter()
    for form in FORMS:
        # Escaped in none of the forms.
        wait_until(lambda form=form: title in reader.get(f"/catalog.{form}").text, 30, f"the edit is in /catalog.{form}")
    return time.perf_counter() - begun


CASES: Mapping[str, Callable[[Place], list[Figure]]] = MappingProxyType({"whole": whole, "pollers": pollers, "growth": growth})
