"""Where and when: places by INEGI's keys, rectangles and geometries as text, periods."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any, cast

from ckanext.edomex.domain.places import name_of
from ckanext.edomex.feed.domain.nodes import Statements, day, items
from ckanext.edomex.feed.domain.terms import term

WKT = term("gsp:wktLiteral")


def add_places(said: Statements, node: str, fields: Mapping[str, Any], municipalities: Mapping[str, str]) -> None:
    """Each place by its INEGI key; the rectangle and the geometry go with the first."""
    shapes = (("dcat:bbox", _rectangle(fields.get("spatial_bbox"))), ("locn:geometry", _geometry(fields.get("spatial"))))
    keys = [str(key) for key in items(fields.get("spatial_keys"))]
    named: list[tuple[str, str]] = [(key, name) for key in keys if (name := name_of(key, municipalities))]
    shaped = any(shape for _, shape in shapes)
    for number, (key, name) in enumerate(named or ([("", "")] if shaped else [])):
        place = f"{node}{_sign(node)}spatial" + (f"-{number}" if number else "")
        said.link(node, "dct:spatial", said.a(place, "dct:Location"))
        said.say(place, "skos:prefLabel", name)
        said.value(place, "dct:identifier", key)
        for predicate, shape in () if number else shapes:
            said.value(place, predicate, shape, datatype=WKT)


def add_period(said: Statements, node: str, fields: Mapping[str, Any]) -> None:
    """From when to when the data speak; nothing where neither is a date."""
    start, end = day(fields.get("temporal_start")), day(fields.get("temporal_end"))
    if start or end:
        period = said.a(f"{node}{_sign(node)}temporal", "dct:PeriodOfTime")
        said.link(node, "dct:temporal", period)
        said.date(period, "dcat:startDate", start)
        said.date(period, "dcat:endDate", end)


def _sign(node: str) -> str:
    return "-" if "#" in node else "#"


def _rectangle(text: Any) -> str | None:
    try:
        west, south, east, north = (float(part) for part in str(text or "").split(","))
    except ValueError:
        return None
    if not all(map(math.isfinite, (west, south, east, north))):
        return None
    return _wkt("Polygon", [[[west, south], [east, south], [east, north], [west, north], [west, south]]])


def _geometry(text: Any) -> str | None:
    if not text:
        return None
    try:
        found: Any = json.loads(text) if isinstance(text, str) else text
        return _wkt(found["type"], found["coordinates"])
    except (ValueError, RecursionError, KeyError, TypeError):
        return None


def _wkt(kind: str, coordinates: Any) -> str:
    """Well-known text of a GeoJSON geometry. Source: OGC 06-103r4 §7."""
    body = _positions(coordinates, one=kind == "Point")
    return f"{kind.upper()} {body}"


def _positions(value: Any, *, one: bool = False) -> str:
    parts = cast("list[Any]", value)
    if parts and not isinstance(parts[0], list):
        text = " ".join(f"{float(number):.10g}" for number in parts[:2])
        return f"({text})" if one else text
    return f"({', '.join(_positions(part) for part in parts)})"
