"""The schemas: what it costs to validate a dataset, and to take a thousand from a workbook, against the stock tools."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType

from bench.figures import BenchError, Comparison, Figure, alternate
from bench.place import Place, Site

ROUNDS = 7
#: Validations in a round: one takes some milliseconds.
TIMES = 20
RESOURCES = 10
IMPORTED, IMPORT_ROUNDS = 1000, 5
#: Datasets of each of the peer's rounds but the first, scaled to a thousand; `peer_s_each` shows what one cost.
PEER_SIZES = (IMPORTED, 200, 200, 200, 200)


def validate(place: Place) -> list[Figure]:
    """A dataset of ten resources against our schema; the peer against ckanext-scheming's whole DCAT schema."""

    def seconds(site: Site, schema: str) -> float:
        return site.inside.call("bench.tasks_schemas:validate", schema=schema, resources=RESOURCES, times=TIMES)

    def ours(_number: int) -> float:
        return seconds(place.ours, "ours")

    def peer(_number: int) -> float:
        return seconds(place.peer, "dcat_ap_full")

    ours(0)
    peer(0)
    ours_s, peer_s = alternate(ROUNDS, ours, peer)
    details = {"peer": "ckanext-dcat's dcat_ap_full.yaml through ckanext-scheming", "resources": RESOURCES}
    return [Comparison(name="validate", ours=ours_s, peer=peer_s, at_least_ratio=1.0, details=details)]


def import_1000(place: Place) -> list[Figure]:
    """A thousand drafts from a workbook, found by the search when it ends; the peer loads as many with `ckanapi load`."""
    each: list[float] = []
    with TemporaryDirectory() as folder:

        def ours(number: int) -> float:
            path = str(Path(folder, f"{number}.xlsx"))
            agency = place.ours.inside.call("bench.tasks_schemas:workbook", path=path, number=number, size=IMPORTED)
            begun = time.perf_counter()
            created = place.ours.inside.call("bench.tasks_schemas:take", path=path, agency=agency)
            seconds = time.perf_counter() - begun
            if created != IMPORTED:
                raise BenchError(f"{created} datasets of {IMPORTED} were taken in.")
            return seconds

        def peer(number: int) -> float:
            size, path = PEER_SIZES[number], str(Path(folder, f"{number}.jsonl"))
            place.peer.inside.call("bench.tasks_schemas:lines", path=path, number=number, size=size)
            begun = time.perf_counter()
            loaded = place.peer.inside.call("bench.tasks_schemas:load", path=path)
            each.append((time.perf_counter() - begun) / size)
            if loaded != size:
                raise BenchError(f"{loaded} datasets of {size} were loaded.")
            return each[-1] * IMPORTED

        ours_s, peer_s = alternate(IMPORT_ROUNDS, ours, peer)
    details = {"peer": "ckanapi load datasets, one worker, inside the vanilla CKAN", "peer_sizes": PEER_SIZES, "peer_s_each": each}
    return [Comparison(name="import_1000", ours=ours_s, peer=peer_s, at_least_ratio=2.0, details=details)]


CASES: Mapping[str, Callable[[Place], list[Figure]]] = MappingProxyType({"validate": validate, "import_1000": import_1000})
