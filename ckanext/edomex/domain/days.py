"""Days, months and years as people and spreadsheets write them; kept as ISO 8601 with the precision that they have."""

from __future__ import annotations

import re
from datetime import date

from ckanext.edomex.domain.clock import MONTHS

EARLIEST, LATEST = 1500, 2200
_ISO = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")
_ISO_INSTANT = re.compile(r"(\d{4}-\d{2}-\d{2})[t ]\d{2}:\d{2}.*")
_SLASHED = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")
_SLASHED_MONTH = re.compile(r"(\d{1,2})[/.-](\d{4})")
#: «15 de marzo de 2020», «marzo 2020», «mzo-2020», «15 mar. 2020».
_SPOKEN = re.compile(r"(?:(\d{1,2})(?:\s+de)?[\s-]+)?([a-záéíóú]{3,})\.?(?:\s+del?)?[\s-]+(\d{4})")
_MONTH_WORDS = {month[:3]: number for number, month in enumerate(MONTHS, start=1)} | {"mzo": 3, "set": 9, "sept": 9}


class DayError(ValueError):
    """No day, month or year of the calendar; the text says what to write."""


def parsed(text: str) -> str:
    """`2020`, `2020-03` or `2020-03-15` from what was written.

    Day and month stand in that order where a date has slashes, as in Mexico.

    Raises:
        DayError: it is no date, or none of the calendar.
    """
    found = _parts(text.strip().lower())
    if found is None:
        raise DayError(f"No se entiende la fecha «{text[:40]}»; escríbala como 2020-03-15, 2020-03 o 2020.")
    year, month, day = found
    if not EARLIEST <= year <= LATEST:
        raise DayError(f"El año {year} no es posible; escriba uno entre {EARLIEST} y {LATEST}.")
    try:
        date(year, month or 1, day or 1)
    except ValueError:
        raise DayError(f"«{text[:40]}» no está en el calendario; revise el día y el mes.") from None
    return "-".join(f"{part:0{width}}" for part, width in ((year, 4), (month, 2), (day, 2)) if part)


def first_day(day: str) -> str:
    """The first day of a year, month or day in ISO 8601."""
    return (day + "-01-01")[:10]


def last_day(day: str) -> str:
    """The last day of a year, month or day in ISO 8601."""
    year, month, number = _numbers(day)
    if number:
        return day
    for last in (31, 30, 29, 28):
        try:
            return date(year, month or 12, last).isoformat()
        except ValueError:
            continue
    raise AssertionError(day)


def spoken_day(day: str) -> str:
    """How a person reads it: «15 de marzo de 2020», «marzo de 2020», «2020»."""
    year, month, number = _numbers(day)
    return " de ".join(str(part) for part in (number, MONTHS[month - 1] if month else None, year) if part)


def _numbers(day: str) -> tuple[int, int | None, int | None]:
    found = _ISO.fullmatch(day)
    if not found:
        raise DayError(day)
    year, month, number = found.groups()
    return int(year), int(month) if month else None, int(number) if number else None


def _parts(text: str) -> tuple[int, int | None, int | None] | None:
    if at := _ISO_INSTANT.fullmatch(text):
        text = at[1]
    if _ISO.fullmatch(text):
        return _numbers(text)
    if slashed := _SLASHED.fullmatch(text):
        return int(slashed[3]), int(slashed[2]), int(slashed[1])
    if slashed := _SLASHED_MONTH.fullmatch(text):
        return int(slashed[2]), int(slashed[1]), None
    if said := _SPOKEN.fullmatch(text):
        month = _MONTH_WORDS.get(said[2]) or _MONTH_WORDS.get(said[2][:3]) if _is_month(said[2]) else None
        return (int(said[3]), month, int(said[1]) if said[1] else None) if month else None
    return None


def _is_month(word: str) -> bool:
    return word in _MONTH_WORDS or any(month.startswith(word) for month in MONTHS)
