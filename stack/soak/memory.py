"""Memory of a stack's long-lived processes over time: which grow, and which did not live long."""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field

import psutil

from stack.places import Stack
from stack.programs import Supervisor
from stack.sites import SITES, programs

EVERY_S = 5.0
#: Part of the run in which caches fill: templates, vocabularies, statements, the first of each page.
WARM_UP = 0.35
#: What a process may grow after that: noise of the allocator, and so much a minute. In two minutes web workers were seen to
#: grow by less than 1 MB after the warm-up. A worker answers about 270 requests a minute here, so in the 19 minutes that count
#: of half an hour this finds what leaves 3 KB behind with each: less than any request's own objects.
NOISE_MB = 8.0
A_MINUTE_MB = 0.3
#: Java takes its heap (512 MB) as it likes; what it must not do is go beyond it and its own code.
SOLR_MB = 900.0
MB = 1_000_000


@dataclass
class Line:
    """One process: seconds since the beginning, and megabytes resident."""

    name: str
    identity: tuple[int, float]
    at: list[float] = field(default_factory=list)
    mb: list[float] = field(default_factory=list)

    def growth(self, after: float) -> float:
        """Megabytes by which it grew from `after` seconds on: the slope of a straight line through it, times its length."""
        kept = [(at, mb) for at, mb in zip(self.at, self.mb, strict=True) if at >= after]
        if len(kept) < 3:
            return 0.0
        slope = statistics.linear_regression(*zip(*kept, strict=True)).slope
        return slope * (kept[-1][0] - kept[0][0])


class Watch(threading.Thread):
    """Writes down the memory of each process of the portal until `end`."""

    def __init__(self, stack: Stack) -> None:
        super().__init__(daemon=True)
        self.stack, self.supervisor = stack, Supervisor(stack)
        self.names = [program.name for program in programs(stack, SITES["portal"])] + ["valkey", "solr"]
        self.lines: dict[tuple[int, float], Line] = {}
        self.replaced: list[str] = []
        self._over = threading.Event()
        self._begun = time.monotonic()

    def run(self) -> None:
        """Look every few seconds."""
        self.look()
        while not self._over.wait(EVERY_S):
            self.look()

    def end(self) -> None:
        """Stop; what was written down stays."""
        self._over.set()
        self.join()

    def look(self) -> None:
        """Write down every process as it is now; one that was not there at the first look took another's place."""
        first = not self.lines
        for name, process in self._processes():
            try:
                identity, mb = (process.pid, process.create_time()), process.memory_info().rss / MB
            except psutil.NoSuchProcess:
                continue
            if identity not in self.lines:
                self.lines[identity] = Line(name, identity)
                if not first:
                    self.replaced.append(f"{name} was replaced by process {process.pid} after {self._elapsed():.0f} s")
            self.lines[identity].at.append(self._elapsed())
            self.lines[identity].mb.append(mb)

    def _elapsed(self) -> float:
        return time.monotonic() - self._begun

    def _processes(self) -> Iterable[tuple[str, psutil.Process]]:
        for name in self.names:
            try:
                process = psutil.Process(self.supervisor.pid(name))
                yield name, process
                # gunicorn's workers live as long as it does; the children of others come and go.
                if name.endswith("-web"):
                    yield from ((f"{name}-worker", child) for child in process.children())
            except psutil.NoSuchProcess:
                continue

    def growths(self) -> dict[str, float]:
        """Megabytes by which each process grew after the warm-up; of several with one name, the one that grew most.

        One that came later warms up later, and is a complaint already.
        """
        after = self._span() * WARM_UP
        found: dict[str, float] = {}
        for line in self.lines.values():
            if line.name != "solr" and line.at[0] <= EVERY_S:
                found[line.name] = max(found.get(line.name, -1e9), line.growth(after))
        return found

    def _span(self) -> float:
        return max((line.at[-1] for line in self.lines.values()), default=0.0)

    def allowed_mb(self) -> float:
        """What a process may have grown in the time that was watched."""
        return NOISE_MB + A_MINUTE_MB * self._span() * (1 - WARM_UP) / 60

    def complaints(self) -> list[str]:
        """What is wrong with memory, a sentence for each."""
        limit = self.allowed_mb()
        found = [f"{name} grew by {grown:.1f} MB, {limit:.1f} are allowed" for name, grown in self.growths().items() if grown > limit]
        solr = max((max(line.mb) for line in self.lines.values() if line.name == "solr"), default=0.0)
        if solr > SOLR_MB:
            found.append(f"solr took {solr:.0f} MB, {SOLR_MB:.0f} are allowed")
        return [*self.replaced, *found]

    def table(self) -> str:
        """First, middle and last figure of every process."""
        rows = [
            f"{line.name:24} {line.identity[0]:>8} {line.mb[0]:8.1f} {line.mb[len(line.mb) // 2]:8.1f} {line.mb[-1]:8.1f}"
            f" {line.growth(self._span() * WARM_UP):8.1f}"
            for line in sorted(self.lines.values(), key=lambda line: line.name)
        ]
        return "\n".join([f"{'process':24} {'pid':>8} {'MB first':>8} {'middle':>8} {'last':>8} {'growth':>8}", *rows])
