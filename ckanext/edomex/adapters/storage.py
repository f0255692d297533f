"""Bytes of uploaded files, kept once under their SHA-256: nothing is ever overwritten, and every version keeps its own.

A resource's path says nothing of its file; its `sha256` does, and that is taken from the bytes, never from a caller
(`release/logic/guard.py`). Files from before this plugin stay where CKAN put them.
"""

from __future__ import annotations

import contextlib
import hashlib
import mimetypes
import os
import re
import uuid
from collections.abc import Iterable, Iterator, MutableMapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import file_keeper as fk
from ckan.lib import files, munge
from ckan.plugins import toolkit as tk
from werkzeug.datastructures import FileStorage

#: Name of the file-keeper storage; an operator may give it another adapter in `ckan.files.storage.edomex_blobs.…`.
STORAGE = "edomex_blobs"
_SETTING = f"ckan.files.storage.{STORAGE}"
_SHA256 = re.compile(r"^[0-9a-f]{64}$")
#: Queries that rooms add, for the hashes of files that they refer to: the sweep leaves those alone.
REFERENCES: list[str] = []
#: Where a file is until all of it is there.
INCOMING = "incoming"
MEGABYTE = 2**20


def declare(config: MutableMapping[str, Any]) -> None:
    """Keep files below CKAN's storage path, unless the operator's file names another place."""
    if f"{_SETTING}.type" in config or not config.get("ckan.storage_path"):
        return
    config[f"{_SETTING}.type"] = "ckan:fs"
    config[f"{_SETTING}.path"] = str(Path(config["ckan.storage_path"]).resolve() / "edomex" / "blobs")
    config[f"{_SETTING}.initialize"] = True


def refer(query: str) -> None:
    """Keep the files whose hashes this query gives. Twice is as once."""
    if query not in REFERENCES:
        REFERENCES.append(query)


def storage() -> fk.Storage:
    """The storage of all files."""
    return files.get_storage(STORAGE)


def location(sha256: str) -> fk.Location:
    """Where the bytes of this hash are. ValueError for what is no hash: a location is never made of anything else."""
    if not _SHA256.match(sha256):
        raise ValueError("not a SHA-256 in lower-case hexadecimal")
    return fk.Location(f"{sha256[:2]}/{sha256[2:4]}/{sha256}")


def size_of(sha256: str) -> int | None:
    """Size in bytes of a kept file; None where it is not."""
    try:
        return storage().size(location(sha256))
    except (files.exc.MissingFileError, FileNotFoundError):
        return None


def read(sha256: str) -> Iterable[bytes]:
    """The bytes of a kept file, piece by piece."""
    return storage().stream(files.FileData(location(sha256)))


def is_intact(sha256: str) -> bool:
    """Whether the bytes are there and still have their hash; reads all of them."""
    found = hashlib.sha256()
    try:
        for chunk in read(sha256):
            found.update(chunk)
    except (files.exc.MissingFileError, FileNotFoundError):
        return False
    return found.hexdigest() == sha256


def remove_at(place: str) -> None:
    """Forget the bytes at a location of `scan`; nothing if they are gone already."""
    with contextlib.suppress(files.exc.MissingFileError, FileNotFoundError):
        storage().remove(files.FileData(fk.Location(place)))


def folder() -> Path | None:
    """Where files lie on a disk; None for a storage that is none."""
    path = storage().settings.path
    return Path(path) if path and Path(path).is_absolute() else None


def check_writable() -> None:
    """Write a few bytes and take them away; what the storage raises says that it cannot take in a file now."""
    place = fk.Location(f"{INCOMING}/{uuid.uuid4().hex}")
    storage().remove(storage().upload(place, fk.make_upload(b"edomex")))


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A file in the storage, whole or still coming in."""

    location: str
    size: int
    modified: datetime

    @property
    def name(self) -> str:
        """Its hash; of one that never came in whole, a name that nothing refers to."""
        return self.location.rsplit("/", 1)[-1]


def scan() -> Iterator[Kept]:
    """Every file of the storage. Only for storages on a disk; of others nothing is listed, and so nothing swept."""
    root = Path(storage().settings.path) if storage().settings.path else None
    for path in root.rglob("*") if root is not None and root.is_dir() else ():
        if path.is_file():
            found = path.stat()
            modified = datetime.fromtimestamp(found.st_mtime, UTC)
            yield Kept(location=str(path.relative_to(root or path)), size=found.st_size, modified=modified)


class Upload:
    """CKAN's resource uploader for one resource: takes a new file in, or says where the one that is there lies."""

    def __init__(self, resource: dict[str, Any]) -> None:
        self.storage = storage()
        self.mimetype: str | None = None
        self._stream: Any = None
        upload = resource.pop("upload", None)
        cleared = resource.pop("clear_upload", None)
        if isinstance(upload, FileStorage) and upload.filename:
            self._take(resource, upload)
        elif cleared:
            # The bytes stay: a version may have them. What nothing refers to is swept.
            resource["url_type"] = ""
        self._sha256 = resource.get("sha256") if resource.get("url_type") == "upload" else None

    def get_path(self, _resource_id: str) -> fk.Location:
        """Location of the resource's file within `storage`."""
        return location(self._sha256 or "")

    def upload(self, _resource_id: str, max_size: int = 10) -> None:
        """Keep the new file, if there is one; called by CKAN before its commit, so an orphan is possible and harmless."""
        if self._stream is None:
            return
        if self.filesize > max_size * MEGABYTE:
            message = f"El archivo tiene {self.filesize / MEGABYTE:.0f} MB y caben {max_size} MB; divídalo o comprímalo."
            raise tk.ValidationError({"upload": [message]})
        place = location(self._sha256 or "")
        if not self.storage.exists(files.FileData(place)):
            self._keep(place)

    def _take(self, resource: dict[str, Any], upload: FileStorage) -> None:
        self._stream = upload.stream
        self._stream.seek(0)
        resource["sha256"] = hashlib.file_digest(self._stream, "sha256").hexdigest()
        # Hashing may leave the stream anywhere.
        self.filesize = self._stream.seek(0, os.SEEK_END)
        self._stream.seek(0)
        self.filename = munge.munge_filename(str(upload.filename))
        resource["url"], resource["url_type"] = self.filename, "upload"
        resource["last_modified"] = datetime.now(UTC).replace(tzinfo=None)
        if tk.config.get("ckan.mimetype_guess") == "file_ext":
            self.mimetype = mimetypes.guess_type(self.filename)[0]

    def _keep(self, place: fk.Location) -> None:
        draft = fk.Location(f"{INCOMING}/{uuid.uuid4().hex}")
        kept = self.storage.upload(draft, fk.Upload(self._stream, self.filename, self.filesize, "application/octet-stream"))
        try:
            self.storage.move(place, kept)
        except files.exc.ExistingFileError:
            # Somebody kept the same bytes meanwhile.
            self.storage.remove(kept)


def uploader(resource: dict[str, Any]) -> Upload | None:
    """Ours for a new file and for one that has a hash; None leaves the resource to CKAN's own."""
    comes = isinstance(resource.get("upload"), FileStorage) or resource.get("clear_upload")
    kept = resource.get("url_type") == "upload" and resource.get("sha256")
    return Upload(resource) if comes or kept else None
