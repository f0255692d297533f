"""What a fragment and a catalogue are known by: equal keys mean equal content, so neither has to be made to compare."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple


class Listed(NamedTuple):
    """A public dataset as the list has it. A tuple, for there may be a hundred thousand of them in a worker's memory."""

    id: str
    name: str
    created: datetime
    modified: datetime
    #: Hash over all that its fragment depends on: its own row, its agency and its themes, which leave its dates alone.
    stamp: str

    def key(self, surroundings: str) -> str:
        """Key of its fragment among `surroundings`: site address, profile and vocabularies."""
        return digest([self.stamp, surroundings])


def digest(parts: Iterable[str]) -> str:
    """A hash over texts in their order; no two lists of texts run together."""
    found = hashlib.sha256()
    for part in parts:
        data = part.encode()
        found.update(len(data).to_bytes(8, "big") + data)
    return found.hexdigest()


def etag(form: str, parts: Iterable[str]) -> str:
    """A strong validator for a document in one form, from the stamps of what is in it."""
    return digest([form, *parts])[:40]
