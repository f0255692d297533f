"""Where data are about: INEGI keys, rectangles and geometries."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from typing import Any, cast

STATE, STATE_NAME = "15", "Estado de México"
#: Digits of a municipality's key; a locality's has four more and begins with it.
MUNICIPALITY, LOCALITY = 5, 9
#: Positions in a geometry: a municipality at a scale of 1:50,000 has some thousand.
MOST_POSITIONS = 20_000
#: Degrees at the ends of the earth.
EAST, NORTH = 180, 90
#: Positions of the smallest ring: three corners and the first again.
SMALLEST_RING = 4
_KEY = re.compile(rf"\d{{2}}|\d{{{MUNICIPALITY}}}|\d{{{LOCALITY}}}")
#: How deep positions lie in `coordinates`, and whether the innermost list is a closed ring.
_SHAPES: Mapping[str, tuple[int, bool]] = {
    "Point": (0, False), "MultiPoint": (1, False), "LineString": (1, False), "MultiLineString": (2, False),
    "Polygon": (2, True), "MultiPolygon": (3, True),
}  # fmt: skip


class PlaceError(ValueError):
    """No place; the text says what is wrong and what to write."""


def name_of(key: str, municipalities: Mapping[str, str]) -> str | None:
    """The name of an INEGI key, a locality by its municipality's; None for one that is not of the state."""
    if not _KEY.fullmatch(key):
        return None
    return STATE_NAME if key == STATE else municipalities.get(key[:MUNICIPALITY]) if len(key) > len(STATE) else None


def rectangle(text: str) -> str:
    """`west,south,east,north` in degrees, as numbers without more digits than they need.

    Raises:
        PlaceError: not four numbers, or not a rectangle on earth.
    """
    try:
        west, south, east, north = (float(part) for part in re.split(r"[,;\s]+", text.strip(" []")))
    except ValueError:
        raise PlaceError("Escriba cuatro números: oeste, sur, este y norte, como -100.61, 18.36, -98.59, 20.28.") from None
    if not all(math.isfinite(number) for number in (west, south, east, north)):
        raise PlaceError("Cada número debe ser un grado, como -99.65.")
    if not (-EAST <= west <= east <= EAST and -NORTH <= south <= north <= NORTH):
        raise PlaceError("El orden es oeste, sur, este y norte: el oeste menor que el este y el sur menor que el norte.")
    return ",".join(f"{number:.6f}".rstrip("0").rstrip(".") for number in (west, south, east, north))


def geometry(text: str) -> str:
    """A GeoJSON geometry (RFC 7946), written in one way.

    Raises:
        PlaceError: not JSON, not a geometry, a ring that is not closed, a position off the earth, or too many of them.
    """
    try:
        found = cast("dict[str, Any]", json.loads(text))
    except (ValueError, RecursionError):
        raise PlaceError("No es JSON; copie la geometría completa, con sus llaves.") from None
    kind = str(found.get("type")) if isinstance(found, dict) else ""  # pyright: ignore[reportUnnecessaryIsInstance]  # from outside
    if kind not in _SHAPES or set(found) - {"type", "coordinates", "bbox"}:
        raise PlaceError(f"Debe ser una geometría GeoJSON: {', '.join(_SHAPES)}.")
    depth, closed = _SHAPES[kind]
    count = 0
    for line in _lines(found.get("coordinates"), depth):
        count += len(line)
        if count > MOST_POSITIONS:
            raise PlaceError(f"Tiene más de {MOST_POSITIONS} puntos; simplifíquela.")
        if closed and (len(line) < SMALLEST_RING or line[0] != line[-1]):
            raise PlaceError("Un polígono no está cerrado: su último punto debe ser igual al primero.")
    return json.dumps({"type": kind, "coordinates": found["coordinates"]}, separators=(",", ":"))


def _lines(value: Any, depth: int) -> Iterator[list[Any]]:
    """The innermost lists of positions, each position looked at."""
    if depth > 1:
        for part in _list(value):
            yield from _lines(part, depth - 1)
        return
    line = _list(value) if depth else [value]
    for position in line:
        _check_position(position)
    yield line


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list) or not value:
        raise PlaceError("A la geometría le faltan coordenadas.")
    return cast("list[Any]", value)


def _check_position(position: Any) -> None:
    numbers = cast("list[Any]", position) if isinstance(position, list) else []
    right = len(numbers) in {2, 3} and all(_is_number(number) for number in numbers)
    if not right or abs(numbers[0]) > EAST or abs(numbers[1]) > NORTH:
        raise PlaceError("Cada punto es una longitud y una latitud en grados, en ese orden, como [-99.65, 19.29].")


def _is_number(value: Any) -> bool:
    # A whole number may have more digits than fit into a fraction; that it is off the earth is seen without one.
    return isinstance(value, int | float) and not isinstance(value, bool) and (isinstance(value, int) or math.isfinite(value))
