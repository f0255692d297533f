"""What templates ask for: dates as people read them, names of codes and places, what a dataset still lacks."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from ckan.plugins import plugin_loaded
from ckan.plugins import toolkit as tk

from ckanext.edomex.adapters.callers import may_use, reader
from ckanext.edomex.adapters.groups import agencies, agency_of
from ckanext.edomex.adapters.vocabularies import choices
from ckanext.edomex.domain import forms
from ckanext.edomex.domain.clock import aware, local, spoken
from ckanext.edomex.domain.days import DayError, spoken_day
from ckanext.edomex.domain.identifiers import opaque_name
from ckanext.edomex.domain.places import LOCALITY, STATE_NAME, name_of
from ckanext.edomex.domain.texts import plain


def edomex_date(value: str | datetime | None) -> str:
    """«3 de marzo de 2027, 09:30» for an instant or its ISO form; nothing for nothing."""
    return spoken(_instant(value)) if value else ""


def edomex_day(value: str | datetime) -> str:
    """The day in the state's zone, as ISO, for grouping and `datetime` attributes."""
    return local(_instant(value)).date().isoformat()


def edomex_may(action: str, **data: Any) -> bool:
    """Whether the reader may use an action; as CKAN's `check_access`, without asking again who the reader is."""
    return may_use(action, **data)


def _instant(value: str | datetime) -> datetime:
    return aware(datetime.fromisoformat(value) if isinstance(value, str) else value)


def edomex_choices(field: dict[str, Any]) -> list[dict[str, str]]:
    """Codes and labels of a field's vocabulary, for its form and its page."""
    return [{"value": code, "label": label} for code, label in choices(field["vocabulary"]).items()]


def edomex_agencies(_field: dict[str, Any]) -> list[dict[str, str]]:
    """The agencies of the portal, for a form that asks for one."""
    return [{"value": each.id, "label": each.title or each.name} for each in agencies()]


def edomex_agency(reference: str) -> dict[str, str] | None:
    """Name and title of an agency; nothing for one that is not there any more."""
    found = agency_of(reference)
    return {"name": found.name, "title": found.title or found.name} if found else None


def edomex_label(name: str, code: str) -> str:
    """What people call a code of a vocabulary; the code itself where it has no name."""
    return choices(name).get(code, code)


def edomex_spoken_day(day: str) -> str:
    """«15 de marzo de 2020» for a day, month or year in ISO 8601; anything else as it is."""
    try:
        return spoken_day(day[:10])
    except DayError:
        return day


def edomex_commitment(dataset_id: str) -> dict[str, Any] | None:
    """What a plan promises of a dataset, its `day` and whether that is `ahead`; nothing where none does, or none may be known of."""
    if not plugin_loaded("edomex_planning"):
        return None
    try:
        found = tk.get_action("edomex_plan_commitment")(reader(), {"dataset_id": dataset_id})
    except (tk.ObjectNotFound, tk.NotAuthorized):
        return None
    return {**found, "ahead": found["day"] > edomex_day(datetime.now(UTC))}


def edomex_place(key: str) -> str:
    """The name of an INEGI key, a locality with its own key."""
    name = name_of(key, choices("municipios-edomex"))
    return f"{name} (localidad {key})" if name and len(key) == LOCALITY else name or key


def edomex_themes() -> list[dict[str, Any]]:
    """The portal's themes by title, to choose from."""
    asked = {"all_fields": True, "include_dataset_count": False, "sort": "title asc", "limit": 100}
    return tk.get_action("group_list")(reader(), asked)


def edomex_place_options() -> list[dict[str, str]]:
    """Names to choose a place from, each with the way in which people type it."""
    names = [STATE_NAME, *choices("municipios-edomex").values()]
    return [{"name": name, "typed": plain(name)} for name in names]


def edomex_new_name() -> str:
    """An opaque name for a dataset that is being registered."""
    return opaque_name()


def edomex_rows(field: dict[str, Any], rows: Any) -> int:
    """How many rows the form of a repeated field shows: those that there are, and some to fill in."""
    return len(rows or []) + int(field.get("form_blanks", 1))


def edomex_gaps(dataset_id: str, stage: str = "ready") -> dict[str, Any] | None:
    """What a dataset still lacks, each with the address of its field; nothing for who does not work on it."""
    try:
        found = tk.get_action("edomex_dataset_check")(reader(), {"dataset_id": dataset_id, "stage": stage})
    except (tk.ObjectNotFound, tk.NotAuthorized):
        return None
    return {**found, "lines": [{**gap, "place": edomex_field_place(gap["field"])} for gap in found["missing"] + found["wrong"]]}


def edomex_field_place(field: str) -> dict[str, Any]:
    """Which page of the form has a field, and the field's mark on it."""
    if field.startswith("resources"):
        _, number, name = [*field.split("-", 2), "", ""][:3]
        marks = {each["field_name"]: forms.mark(each) for each in tk.h.scheming_get_dataset_schema("dataset")["resource_fields"]}
        return {"resource": int(number) if number.isdigit() else None, "mark": marks.get(name, "")}
    for page, fields in enumerate(tk.h.scheming_get_dataset_form_pages("dataset"), start=1):
        for each in fields["fields"]:
            if field in {each["field_name"], each.get("reads")}:
                return {"page": page, "mark": forms.mark(each)}
    return {"page": 1, "mark": ""}


def edomex_form_lines(errors: dict[str, Any], fields: list[dict[str, Any]], page: int | None = None) -> list[forms.Line]:
    """What is wrong with a form, line by line, each with the mark of its field where that is on the page that is shown."""
    return list(forms.lines(errors, fields, page))
