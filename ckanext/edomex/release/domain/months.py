"""Months of the state's calendar: their name, their days, the instants at which they begin and end."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from ckanext.edomex.domain.clock import MONTHS, ZONE, local

#: In the order of `date.weekday`.
WEEKDAYS = ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo")
_MONTH = re.compile(r"^(\d{4})-(\d{2})$")
#: Years that a calendar is asked for; beyond them nobody promised anything.
FIRST_YEAR, LAST_YEAR = 2000, 2100


class MonthError(ValueError):
    """No month; the text says what to write."""


@dataclass(frozen=True, order=True)
class Month:
    """A month of a year."""

    year: int
    number: int

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.number:02d}"

    @property
    def title(self) -> str:
        """«marzo de 2027»."""
        return f"{MONTHS[self.number - 1]} de {self.year}"

    @property
    def begin(self) -> datetime:
        """Its first instant in the state's zone."""
        return datetime(self.year, self.number, 1, tzinfo=ZONE)

    @property
    def end(self) -> datetime:
        """The first instant of the next."""
        return self.plus(1).begin

    def plus(self, months: int) -> Month:
        """So many months later, or earlier."""
        count = self.year * 12 + self.number - 1 + months
        return Month(count // 12, count % 12 + 1)

    def days(self) -> list[date]:
        """Every day of it."""
        return [date(self.year, self.number, day) for day in range(1, calendar.monthrange(self.year, self.number)[1] + 1)]


def month_of(instant: datetime) -> Month:
    """The month of an instant in the state's zone."""
    moment = local(instant)
    return Month(moment.year, moment.month)


def parse_month(text: object) -> Month:
    """The month that a person or program means by «2027-03».

    Raises:
        MonthError: it is none, or far from every promise.
    """
    found = _MONTH.match(text) if isinstance(text, str) else None
    if found is None or not 1 <= int(found[2]) <= 12 or not FIRST_YEAR <= int(found[1]) <= LAST_YEAR:  # noqa: PLR2004  # a year's months
        raise MonthError("No se entiende el mes; escríbalo como 2027-03.")
    return Month(int(found[1]), int(found[2]))


def day_bounds(day: date) -> tuple[datetime, datetime]:
    """The first instant of a day in the state's zone, and of the next."""
    begin = datetime(day.year, day.month, day.day, tzinfo=ZONE)
    later = day + timedelta(days=1)
    return begin, datetime(later.year, later.month, later.day, tzinfo=ZONE)
