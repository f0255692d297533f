"""Files into a backup and out of it: hashed on the way, linked where nothing may ever change, never half there."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

from ckanext.edomex.backup.domain.errors import DamagedError, NoRoomError
from ckanext.edomex.backup.domain.manifest import Part
from ckanext.edomex.backup.domain.trees import TREES, belongs, blob_hash

CHUNK = 1 << 20
#: Modes of a copy: in a backup its owner's alone, in the portal as CKAN makes its files, less the process's umask.
PRIVATE, PORTAL = 0o600, 0o666


def stored(storage: Path) -> Iterator[str]:
    """Paths, below the storage folder, of every file that a backup keeps."""
    for tree in TREES:
        for folder, _, names in os.walk(storage / tree):
            for name in names:
                path = (Path(folder) / name).relative_to(storage).as_posix()
                if belongs(path) and not (storage / path).is_symlink():
                    yield path


class Collection:
    """The files of one backup. `gather` may be called again: what changed since is taken anew.

    CKAN puts a new file of a resource in the old one's place. Gathering before the databases' snapshot and after it,
    and then keeping whichever the snapshot speaks of, gives files that fit the databases although both go on changing.
    """

    def __init__(self, storage: Path, target: Path) -> None:
        self.storage, self.target = storage, target
        self.parts: dict[str, Part] = {}
        self._seen: dict[str, tuple[int, int, int]] = {}

    def gather(self, wanted: Mapping[str, str] | None = None) -> None:
        """Take what is new or changed; a file that already is as `wanted` (path → SHA-256) stays as it was taken."""
        for path in stored(self.storage):
            known = self.parts.get(path)
            if known and wanted and wanted.get(path) == known.sha256:
                continue
            # Gone between the listing and here: nobody's, or it was taken before.
            with contextlib.suppress(FileNotFoundError):
                mark = _mark(self.storage / path)
                if self._seen.get(path) != mark:
                    self.parts[path] = take(self.storage / path, self.target / path, path)
                    self._seen[path] = mark

    def room(self) -> int:
        """Bytes that gathering would copy at most: what is linked takes none."""
        same = _device(self.storage) == _device(self.target)
        sizes = (_size(self.storage / path) for path in stored(self.storage) if not (same and blob_hash(path)))
        return sum(sizes)


def take(source: Path, target: Path, path: str) -> Part:
    """Copy or link one file and hash it; returns it as the manifest has it."""
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if blob_hash(path) and link(source, target):
        size, sha256 = digest(target)
    else:
        size, sha256 = copy(source, target, PRIVATE)
    return Part(path=path, size=size, sha256=sha256)


def link(source: Path, target: Path) -> bool:
    """Give a file that never changes a second name; False where the file system cannot."""
    target.unlink(missing_ok=True)
    try:
        os.link(source, target)
    except FileNotFoundError:
        raise
    except OSError:
        return False
    return True


def copy(source: Path, target: Path, mode: int) -> tuple[int, str]:
    """Copy a file, whole or not at all; returns length and SHA-256 of what was read."""
    draft = target.with_name(f".{target.name}.new")
    draft.touch(mode=mode)
    with source.open("rb") as reading, draft.open("wb") as writing:
        found = _pump(reading, writing)
    draft.replace(target)
    return found


def digest(path: Path) -> tuple[int, str]:
    """Length and SHA-256 of a file."""
    with path.open("rb") as file:
        return _pump(file, None)


def problems(folder: Path, parts: Iterable[Part]) -> Iterator[str]:
    """What is wrong with a backup's files, each as a line for the operator."""
    for part in parts:
        path = folder / part.path
        if not path.is_file():
            yield f"falta {part.path}"
        elif (size := path.stat().st_size) != part.size:
            yield f"{part.path} tiene {size} bytes y debe tener {part.size}"
        elif digest(path)[1] != part.sha256:
            yield f"el contenido de {part.path} cambió"


def put(source: Path, target: Path, path: str, part: Part) -> None:
    """Put one file of a backup where it belongs, its bytes compared on the way."""
    target.parent.mkdir(parents=True, exist_ok=True)
    found = digest(target) if blob_hash(path) and link(source, target) else copy(source, target, PORTAL)
    if found != (part.size, part.sha256):
        raise DamagedError(str(source.parent), [f"el contenido de {part.path} cambió"])


def ensure_room(folder: Path, needed: int) -> None:
    """Refuse to begin what cannot end well."""
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise NoRoomError(str(folder), needed, free)


def _pump(reading: BinaryIO, writing: BinaryIO | None) -> tuple[int, str]:
    hasher, size = hashlib.sha256(), 0
    while chunk := reading.read(CHUNK):
        hasher.update(chunk)
        size += len(chunk)
        if writing:
            writing.write(chunk)
    return size, hasher.hexdigest()


def _mark(path: Path) -> tuple[int, int, int]:
    found = path.stat()
    return found.st_ino, found.st_mtime_ns, found.st_size


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _device(path: Path) -> int:
    """The file system of a folder, or of the first above it that exists."""
    there = next(one for one in (path, *path.absolute().parents) if one.exists())
    return there.stat().st_dev
