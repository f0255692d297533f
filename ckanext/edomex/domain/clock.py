"""Instants and the zone in which people of the state read them."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

#: The Estado de México keeps one time all year since the law of 2022 on time zones.
ZONE = ZoneInfo("America/Mexico_City")
MONTHS = ["enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"]


def local(instant: datetime) -> datetime:
    """An aware instant in the state's zone."""
    return aware(instant).astimezone(ZONE)


def aware(instant: datetime) -> datetime:
    """The instant with a zone; CKAN's own columns are naive UTC."""
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def iso(instant: datetime | None) -> str | None:
    """ISO 8601 in UTC with a zone and microseconds where there are any; None stays None."""
    return aware(instant).astimezone(UTC).isoformat().replace("+00:00", "Z") if instant else None


def spoken(instant: datetime) -> str:
    """How a person reads it: «3 de marzo de 2027, 09:30»."""
    moment = local(instant)
    return f"{moment.day} de {MONTHS[moment.month - 1]} de {moment.year}, {moment:%H:%M}"
