"""Days on which the state's offices do not work, by rule and year. The table, with its sources, is `holidays.yaml`."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from datetime import date, timedelta
from importlib import resources
from typing import Any

import yaml


@dataclass(frozen=True, kw_only=True)
class Holiday:
    """One rule of the table."""

    name: str
    source: str
    #: Month and day; or week, weekday and month.
    on: tuple[int, int] | None
    nth: tuple[int, int, int] | None
    first_year: int
    every: int

    def in_year(self, year: int) -> date | None:
        """Its day in a year; none where it is not observed."""
        if year < self.first_year or (year - self.first_year) % self.every:
            return None
        if self.on is not None:
            return date(year, *self.on)
        assert self.nth is not None
        week, weekday, month = self.nth
        first = date(year, month, 1)
        return first + timedelta(days=(weekday - first.isoweekday()) % 7 + 7 * (week - 1))


def read(rows: list[dict[str, Any]]) -> tuple[Holiday, ...]:
    """The rules of a table. KeyError or ValueError for a row that is none."""
    return tuple(_rule(row) for row in rows)


@functools.cache
def table() -> tuple[Holiday, ...]:
    """The state's own table."""
    return read(yaml.safe_load(resources.files("ckanext.edomex.release.domain").joinpath("holidays.yaml").read_text(encoding="utf-8")))


def holidays(year: int) -> dict[date, str]:
    """Every holiday of a year, with its name."""
    found = ((rule.in_year(year), rule.name) for rule in table())
    return dict(sorted((day, name) for day, name in found if day is not None))


def holiday(day: date) -> str | None:
    """Name of the holiday that a day is; none for another."""
    return holidays(day.year).get(day)


def _rule(row: dict[str, Any]) -> Holiday:
    on = nth = None
    if "day" in row:
        month, day = (int(part) for part in str(row["day"]).split("-"))
        on = (month, day)
    else:
        nth = (int(row["nth"]["week"]), int(row["nth"]["weekday"]), int(row["nth"]["month"]))
    first, every = int(row.get("from", 1)), int(row.get("every", 1))
    return Holiday(name=str(row["name"]), source=str(row["source"]), on=on, nth=nth, first_year=first, every=every)
