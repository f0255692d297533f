"""Invented tables with a row for each combination of dimensions: series, budgets, surveys."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from math import prod
from typing import Any

from .chance import Chance, Number, rounded
from .dimensions import Member, members
from .writing import Row


@dataclass(frozen=True)
class Measure:
    """A numeric column: a quantity of its own, a share ``of`` another column, or a ``quotient`` of two."""

    column: str
    scale: float = 1.0
    """Typical size for weight 1; for a thousand inhabitants where ``per_thousand`` is set; what a quotient is times."""
    per_thousand: bool = False
    weighted: bool = True
    """Whether the weights of the dimensions count: they do for quantities, hardly ever for prices and averages."""
    spread: float = 0.3
    """How far the lasting level of a place or thing strays from the typical."""
    noise: float = 0.1
    """How far one row strays from that level."""
    decimals: int = 0
    factor: str | None = None
    """A named factor of a list dimension that multiplies this measure only."""
    of: str | None = None
    low: float = 0.0
    high: float = float("inf")
    """Bounds: of the share where ``of`` is set, else of the value itself."""
    quotient: Sequence[str] = ()
    """The two columns, the divided one first."""


@lru_cache(maxsize=50_000)
def _level(seed: str, column: str, identity: str, spread: float) -> float:
    """The lasting level of one place or thing: the same in each file of a dataset, so that its years agree."""
    return Chance(f"{seed}/{column}/{identity}").around_one(spread)


@lru_cache(maxsize=50_000)
def _kept(seed: str, identity: str, share: float) -> bool:
    return share >= 1 or Chance(f"{seed}/keep/{identity}").uniform(0, 1) < share


def _identity(combination: Sequence[Member]) -> str:
    return "/".join(str(value) for member in combination if member.lasting for value in member.cells.values())


def _factor(measure: Measure, combination: Sequence[Member]) -> float:
    return prod(member.factors.get(measure.factor, 1.0) for member in combination) if measure.factor else 1.0


def _quantity(measure: Measure, combination: Sequence[Member], seed: str, chance: Chance) -> float:
    size = measure.scale * _factor(measure, combination)
    if measure.weighted:
        size *= prod(member.weight for member in combination)
    if measure.per_thousand:
        size *= prod(member.thousands for member in combination)
    size *= _level(seed, measure.column, _identity(combination), measure.spread) * chance.around_one(measure.noise)
    return min(max(size, measure.low), measure.high)


def _value(measure: Measure, combination: Sequence[Member], row: Row, seed: str, chance: Chance) -> Number:
    if measure.quotient:
        above, below = (float(row[column]) for column in measure.quotient)
        size = measure.scale * above / below if below else 0.0
    elif measure.of:
        share = chance.uniform(measure.low, measure.high) * _factor(measure, combination)
        size = float(row[measure.of]) * share
    else:
        size = _quantity(measure, combination, seed, chance)
    return rounded(size, measure.decimals)


def _row(combination: Sequence[Member], measures: Sequence[Measure], seed: str, chance: Chance) -> Row:
    row: Row = {}
    for member in combination:
        row |= member.cells
    for measure in measures:
        row[measure.column] = _value(measure, combination, row, seed, chance)
    return row


def build_table(spec: Mapping[str, Any], dataset: str, file: str) -> list[Row]:
    """The rows that *spec* describes: its ``rows`` crossed, with its ``measures``.

    ``keep`` is the share of combinations that exist at all (not every crop grows in every municipality).
    ``suppress_below`` leaves out a row with any smaller measure, as one does with counts of people.
    """
    dimensions = [members(dimension, dataset) for dimension in spec["rows"]]
    measures = [Measure(**measure) for measure in spec["measures"]]
    chance = Chance(f"{dataset}/{file}")
    rows = [
        _row(combination, measures, dataset, chance)
        for combination in product(*dimensions)
        if _kept(dataset, _identity(combination), spec.get("keep", 1.0))
    ]
    least = spec.get("suppress_below", 0)
    return [row for row in rows if all(float(row[measure.column]) >= least for measure in measures)]
