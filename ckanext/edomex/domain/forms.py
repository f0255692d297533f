"""Where on a form each thing stands that is wrong with it: sentences, and the marks that links lead to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

Field = Mapping[str, Any]
#: Field → the end of its mark, where that is not its name.
_MARKS: Mapping[str, str] = {"owner_org": "organizations", "image_url": "image-url"}
#: Snippets of fields that nobody sees; without a key it is a line of text.
_UNSEEN = frozenset({None, "edomex_hidden.html", "edomex_name.html"})
#: What of a dataset has a form of its own.
_ELSEWHERE: Mapping[str, str] = {"resources": "Archivo o enlace"}


@dataclass(frozen=True, kw_only=True)
class Line:
    """One thing that is wrong, as people read it: the key it was told under, and the mark of its place, if it is on this form."""

    key: str
    text: str
    mark: str = ""


def mark(field: Field) -> str:
    """The mark of a field on its form; empty for one that nobody sees."""
    name = str(field["field_name"])
    return "" if field.get("form_snippet", "") in _UNSEEN else f"field-{_MARKS.get(name, name)}"


def lines(errors: Mapping[str, Any], fields: Iterable[Field], page: int | None = None) -> Iterator[Line]:
    """Everything that is wrong, line by line.

    Args:
        errors: as CKAN tells them: by field, those of repeated subfields row by row.
        fields: of the schema, in their order.
        page: number of the form's page that is shown, if it has several.
    """
    places = _places(fields, page)
    for key, messages in errors.items():
        label, at, subfields = places.get(key, (_ELSEWHERE.get(key, ""), "", {}))
        for row, subfield, message in flat(messages):
            name = str(subfields[subfield]["label"]) if subfield in subfields else ""
            said = ", ".join(filter(None, (label, str(row + 1) if row is not None and label else "", name)))
            within = f"-{row}-{subfield}" if at and name else ""
            yield Line(key=key, text=f"{said}: {message}" if said else message, mark=f"{at}{within}")


def flat(messages: Any) -> Iterator[tuple[int | None, str, str]]:
    """Each sentence about a field: the number of its row and the subfield, where it has rows."""
    found = cast("list[Any] | tuple[Any, ...]", messages) if isinstance(messages, list | tuple) else [messages]
    for number, each in enumerate(found):
        if isinstance(each, Mapping):
            for subfield, said in cast("Mapping[str, Any]", each).items():
                yield from ((number, subfield, message) for _, _, message in flat(said))
        else:
            yield None, "", str(each)


def _places(fields: Iterable[Field], page: int | None) -> dict[str, tuple[str, str, dict[str, Field]]]:
    """Key of an error → the field's label, its mark if it is on the page, and its subfields."""
    found: dict[str, tuple[str, str, dict[str, Field]]] = {}
    number, title = 0, ""
    for field in fields:
        if "start_form_page" in field or not number:
            number, title = number + 1, str(field.get("start_form_page", {}).get("title", ""))
        here = page in {None, number}
        label = str(field["label"]) if here else f"{field['label']} (en «{title}»)"
        subfields = {str(each["field_name"]): each for each in field.get("repeating_subfields", ())}
        # Lists and files are told of by their own names.
        for key in (field["field_name"], field.get("reads"), field.get("upload_field")):
            if key:
                found.setdefault(key, (label, mark(field) if here else "", subfields))
    return found
