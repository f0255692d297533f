"""What the rows of an invented table stand for: places, spans of time, or the entries of a list."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from .chance import Chance
from .places import draw_locality, localities, municipalities
from .writing import Row

FIRST_YEAR = 2020  # growth is counted from here


@dataclass(frozen=True)
class Member:
    """One entry of a dimension: its cells, how much it weighs in a measure, and for places how many live there."""

    cells: Row
    weight: float = 1.0
    thousands: float = 1.0
    factors: Mapping[str, float] = field(default_factory=dict)
    lasting: bool = True
    """False for spans of time: what lasts keeps its own level from one span to the next."""


def _municipality(spec: Mapping[str, Any], _seed: str) -> Iterator[Member]:
    """All municipalities, or those of ``only`` (keys), or those of fewer than ``below`` inhabitants."""
    for key, place in municipalities().items():
        if key in spec.get("only", municipalities()) and place.population < spec.get("below", float("inf")):
            yield Member({"cvegeo": key, "municipio": place.name}, thousands=place.population / 1000)


def _locality(spec: Mapping[str, Any], _seed: str) -> Iterator[Member]:
    """The localities of the municipality ``within``."""
    for place in localities(spec["within"]):
        cells: Row = {"cvegeo_localidad": place.cvegeo, "localidad": place.name}
        yield Member(cells, thousands=place.population / 1000)


def _list(spec: Mapping[str, Any], _seed: str) -> Iterator[Member]:
    """The ``values`` of one or more ``columns``, with optional ``weights`` and named ``factors``."""
    for position, value in enumerate(spec["values"]):
        values = value if isinstance(value, list) else [value]
        factors = {name: numbers[position] for name, numbers in spec.get("factors", {}).items()}
        weight = spec["weights"][position] if "weights" in spec else 1.0
        yield Member(dict(zip(spec["columns"], values, strict=True)), weight, factors=factors)


def _numbered(spec: Mapping[str, Any], seed: str) -> Iterator[Member]:
    """``count`` things called after ``pattern``, of unlike size; with ``within``, each in a municipality."""
    chance = Chance(f"{seed}/{spec['column']}")
    for n in range(1, spec["count"] + 1):
        cells: Row = {spec["column"]: spec["pattern"].format(n=n)}
        if "within" in spec:
            place = draw_locality(chance, spec["within"]).municipality
            cells |= {"cvegeo": place.cvegeo, "municipio": place.name}
        yield Member(cells, weight=chance.uniform(0.6, 1.4))


def _moment(spec: Mapping[str, Any], cells: Row, start: date) -> Member:
    """A span of time: weighs by its month's ``season`` and by yearly ``growth``."""
    season = spec["season"][start.month - 1] if "season" in spec else 1.0
    growth = spec.get("growth", 0.0) * (start.year - FIRST_YEAR + (start.month - 1) / 12)
    return Member(cells, weight=season * (1 + growth), lasting=False)


def _years(spec: Mapping[str, Any]) -> range:
    return range(int(spec["first"]), int(spec.get("last", spec["first"])) + 1)


def _year(spec: Mapping[str, Any], _seed: str) -> Iterator[Member]:
    for year in _years(spec):
        yield _moment(spec, {"anio": year}, date(year, 1, 1))


def _quarter(spec: Mapping[str, Any], _seed: str) -> Iterator[Member]:
    for year in _years(spec):
        for quarter in range(1, 5):
            yield _moment(spec, {"anio": year, "trimestre": quarter}, date(year, quarter * 3 - 1, 1))


def _month(spec: Mapping[str, Any], _seed: str) -> Iterator[Member]:
    for year in _years(spec):
        for month in range(1, 13):
            yield _moment(spec, {"mes": f"{year}-{month:02}"}, date(year, month, 1))


def _days(spec: Mapping[str, Any], step: int) -> Iterator[date]:
    day, last = date.fromisoformat(spec["first"]), date.fromisoformat(spec["last"])
    while day <= last:
        yield day
        day += timedelta(days=step)


def _week(spec: Mapping[str, Any], _seed: str) -> Iterator[Member]:
    for day in _days(spec, 7):
        cells: Row = {"semana_inicio": day.isoformat(), "semana_fin": (day + timedelta(days=6)).isoformat()}
        yield _moment(spec, cells, day)


def _day(spec: Mapping[str, Any], _seed: str) -> Iterator[Member]:
    for day in _days(spec, 1):
        yield _moment(spec, {"fecha": day.isoformat()}, day)


DIMENSIONS: dict[str, Callable[[Mapping[str, Any], str], Iterator[Member]]] = {
    "municipality": _municipality,
    "locality": _locality,
    "list": _list,
    "numbered": _numbered,
    "year": _year,
    "quarter": _quarter,
    "month": _month,
    "week": _week,
    "day": _day,
}


def members(spec: Mapping[str, Any], seed: str) -> list[Member]:
    """The entries of the dimension that *spec* describes, always the same for the same seed."""
    return list(DIMENSIONS[spec["by"]](spec, seed))
