"""The feed when the catalogue is large, and when many harvesters ask at the same instant. Ours alone: the peer has no such thing."""

from __future__ import annotations

import itertools
import statistics
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bench.feed_catalogue import NOT_MODIFIED, OK, SIZE, published
from bench.figures import BenchError, Figure, Measure
from bench.place import Place, Site
from bench.release_idle import pid

LARGE = 100_000
ROUNDS = 5
#: Times the cost of a dataset among `SIZE`.
GROWTH_LIMIT = 1.15
MEMORY_LIMIT_MB = 150.0
POLLERS, SEARCHES = 50, 60
SEARCH_LIMIT = 1.3
WORDS = ("escolar", "mercados", "agua", "viales", "municipio", "presupuesto")
COUNT = "SELECT count(*) FROM package WHERE type = 'dataset' AND state = 'active' AND NOT private"
KB = 1024


def growth(place: Place) -> list[Figure]:
    """The whole catalogue from its fragments, this machine's copies forgotten, small and large; and what a worker's memory did."""
    site = place.ours
    published(site, "crece", SIZE)
    small, few = _whole(site), site.value(COUNT)
    idle = memory(place, peak=False)
    published(site, "crece-mas", LARGE - few)
    large, many = _whole(site), site.value(COUNT)
    over = max(memory(place, peak=True)) - max(idle)
    cost = (statistics.median(large) / many) / (statistics.median(small) / few)
    return [
        Measure(
            name="growth", value=cost, limit=GROWTH_LIMIT, unit="× a dataset's cost among few",
            samples={"few_s": small, "many_s": large}, details={"few": few, "many": many},
        ),
        Measure(name="memory", value=over, limit=MEMORY_LIMIT_MB, unit="MB over idle, the largest worker", samples={"idle_mb": idle}),
    ]  # fmt: skip


def pollers(place: Place) -> list[Figure]:
    """The search page while fifty harvesters ask what is new, all at one instant of each second, against a quiet portal."""
    site = place.ours
    published(site, "sondeo", SIZE, indexed=True)
    reader = site.visitor()
    tag = reader.get("/catalog.ttl").headers["ETag"]
    _searched(site)
    quiet, over = _searched(site), threading.Event()
    with ThreadPoolExecutor(POLLERS) as pool:
        together = threading.Barrier(POLLERS, action=lambda: time.sleep(1 - time.time() % 1))
        asked = [pool.submit(_poll, site, tag, together, over) for _ in range(POLLERS)]
        try:
            polled = _searched(site)
        finally:
            over.set()
            together.abort()
        answers = sum(each.result() for each in asked)
    return [
        Measure(
            name="search_while_polled", value=statistics.median(polled) / statistics.median(quiet), limit=SEARCH_LIMIT,
            unit="ratio of medians", samples={"quiet_s": quiet, "polled_s": polled},
            details={"pollers": POLLERS, "answers": answers},
        )
    ]  # fmt: skip


def memory(place: Place, *, peak: bool) -> list[float]:
    """Megabytes of each worker of the portal: of now, with the peak forgotten; or the peak since."""
    found: list[float] = []
    for process in _workers(pid(place, "portal-web")):
        status = Path(f"/proc/{process}/status").read_text(encoding="utf-8")
        lines = dict(line.split(":", 1) for line in status.splitlines())
        found.append(int(lines["VmHWM" if peak else "VmRSS"].split()[0]) / KB)
        if not peak:
            # Linux begins the peak anew.
            Path(f"/proc/{process}/clear_refs").write_text("5", encoding="utf-8")
    return found


def _workers(master: int) -> list[int]:
    children = Path(f"/proc/{master}/task/{master}/children").read_text(encoding="utf-8")
    return [int(each) for each in children.split()]


def _whole(site: Site) -> list[float]:
    reader, expected = site.visitor(), site.value(COUNT)
    site.inside.call("bench.tasks:make_fragments", form="nt")
    found: list[float] = []
    for _ in range(ROUNDS):
        site.inside.call("bench.tasks:forget_feed", fragments=False)
        begun, lines = time.perf_counter(), 0
        address, plain = f"{reader.url}/catalog/full.nt", {"Accept-Encoding": "identity"}
        with reader.session.get(address, headers=plain, timeout=110, stream=True) as answer:
            for block in answer.iter_content(1 << 20):
                lines += block.count(b"#Dataset> .\n")
        found.append(time.perf_counter() - begun)
        if answer.status_code != OK or lines < 0.99 * expected:  # a line may be cut by the end of a block
            raise BenchError(f"ours answered {answer.status_code} with {lines} of {expected} datasets.")
    return found


def _searched(site: Site) -> list[float]:
    visitor, found = site.visitor(), []
    visitor.get("/dataset/")
    for word in itertools.islice(itertools.cycle(WORDS), SEARCHES):
        begun = time.perf_counter()
        if visitor.get(f"/dataset/?q={word}").status_code != OK:
            raise BenchError("the search page did not answer.")
        found.append(time.perf_counter() - begun)
    return found


def _poll(site: Site, tag: str, together: threading.Barrier, over: threading.Event) -> int:
    """Ask with the others, once a second, until it is over; returns how often."""
    reader, answers = site.visitor(), 0
    wait: Callable[[], int] = together.wait
    while not over.is_set():
        try:
            wait()
        except threading.BrokenBarrierError:
            break
        status = reader.session.get(f"{reader.url}/catalog.ttl", headers={"If-None-Match": tag}, timeout=60).status_code
        if status != NOT_MODIFIED:
            raise BenchError(f"a harvester got {status} though nothing is new.")
        answers += 1
    return answers
