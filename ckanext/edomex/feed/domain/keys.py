"""What a fragment and a catalogue are known by: equal keys mean equal content, so neither has to be made to compare."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Listed:
    """A public dataset as the list has it: its identity, and all that its fragment depends on."""

    id: str
    name: str
    created: datetime
    modified: datetime
    #: Name and title of its agency; agencies have no date of change in CKAN.
    agency: str
    #: Names of its themes, sorted; joining one does not touch the dataset's own date.
    themes: str

    @functools.cached_property
    def stamp(self) -> str:
        """All of it as one text that no other has."""
        return repr((self.id, self.name, self.created.isoformat(), self.modified.isoformat(), self.agency, self.themes))

    @functools.cached_property
    def stamp_hash(self) -> str:
        """The same, short."""
        return hashlib.sha256(self.stamp.encode()).hexdigest()[:32]

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
