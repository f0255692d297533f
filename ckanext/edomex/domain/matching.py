"""Which files of a dataset the rows of a table are about, whatever order they are in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Data = dict[str, Any]
#: What tells one file from another, the surest first: its identifier, its address, its title.
TELLS = ("id", "url", "name")
#: What the portal knows of a file that it keeps, whatever a table says.
_OF_UPLOAD = frozenset({"url", "size"})


def merged(here: Sequence[Mapping[str, Any]], rows: Sequence[tuple[int, Data]]) -> list[tuple[int, Data]]:
    """The files of a dataset as a table changes them: those that are here in their order, then the new ones.

    None goes by not being told of, and none becomes another by standing in its place.

    Args:
        here: the dataset's files.
        rows: lines of the table with what they say of a file.

    Returns: line (0 where no row is about it) and file.
    """
    found: dict[int, tuple[int, Data]] = {}
    left = list(rows)
    for tell in TELLS:
        for row in list(left):
            line, said = row
            number = _told(here, tell, said.get(tell), found)
            if number is not None:
                found[number] = (line, _changed(here[number], said))
                left.remove(row)
    new = [(line, {name: value for name, value in said.items() if name != "id"}) for line, said in left]
    return [found.get(number, (0, dict(each))) for number, each in enumerate(here)] + new


def _told(here: Sequence[Mapping[str, Any]], tell: str, value: Any, taken: Mapping[int, Any]) -> int | None:
    """The one file that says this of itself; None for none and for several, of which it could be any."""
    if not value:
        return None
    fitting = [number for number, each in enumerate(here) if number not in taken and each.get(tell) == value]
    return fitting[0] if len(fitting) == 1 else None


def _changed(old: Mapping[str, Any], said: Data) -> Data:
    kept = _OF_UPLOAD if old.get("url_type") == "upload" else frozenset[str]()
    return {**old, **{name: value for name, value in said.items() if name not in kept and name != "id"}}
