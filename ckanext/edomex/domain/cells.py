"""One cell of a catalogue's table and the value of a field that it holds, there and back."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, cast

from ckanext.edomex.domain import days

#: ADELA's words for a level of access → ours.
LEVELS: Mapping[str, str] = MappingProxyType({
    "público": "publico", "publico": "publico", "restringido": "restringido", "privado": "reservado",
})  # fmt: skip
#: Ours → ADELA's.
ADELAS: Mapping[str, str] = MappingProxyType({"publico": "público", "restringido": "restringido", "reservado": "privado"})
#: Fields that are lists; between their items stands a semicolon. Keywords are known to have commas.
LISTS = frozenset({"spatial_keys", "related", "tags", "groups"})
NAMED = frozenset({"tags", "groups"})
ROWS = frozenset({"documentation", "dictionary"})
_RECTANGLE = re.compile(r"-?\d+(\.\d+)?(\s*,\s*-?\d+(\.\d+)?){3}")
#: Numbers of a period whose two days are written with slashes themselves.
_OF_TWO_DAYS = 6


class CellError(ValueError):
    """A cell that cannot be what its column says; the text says what to write."""


@dataclass(frozen=True, kw_only=True)
class Adela:
    """What ADELA's layouts say in words of their own.

    Fields:
        media_type: a format of ours → its media type.
        page: a dataset's name → the address of its page here.
    """

    media_type: Callable[[str], str]
    page: Callable[[str], str]


def values(name: str, text: str) -> dict[str, Any]:
    """The fields that a cell fills: one, or both ends of a period.

    Raises:
        CellError: it should be rows of fields, and is not.
    """
    if name == "temporal":
        start, end = _period(text)
        return {field: value for field, value in (("temporal_start", start), ("temporal_end", end)) if value}
    if name == "spatial_keys" and _RECTANGLE.fullmatch(text):
        return {"spatial_bbox": text}
    return {name: _value(name, text)}


def text_of(thing: Mapping[str, Any], name: str) -> str:
    """What stands in the cell of a field of a dataset or resource; `values` reads it back."""
    value = thing.get(name)
    if name == "temporal":
        start, end = thing.get("temporal_start") or "", thing.get("temporal_end") or ""
        return start if start == end else f"{start}/{end}"
    if name in NAMED:
        named: list[Mapping[str, str]] = value or []
        return _joined(sorted(each["name"] for each in named))
    if name in ROWS:
        return json.dumps(value, ensure_ascii=False) if value else ""
    if isinstance(value, list):
        return _joined([str(each) for each in cast("list[Any]", value)])
    return "" if value is None else str(value)


def adelas(thing: Mapping[str, Any], column: str, name: str, adela: Adela) -> str:
    """The same in ADELA's words: it has a few of its own, and wants an address and a date of each dataset."""
    text = text_of(thing, name)
    if column == "rs:mediaType":
        return adela.media_type(text) or text
    if column == "ds:accessLevel":
        return ADELAS.get(text, text)
    if column == "ds:dataDictionary":
        documents: list[Mapping[str, str]] = thing.get(name) or []
        return next((each["url"] for each in documents if each.get("url")), "")
    if column == "ds:modified":
        return text or str(thing.get("metadata_modified") or "")[: len("2024-01-31")]
    if column == "ds:landingPage":
        return text or adela.page(str(thing.get("name") or ""))
    return text


def _period(text: str) -> tuple[str, str]:
    """Both ends; «2020» is both, «2020/» has no end, and a day may have slashes of its own."""
    try:
        both = days.parsed(text)
    except days.DayError:
        pass
    else:
        return both, both
    parts = text.split("/")
    if len(parts) == _OF_TWO_DAYS:
        return "/".join(parts[:3]).strip(), "/".join(parts[3:]).strip()
    start, slash, end = text.partition("/")
    return start.strip(), (end if slash else start).strip()


def _value(name: str, text: str) -> Any:
    if name in NAMED:
        return [{"name": each} for each in _split(text.replace(",", ";") if name == "tags" else text)]
    if name in LISTS:
        return _split(text)
    if name in ROWS:
        return _rows(name, text)
    return LEVELS.get(text.casefold(), text) if name == "access_level" else text


def _rows(name: str, text: str) -> list[dict[str, Any]]:
    """Rows in JSON, as we write them, or ADELA's one address of a dictionary."""
    if name == "documentation" and not text.startswith("["):
        return [{"title": "Diccionario de datos", "url": text}]
    try:
        found: Any = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in cast("list[Any]", found)):
        raise CellError("No se entienden sus renglones; déjela como la exportó el portal, o vacía, y descríbalos en el formulario.")
    return cast("list[dict[str, Any]]", found)


def _joined(items: list[str]) -> str:
    # An address may hold the semicolon that stands between items; and what begins like JSON would be taken for it.
    odd = any(";" in each or each.startswith("[") for each in items)
    return json.dumps(items, ensure_ascii=False) if odd else "; ".join(items)


def _split(text: str) -> list[str]:
    if text.startswith('["'):
        try:
            found: Any = json.loads(text)
            return [str(each) for each in cast("list[Any]", found)]
        except (ValueError, RecursionError):
            pass
    return [each.strip() for each in text.split(";") if each.strip()]
