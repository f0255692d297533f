"""Vocabularies as data: CSV files that an operator may edit."""

from __future__ import annotations

import csv
import functools
from pathlib import Path

FOLDER = Path(__file__).parent.parent / "schemas" / "vocabularies"


@functools.cache
def vocabulary(name: str) -> tuple[dict[str, str], ...]:
    """Rows of `schemas/vocabularies/NAME.csv`, in its order."""
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))
