"""Fragments in a document that this machine wrote before: the next one takes them from there, and asks the database for the rest."""

from __future__ import annotations

import contextlib
import mmap
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ckanext.edomex.feed.logic import copies

SUFFIX = ".pieces"
#: A fragment's key (SHA-256), and where it begins and how long it is.
_RECORD = struct.Struct(">32sQQ")
_KEY = 32
#: Records that are looked through for the next fragment. Documents are in one order, so it is among the first ones.
_NEAR = 4096
Bytes = mmap.mmap | bytes


@dataclass(kw_only=True)
class Pieces:
    """An older document and where in it each fragment is, and the same of the one that is being written.

    Equal keys are equal content, whoever wrote it.
    """

    document: Bytes = b""
    records: Bytes = b""
    #: The record after the one that was found last.
    position: int = 0
    written: bytearray = field(default_factory=bytearray)

    def get(self, key: str) -> bytes | None:
        """The fragment of this key, if it is near; asked for in the order of the document."""
        wanted, found = bytes.fromhex(key), self.position - 1
        while True:
            found = self.records.find(wanted, found + 1, self.position + _NEAR * _RECORD.size)
            if found < 0:
                return None
            if found % _RECORD.size == 0:
                break
        self.position = found + _RECORD.size
        _, begin, length = _RECORD.unpack(self.records[found : self.position])
        return self.document[begin : begin + length]

    def add(self, key: str, begin: int, length: int) -> None:
        """A fragment of the new document, in their order."""
        self.written += _RECORD.pack(bytes.fromhex(key), begin, length)

    def keep(self, name: str) -> None:
        """Keep where the new one's are, beside its copy of this name; without room for them the next document is only slower."""
        path = copies.folder() / f"{name}{SUFFIX}"
        draft = path.with_name(f".{path.name}")
        with contextlib.suppress(OSError):
            draft.write_bytes(self.written)
            draft.replace(path)


@contextlib.contextmanager
def newest(form: str) -> Iterator[Pieces]:
    """Those of the document in this form that was right last; none where there is no such document, or it cannot be read."""
    with contextlib.ExitStack() as opened:
        pieces = Pieces()
        # Either file may go at any moment; an empty one cannot be mapped.
        with contextlib.suppress(OSError, ValueError):
            last = copies.newest(form)
            if last is not None:
                records = _mapped(opened, last.path.with_name(last.path.name + SUFFIX))
                pieces = Pieces(document=_mapped(opened, last.path), records=records)
        yield pieces


def _mapped(opened: contextlib.ExitStack, path: Path) -> mmap.mmap:
    file = opened.enter_context(path.open("rb"))
    return opened.enter_context(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
