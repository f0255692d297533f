"""The federation room: harvesting our own feed with our harvester on the federal side, and with the stock one on the peer.

Both read the same address over HTTP, each inside a process with its own CKAN, from a job's creation to its end. The federal side has
ckanext-harvest, ckanext-dcat and our harvesters, and nothing else of ours.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import MappingProxyType
from typing import Any

from bench.federation_release import public
from bench.feed_catalogue import SIZE, published
from bench.figures import BenchError, Comparison, Figure, Measure
from bench.inside import Inside
from bench.place import Place, variable
from stack.places import Stack
from stack.sites import SITES, ini_path

ROUNDS = 5
CHANGED = 16
#: Objects of the peer's rounds: the first is a whole one, the others a part, for a whole one takes minutes; an object costs the
#: same in both, see `peer_s` in the results. The others' seconds are scaled to the whole.
PEER_OBJECTS = (0, 200, 200, 200, 200)
SMALL, LARGE = 1600, 50_000
EDIT = """
UPDATE package SET title = %(title)s || ' ' || id, metadata_modified = clock_timestamp() AT TIME ZONE 'UTC' WHERE id = ANY(%(ids)s)
"""


def whole(place: Place) -> list[Figure]:
    """First load, nothing changed, a few changed: each round on both sides."""
    ids = published(place.ours, "cosecha", SIZE)
    address = f"{place.ours.url}/catalog.ttl"
    found: dict[str, list[list[float]]] = {name: [[], []] for name in ("first_load", "unchanged", "changed_16")}
    with federal(place.stack) as ours:
        sides = [(ours, "edomex_dcat"), (place.peer.inside, "dcat_rdf")]
        sources = [side.call("bench.tasks_federation:source", url=address, source_type=kind) for side, kind in sides]
        for number in range(ROUNDS):
            most = (0, PEER_OBJECTS[number])
            for each in (0, 1):
                found["first_load"][each].append(_harvest(sides[each][0], sources[each], most[each], SIZE))
            if number == 0 and ours.call("bench.tasks_federation:count") < SIZE:
                raise BenchError("ours did not take in every dataset; the figures would be of something else.")
            for each in (0, 1):
                found["unchanged"][each].append(_harvest(sides[each][0], sources[each], most[each], SIZE * each))
            with place.ours.database() as cursor:
                cursor.execute(EDIT, {"title": f"Editado {number}", "ids": ids[number * CHANGED : (number + 1) * CHANGED]})
            for each in (0, 1):
                found["changed_16"][each].append(_harvest(sides[each][0], sources[each], most[each], CHANGED if each == 0 else SIZE))
            for each in (0, 1):
                sides[each][0].call("bench.tasks_federation:clear", source_id=sources[each])
    limits = {"first_load": 4, "unchanged": 1000, "changed_16": 100}
    details = {"datasets": SIZE, "peer": "ckanext-harvest 1.6.3, dcat_rdf; rounds of " + str(PEER_OBJECTS)}
    return [
        Comparison(name=name, ours=both[0], peer=both[1], at_least_ratio=limits[name], details=details) for name, both in found.items()
    ]


def _harvest(side: Inside, source_id: str, most: int, objects: int) -> float:
    done = side.call("bench.tasks_federation:harvest", source_id=source_id, most=most)
    if done["objects"] != objects:
        raise BenchError(f"a harvest had {done['objects']} objects and should have {objects}; the figure would be of something else.")
    return done["seconds"]


def memory(place: Place) -> list[Figure]:
    """Peak memory of gathering a catalogue and importing its first batches, as it grows from 1,600 records to 50,000."""
    peaks: dict[int, float] = {}
    for size in (SMALL, LARGE):
        # Each in a process of its own: a peak never goes down again.
        with serving(_turtle(size)) as address, federal(place.stack) as ours:
            source_id = ours.call("bench.tasks_federation:source", url=address, source_type="edomex_dcat")
            done = ours.call("bench.tasks_federation:harvest", source_id=source_id, most=4)
            if done["objects"] != size:
                raise BenchError(f"{done['objects']} of {size} records were gathered.")
            peaks[size] = ours.call("bench.tasks_federation:peak_mb")
            ours.call("bench.tasks_federation:clear", source_id=source_id)
    growth = peaks[LARGE] - peaks[SMALL]
    samples = {str(size): [peak] for size, peak in peaks.items()}
    return [Measure(name="memory_growth", value=growth, limit=100.0, unit="MB", samples=samples)]


@contextlib.contextmanager
def federal(stack: Stack) -> Iterator[Inside]:
    """A process with the federal side's CKAN."""
    path = ini_path(stack, SITES["federal"])
    if not path.exists():
        raise BenchError("the stack has no federal side: `make bench B=federation`, or within `make with-stack PEER=1 FEDERAL=1`.")
    variable("EDOMEX_FEDERAL_URL")
    with Inside(str(path), stack.logs / "bench-federal.log") as inside:
        inside.result()
        yield inside


@contextlib.contextmanager
def serving(body: bytes) -> Iterator[str]:
    """A server that gives one document; its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/fuente.ttl" else 404)
            self.send_header("Content-Type", "text/turtle")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/fuente.ttl"
    finally:
        server.shutdown()
        server.server_close()


def _turtle(size: int) -> bytes:
    """So many datasets of three files."""
    parts = ["@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .\n"]
    for number in range(size):
        node = f"https://datos.municipio.example.org/dataset/{number}"
        files = ", ".join(f"<{node}/{name}>" for name in ("csv", "json", "xlsx"))
        parts.append(
            f'<{node}> a dcat:Dataset; dct:title "Serie {number}"@es; dct:description "Registro mensual por municipio."@es; '
            f'dcat:keyword "estadística", "municipios"; dct:identifier "{number}"; dcat:distribution {files} .\n'
        )
        parts += [
            f'<{node}/{name}> a dcat:Distribution; dct:title "Serie ({name})"@es; dcat:accessURL <{node}.{name}> .\n'
            for name in ("csv", "json", "xlsx")
        ]
    return "".join(parts).encode()


CASES: Mapping[str, Callable[[Place], list[Figure]]] = MappingProxyType({
    # First, and alone with what it makes: the other cases' thousands would be sent as well.
    "public": public, "whole": whole, "memory": memory,
})  # fmt: skip
