"""Values of JSON that should be texts, and are whatever somebody's program wrote."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, cast

NOTHING: Mapping[str, Any] = MappingProxyType({})


def text(value: Any) -> str:
    """A text of it: the first of several, the number's digits; empty for what says nothing as a text."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool) or value is None:
        return ""
    if isinstance(value, list):
        return next((found for each in cast("list[Any]", value) if (found := text(each))), "")
    return "" if isinstance(value, dict) else str(value)


def texts(value: Any) -> tuple[str, ...]:
    """Every text in it, each once; of one text, its parts between commas."""
    items: list[Any] = cast("list[Any]", value) if isinstance(value, list) else [value]
    parts = [part.strip() for each in items for part in text(each).replace(";", ",").split(",")]
    return tuple(dict.fromkeys(part for part in parts if part))


def rows(value: Any) -> list[dict[str, Any]]:
    """The objects in it, or the one that it is."""
    items: list[Any] = cast("list[Any]", value) if isinstance(value, list) else [value]
    return [cast("dict[str, Any]", each) for each in items if isinstance(each, dict)]


def first(fields: Mapping[str, Any], *names: str) -> str:
    """The first of these fields that says something."""
    return next((found for name in names if (found := text(fields.get(name)))), "")


def is_web(address: str) -> bool:
    """Whether it is an address on the web."""
    return address.startswith(("http://", "https://"))
