"""What a benchmark found: its arithmetic, its line on the screen and its record in the results file. No service, no clock."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

#: A comparison's median stands on so many rounds at least.
LEAST_ROUNDS = 5


class BenchError(Exception):
    """Why a figure cannot be had, in one sentence with its remedy."""


class Figure(Protocol):
    """One line of a benchmark."""

    @property
    def name(self) -> str:
        """Its name within the room."""
        ...

    @property
    def met(self) -> bool:
        """Whether every limit holds."""
        ...

    def line(self, room: str) -> str:
        """What the screen shows."""
        ...

    def record(self) -> dict[str, Any]:
        """What the results file keeps."""
        ...


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Seconds of ours against seconds of the peer for the same work, a pair in each round."""

    name: str
    ours: Sequence[float]
    peer: Sequence[float]
    #: Seconds that ours may take at most.
    at_most_s: float | None = None
    #: How many times faster than the peer ours has to be.
    at_least_ratio: float | None = None
    details: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if min(len(self.ours), len(self.peer)) < LEAST_ROUNDS:
            raise BenchError(f"{self.name} has fewer than {LEAST_ROUNDS} rounds; let it run to its end.")

    @property
    def ratio(self) -> float:
        """The peer's median over ours: above 1 we are faster."""
        return statistics.median(self.peer) / statistics.median(self.ours)

    @property
    def met(self) -> bool:
        """Whether both limits hold, as far as they were set."""
        fast = self.at_most_s is None or statistics.median(self.ours) <= self.at_most_s
        return fast and (self.at_least_ratio is None or self.ratio >= self.at_least_ratio)

    def line(self, room: str) -> str:
        """The line of the contract; seconds and a plain number."""
        ours, peer = statistics.median(self.ours), statistics.median(self.peer)
        return f"BENCH {room}.{self.name} ours={plain(ours)} peer={plain(peer)} ratio={plain(self.ratio)}"

    def record(self) -> dict[str, Any]:
        """Medians, limits and every sample."""
        return {
            "name": self.name,
            "ours_s": statistics.median(self.ours),
            "peer_s": statistics.median(self.peer),
            "ratio": self.ratio,
            "limits": {"ours_s_at_most": self.at_most_s, "ratio_at_least": self.at_least_ratio},
            "met": self.met,
            "samples": {"ours_s": list(self.ours), "peer_s": list(self.peer)},
            "details": dict(self.details),
        }


@dataclass(frozen=True, kw_only=True)
class Measure:
    """A figure that has a limit and no peer: a percentile, a share, a ratio of ours with ours."""

    name: str
    value: float
    limit: float
    unit: str
    samples: Mapping[str, Sequence[float]]
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def met(self) -> bool:
        """Whether the value is within its limit."""
        return self.value <= self.limit

    def line(self, room: str) -> str:
        """The value beside its limit."""
        return f"BENCH {room}.{self.name} value={plain(self.value)} limit={plain(self.limit)} met={'yes' if self.met else 'no'}"

    def record(self) -> dict[str, Any]:
        """Value, limit and every sample."""
        return {
            "name": self.name,
            "value": self.value,
            "limit": self.limit,
            "unit": self.unit,
            "met": self.met,
            "samples": {name: list(values) for name, values in self.samples.items()},
            "details": dict(self.details),
        }


@dataclass(frozen=True, kw_only=True)
class Timing:
    """Seconds of ours where nobody else does the work: the median has a limit, and no peer stands beside it."""

    name: str
    ours: Sequence[float]
    at_most_s: float
    details: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if len(self.ours) < LEAST_ROUNDS:
            raise BenchError(f"{self.name} has fewer than {LEAST_ROUNDS} rounds; let it run to its end.")

    @property
    def met(self) -> bool:
        """Whether the median is within its limit."""
        return statistics.median(self.ours) <= self.at_most_s

    def line(self, room: str) -> str:
        """The line of the contract, without a peer."""
        return f"BENCH {room}.{self.name} ours={plain(statistics.median(self.ours))}"

    def record(self) -> dict[str, Any]:
        """Median, limit and every sample."""
        limits, median = {"ours_s_at_most": self.at_most_s}, statistics.median(self.ours)
        told = {"name": self.name, "ours_s": median, "limits": limits, "met": self.met}
        return {**told, "samples": {"ours_s": list(self.ours)}, "details": dict(self.details)}


def plain(number: float) -> str:
    """A number with four significant digits and never an exponent: programs and people read it."""
    if number == 0 or not math.isfinite(number):
        return f"{number:g}"
    digits = max(0, 3 - math.floor(math.log10(abs(number))))
    text = f"{number:.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def percentile(values: Sequence[float], share: float) -> float:
    """Nearest rank: the smallest value that `share` of all values do not exceed."""
    if not values:
        raise BenchError("a percentile of nothing; look for what the case should have measured.")
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def alternate(rounds: int, ours: Callable[[int], float], peer: Callable[[int], float]) -> tuple[list[float], list[float]]:
    """Run ours and the peer in turn, the first of each round changing: what the machine does meanwhile meets both."""
    samples: tuple[list[float], list[float]] = ([], [])
    for number in range(rounds):
        sides = [(samples[0], ours), (samples[1], peer)]
        for kept, run in sides if number % 2 == 0 else reversed(sides):
            kept.append(run(number))
    return samples
