"""What templates ask for: dates as people read them."""

from __future__ import annotations

from datetime import datetime

from ckanext.edomex.adapters.vocabularies import vocabulary
from ckanext.edomex.domain.clock import aware, local, spoken


def edomex_date(value: str | datetime | None) -> str:
    """«3 de marzo de 2027, 09:30» for an instant or its ISO form; nothing for nothing."""
    return spoken(_instant(value)) if value else ""


def edomex_day(value: str | datetime) -> str:
    """The day in the state's zone, as ISO, for grouping and `datetime` attributes."""
    return local(_instant(value)).date().isoformat()


def _instant(value: str | datetime) -> datetime:
    return aware(datetime.fromisoformat(value) if isinstance(value, str) else value)


def edomex_frequency_choices(_field: dict[str, object]) -> list[dict[str, str]]:
    """The federal update frequencies, for the dataset form."""
    return [{"value": row["code"], "label": row["label"]} for row in vocabulary("periodicidad")]
