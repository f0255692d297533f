"""What a source says of one dataset, in the same words whatever form it came in, and how two readings of it are compared."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

#: Raised when a source's words are put into ours in another way: everything is then imported once more.
VERSION = 1
LONGEST_ID = 1000
#: Hexadecimal digits that are kept of a digest.
_DIGITS = 32


def clean(text: str) -> str:
    """A text as a database takes it: JSON can write NUL and half a character, and one of them would stop a whole source."""
    if text.isascii() and "\0" not in text:
        return text
    return text.replace("\0", "").encode("utf-8", "ignore").decode()


class _Clean:
    """Whatever it is made from, its texts are clean."""

    def __post_init__(self) -> None:
        fields = vars(self)
        for name, value in fields.items():
            if value and isinstance(value, str):
                fields[name] = clean(value)
            elif value and isinstance(value, tuple):
                many = cast("tuple[Any, ...]", value)
                fields[name] = tuple([clean(each) if isinstance(each, str) else each for each in many])


@dataclass(frozen=True, kw_only=True)
class File(_Clean):
    """A distribution: a file or a service. Texts as they came; empty where nothing was said."""

    id: str = ""
    url: str = ""
    name: str = ""
    description: str = ""
    format: str = ""
    media_type: str = ""
    size: str = ""
    sha256: str = ""
    licence: str = ""
    modified: str = ""


@dataclass(frozen=True, kw_only=True)
class Record(_Clean):
    """A dataset. `id` is its identity within its source, and `iri` its address on the web if it has one."""

    id: str
    iri: str = ""
    title: str
    notes: str = ""
    tags: tuple[str, ...] = ()
    licence: str = ""
    page: str = ""
    publisher: str = ""
    contact: str = ""
    contact_email: str = ""
    issued: str = ""
    modified: str = ""
    frequency: str = ""
    language: str = ""
    start: str = ""
    end: str = ""
    places: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    access: str = ""
    provenance: str = ""
    version: str = ""
    documents: tuple[str, ...] = ()
    files: tuple[File, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Refused(_Clean):
    """Something in a source that is no dataset we can take; it is accounted for, with the reason, in Spanish."""

    id: str
    reason: str
    #: Its source itself says that it is for nobody any more: what we have of it is gone.
    is_gone: bool = False


def digest(record: Record, settings: str) -> str:
    """What two readings of a record have in common if nothing changed: all of its fields, and how they are imported.

    Args:
        record: the order of its tags, places and files says nothing.
        settings: digest of the source's settings that bear on the result.
    """
    fields = _plain(record)
    for name in ("tags", "places", "themes", "documents"):
        fields[name] = sorted(fields[name])
    fields["files"] = sorted(fields["files"], key=lambda each: sorted(each.items()))
    text = json.dumps([VERSION, settings, fields], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS]


def to_json(record: Record) -> str:
    """The record as the harvester's queue keeps it."""
    return json.dumps(_plain(record), ensure_ascii=False)


def _plain(record: Record) -> dict[str, Any]:
    """As `dataclasses.asdict`, which copies every text and takes a third of a reading's time."""
    return {**vars(record), "files": [vars(each) for each in record.files]}


def from_json(text: str) -> Record:
    """The same, back."""
    fields: dict[str, Any] = json.loads(text)
    lists = ("tags", "places", "themes", "documents")
    files = tuple(File(**cast("Mapping[str, str]", each)) for each in fields.pop("files"))
    fields |= {name: tuple(fields[name]) for name in lists}
    return Record(**fields, files=files)
