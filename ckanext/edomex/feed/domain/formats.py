"""File formats as the EU's file types and IANA's media types name them; which there are, the vocabulary `formatos` says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Format:
    """What a format is called in both registers; `media_type` is empty where IANA has none."""

    file_type: str
    media_type: str
    open: bool = True
    machine_readable: bool = True


def known_formats(rows: Iterable[Mapping[str, str]]) -> dict[str, Format]:
    """Every word for a format, in capitals, with what both registers call it.

    Args:
        rows: those of the vocabulary `formatos`.
    """
    found: dict[str, Format] = {}
    for row in rows:
        made = Format(row["eu_file_type"], row["media_type"], row.get("open") != "no", row.get("machine_readable") != "no")
        found |= dict.fromkeys([row["code"], row["label"].upper(), *row["aliases"].split()], made)
    return found
