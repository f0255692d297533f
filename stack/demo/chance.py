"""Seeded random draws, built on ``Random.random`` alone: the one method whose sequence Python promises to keep."""

from bisect import bisect
from collections.abc import Sequence
from itertools import accumulate
from random import Random
from typing import TypeVar

T = TypeVar("T")

Number = int | float


def rounded(value: float, decimals: int) -> Number:
    """Round to *decimals* places, giving an int for none: so that counts are written without a point."""
    return int(value + 0.5) if decimals == 0 else round(value, decimals)


class Chance:
    """A stream of draws that depends on nothing but its seed text."""

    def __init__(self, seed: str) -> None:
        """Begin the stream of *seed*: equal texts give equal streams, on any machine."""
        self._random = Random(f"edomex-demo/{seed}")

    def uniform(self, low: float, high: float) -> float:
        """Any number between the two bounds, all as likely."""
        return low + (high - low) * self._random.random()

    def around_one(self, width: float) -> float:
        """A factor of mean 1 within ``1 ± width``, near 1 more often: noise for a series."""
        total = self._random.random() + self._random.random() + self._random.random()
        return 1 + width * (total / 1.5 - 1)

    def number(self, low: float, high: float, decimals: int = 0, skew: int = 1) -> Number:
        """A number within the bounds; each *skew* above 1 makes small ones more common, as in sizes of things."""
        share = 1.0
        for _ in range(skew):
            share *= self._random.random()
        return rounded(low + (high - low) * share, decimals)

    def index(self, cumulative: Sequence[float]) -> int:
        """A position drawn by its weight, given the running totals of the weights."""
        return min(bisect(cumulative, self.uniform(0, cumulative[-1])), len(cumulative) - 1)

    def pick(self, items: Sequence[T], weights: Sequence[float] = ()) -> T:
        """One of the items, all as likely or by weight."""
        return items[self.index(list(accumulate(weights or [1.0] * len(items))))]
