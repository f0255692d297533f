"""The shield room: what visitors wait for with all our plugins, against a vanilla CKAN that has none of them.

Both sites run under the same server with as many workers and threads (`stack/sites.py`, `stack/wsgi.py`), and hold
the same public datasets.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from types import MappingProxyType
from urllib.parse import quote

from bench import release_engine as engine
from bench.datasets import Batch, make
from bench.figures import BenchError, Comparison, Figure, alternate
from bench.place import Place, Site

SIZE = 200
#: Pairs of requests for each address. A request takes some 30 ms, and the machine's moods longer.
ROUNDS = 150
#: Requests that go before, so that every worker of both has compiled its templates and filled its caches.
WARM_UP = 40
LIMIT = 0.95
OK = 200
#: Address by the number of the round: other datasets, pages and words each time, the same ones on both sides.
ADDRESSES: Mapping[str, Callable[[str, int], str]] = MappingProxyType({
    "home": lambda _name, _number: "/",
    "search": lambda _name, number: f"/dataset/?q={quote(WORDS[number % len(WORDS)])}",
    "dataset": lambda name, _number: f"/dataset/{name}",
    "package_show": lambda name, _number: f"/api/3/action/package_show?id={name}",
    "package_search": lambda _name, number: (
        f"/api/3/action/package_search?rows=20&start={number % 10}&facet.field=%5B%22tags%22,%22organization%22%5D"
    ),
})
WORDS = ("calidad del agua", "mercados", "serie mensual", "presupuesto")


def overhead(place: Place) -> list[Figure]:
    """Each address as anybody, ours and the peer in turn over kept connections; then the worst of them."""
    names = {site.name: _published(site) for site in (place.ours, place.peer)}
    found = [_compared(place, names, address) for address in ADDRESSES]
    worst = min(found, key=lambda figure: figure.ratio)
    details = {"worst": worst.name, "ratios": {figure.name: figure.ratio for figure in found}}
    return [*found, Comparison(name="overhead", ours=worst.ours, peer=worst.peer, at_least_ratio=LIMIT, details=details)]


def _compared(place: Place, names: Mapping[str, list[str]], address: str) -> Comparison:
    ours, peer = (_reader(site, names[site.name], address) for site in (place.ours, place.peer))
    for number in range(WARM_UP):
        ours(number)
        peer(number)
    ours_s, peer_s = alternate(ROUNDS, ours, peer)
    # Of each pair alone: what the machine does in a second meets both of it.
    pairs = statistics.median(theirs / mine for mine, theirs in zip(ours_s, peer_s, strict=True))
    return Comparison(
        name=f"overhead_{address}", ours=ours_s, peer=peer_s, at_least_ratio=LIMIT,
        details={"median_ratio_of_pairs": pairs, "address": ADDRESSES[address]("NAME", 0)},
    )  # fmt: skip


def _reader(site: Site, names: list[str], address: str) -> Callable[[int], float]:
    """Seconds of one request by its number, body included."""
    visitor = site.visitor()

    def read(number: int) -> float:
        path = ADDRESSES[address](names[number % len(names)], number)
        begun = time.perf_counter()
        answer = visitor.get(path)
        seconds = time.perf_counter() - begun
        if answer.status_code != OK:
            raise BenchError(f"{site.name} answered {path} with {answer.status_code}; the figure would be of something else.")
        return seconds

    return read


def _published(site: Site) -> list[str]:
    """Public datasets, made in the site's own way; returns their names in one order on both sides."""
    batch = make(site, "portada", SIZE)
    if site.is_ours:
        engine.promise(site, batch)
        engine.wait_until_released(site, batch)
        engine.wait_until_followed(site)
    else:
        site.inside.call("bench.tasks:publish", ids=batch.ids)
    return _names(site, batch)


def _names(site: Site, batch: Batch) -> list[str]:
    with site.database() as cursor:
        cursor.execute("SELECT name FROM package WHERE id = ANY(%s) ORDER BY title, name", [batch.ids])
        return [row[0] for row in cursor.fetchall()]


CASES: Mapping[str, Callable[[Place], list[Figure]]] = MappingProxyType({"overhead": overhead})
