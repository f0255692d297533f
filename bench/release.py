"""The release room: a batch at its instant, single releases, idle loops, a full calendar, searches meanwhile."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from types import MappingProxyType
from typing import Any

from bench import release_engine as engine
from bench.datasets import Batch, make, visible
from bench.figures import BenchError, Comparison, Figure, Measure, alternate, percentile
from bench.place import POLL_S, Place, Site, sleep_until, wait_until
from bench.release_calendar import claim_million
from bench.release_idle import idle

SIZE = 1000
ROUNDS = 5
#: Datasets of the peer's rounds: the first is a whole one, the others a part, for a whole one takes a minute. The seconds are
#: scaled to the whole; `peer_s_each` in the results shows that a dataset costs the same in both.
PEER_SIZES = (SIZE, 200, 200, 200, 200)
#: Datasets that the peer's other way, its Action API, is tried with.
API_SAMPLE = 50
SINGLES, APART_S = 200, 0.15
#: Public datasets that a search finds whatever is released meanwhile.
BACKGROUND = 300
SEARCH_ROUNDS, SEARCHES = 3, 150
#: What visitors ask for: the start page's search, words, filters, another order.
QUERIES: tuple[dict[str, Any], ...] = (
    {"rows": 10},
    {"q": "calidad del agua", "rows": 10},
    {"q": "presupuesto", "rows": 10, "facet.field": ["tags", "organization", "res_format"]},
    {"rows": 10, "sort": "metadata_modified desc", "fq": "res_format:CSV"},
)


def batch(place: Place) -> list[Figure]:
    """One instant for all, until anybody's search finds every one; then the same with the warm-up's work added."""
    warm_ups, each, loops = [], [], []

    def ours(number: int) -> float:
        made = make(place.ours, f"lote-{number}", SIZE)
        promised = engine.promise(place.ours, made)
        warm_ups.append(promised.warm_up_s)
        return seconds_until_visible(place.ours, made, promised.at)

    def peer(number: int) -> float:
        made = make(place.peer, f"lote-{number}", PEER_SIZES[number])
        begun = time.time()
        # Nobody looks while the peer works: it is spared what our own rounds have to bear.
        loops.append(place.peer.inside.call("bench.tasks:publish", ids=made.ids) / len(made.ids))
        each.append(seconds_until_visible(place.peer, made, begun) / len(made.ids))
        return each[-1] * SIZE

    ours_s, peer_s = alternate(ROUNDS, ours, peer)
    details = {
        "peer": "`package_patch` one by one inside the vanilla CKAN, each with its own commits, as an operator's script would",
        "peer_sizes": PEER_SIZES, "peer_s_each": each, "peer_s_each_of_the_loop_itself": loops,
        "peer_s_each_through_its_action_api": through_the_api(place.peer),
    }  # fmt: skip
    work = [seconds or 0.0 for seconds in warm_ups]
    total_s = [a + b for a, b in zip(ours_s, work, strict=True)]
    has_warm_up = any(seconds is not None for seconds in warm_ups)
    return [
        Comparison(name="batch_1000", ours=ours_s, peer=peer_s, at_most_s=2.0, at_least_ratio=25.0, details=details),
        Comparison(
            name="batch_1000_total", ours=total_s, peer=peer_s, at_least_ratio=3.0,
            details={"warm_up_s": work, "engine_has_a_warm_up": has_warm_up},
        ),
    ]  # fmt: skip


def seconds_until_visible(site: Site, made: Batch, begun: float) -> float:
    """Seconds from an instant until an anonymous search counts them all; BenchError if it counts any before."""
    visitor = site.visitor()
    while time.time() < begun:
        # A check of the engine, and what makes the first look after the instant as fast as the others.
        if visible(visitor, made):
            raise BenchError("a dataset was public before its instant; the engine is broken, do not measure it.")
        time.sleep(POLL_S)
    wait_until(lambda: visible(visitor, made) == len(made.ids), engine.PATIENCE_S, "the search did not find every dataset")
    return time.time() - begun


def through_the_api(peer: Site) -> float:
    """Seconds for each dataset when the peer's script is a client of the Action API instead."""
    made, clerk = make(peer, "lote-api", API_SAMPLE), peer.clerk()
    begun = time.monotonic()
    for dataset_id in made.ids:
        clerk.call("package_patch", id=dataset_id, private=False)
    return (time.monotonic() - begun) / len(made.ids)


def singles(place: Place) -> list[Figure]:
    """Releases one after another: how late the latest of a hundred is."""
    made = make(place.ours, "sueltos", SINGLES)
    engine.promise(place.ours, made, apart=APART_S)
    engine.wait_until_released(place.ours, made)
    late = engine.lateness(place.ours, made)
    details = {"apart_s": APART_S, "median_s": statistics.median(late), "latest_s": max(late)}
    p99 = percentile(late, 0.99)
    return [Measure(name="single_lateness_p99", value=p99, limit=0.5, unit="s", samples={"lateness_s": late}, details=details)]


def search_while_releasing(place: Place) -> list[Figure]:
    """What a visitor's search takes while a batch is released, against the same a moment before."""
    site = place.ours
    background = make(site, "fondo", BACKGROUND)
    engine.promise(site, background)
    engine.wait_until_released(site, background)
    idle_s: list[float] = []
    releasing_s: list[float] = []
    windows: list[float] = []
    for number in range(SEARCH_ROUNDS):
        made = make(site, f"busquedas-{number}", SIZE)
        engine.wait_until_followed(site)
        idle_s += [seconds for _, seconds in search(site, lambda done: done >= SEARCHES)]
        promised = engine.promise(site, made)
        with ThreadPoolExecutor(1) as pool:
            over = pool.submit(released_and_followed, site, made)
            sleep_until(promised.at)
            timed = search(site, lambda _: over.done())  # noqa: B023  # called in this round only
            end = over.result()
        releasing_s += [seconds for begun, seconds in timed if begun <= end]
        windows.append(end - promised.at)
    return [
        Measure(
            name="search_while_releasing", value=statistics.median(releasing_s) / statistics.median(idle_s), limit=1.5,
            unit="ratio of medians", samples={"idle_s": idle_s, "releasing_s": releasing_s},
            details={"windows_s": windows, "p95_idle_s": percentile(idle_s, 0.95), "p95_releasing_s": percentile(releasing_s, 0.95)},
        )
    ]  # fmt: skip


def search(site: Site, enough: Callable[[int], bool]) -> list[tuple[float, float]]:
    """Search without a pause until told that it is enough; the instant and the seconds of each."""
    visitor, found = site.visitor(), []
    visitor.call("package_search", rows=0)  # opens the connection that the others use
    while not enough(len(found)):
        query, begun = QUERIES[len(found) % len(QUERIES)], time.time()
        visitor.call("package_search", **query)
        found.append((begun, time.time() - begun))
    return found


def released_and_followed(site: Site, made: Batch) -> float:
    """Wait until a batch is released and indexed; returns the instant at which that was so."""
    engine.wait_until_released(site, made)
    engine.wait_until_followed(site)
    return engine.last_follow_up(site)


CASES: Mapping[str, Callable[[Place], list[Figure]]] = MappingProxyType(
    {"batch": batch, "singles": singles, "idle": idle, "claim": claim_million, "search": search_while_releasing}
)
