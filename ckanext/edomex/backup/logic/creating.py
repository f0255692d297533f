"""Making a backup: files, then both databases at one moment, then the files that changed, then the manifest."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import ckan
from sqlalchemy.exc import OperationalError

from ckanext.edomex.backup import config, model
from ckanext.edomex.backup.domain import manifest as form
from ckanext.edomex.backup.domain import trees
from ckanext.edomex.backup.domain.errors import BackupError, BusyError
from ckanext.edomex.backup.domain.manifest import Manifest, Part
from ckanext.edomex.backup.logic import files, programs

DRAFT = "manifest.json.new"


@dataclass(frozen=True, kw_only=True)
class Made:
    """A finished backup and what the operator should know of it."""

    folder: Path
    manifest: Manifest
    #: Resources whose file is lost or is not the one that its dataset speaks of: the portal's own fault, seen here.
    doubtful: list[str]
    #: Older backups that went.
    deleted: list[str]


def create(target: Path, keep: int | None = None) -> Made:
    """Make a backup in a new folder below `target`; with `keep`, only so many of the newest stay.

    Raises:
        BackupError: it could not be made; what there was of it is gone again.
    """
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    urls = [url for url in (config.database_url(), config.datastore_url()) if url]
    major = max(_server(url) for url in urls)
    programs.ensure("pg_dump", major)
    with _alone(target):
        draft = target / f".new-{os.getpid()}"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        try:
            described, doubtful = _fill(draft, urls, major)
            folder = target / _free_name(target, described)
            _publish(draft, folder, described)
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            raise
        return Made(folder=folder, manifest=described, doubtful=doubtful, deleted=_forget(target, keep))


def _fill(draft: Path, urls: list[str], major: int) -> tuple[Manifest, list[str]]:
    collection = files.Collection(config.storage_path(), draft / form.FILES)
    files.ensure_room(draft, collection.room())
    collection.gather()
    with model.snapshots(urls) as taken:
        names = [form.CKAN_DUMP, form.DATASTORE_DUMP][: len(urls)]
        for url, one, name in zip(urls, taken, names, strict=True):
            programs.dump(url, one.name, major, draft / name)
            (draft / name).chmod(files.PRIVATE)
        first = taken[0]
        uploads = first.uploads()
        described = Manifest(
            moment=first.moment.isoformat(),
            ckan=ckan.__version__,
            postgres=first.server,
            plugins=config.plugins(),
            migrations=first.migrations(),
            rows=first.rows(),
            tables=taken[1].rows() if len(taken) > 1 else None,
            dumps=[_part(draft / name) for name in names],
        )
    collection.gather({trees.classic_path(one.resource_id): one.sha256 for one in uploads if one.sha256})
    described.files.extend(
        Part(path=f"{form.FILES}/{part.path}", size=part.size, sha256=part.sha256) for _, part in sorted(collection.parts.items())
    )
    return described, _doubtful(uploads, collection.parts)


def _doubtful(uploads: Iterable[model.Upload], parts: dict[str, Part]) -> list[str]:
    """Resources without their file, or with another; files that are not what their name says."""
    found = [path for path, part in sorted(parts.items()) if trees.blob_hash(path) not in {None, part.sha256}]
    for one in uploads:
        classic = parts.get(trees.classic_path(one.resource_id))
        kept = one.sha256 is not None and trees.blob_path(one.sha256) in parts
        if not kept and (classic is None or one.sha256 not in {None, classic.sha256}):
            found.append(one.resource_id)
    return found


def _publish(draft: Path, folder: Path, described: Manifest) -> None:
    """Everything on the disk first, then the manifest, then the name: each step leaves no half of a backup behind."""
    path = draft / DRAFT
    path.touch(mode=files.PRIVATE)
    path.write_text(described.to_json(), encoding="utf-8")
    os.sync()
    path.replace(draft / form.NAME)
    draft.rename(folder)
    os.sync()


def _part(path: Path) -> Part:
    size, sha256 = files.digest(path)
    return Part(path=path.name, size=size, sha256=sha256)


def _server(url: str) -> int:
    try:
        return model.server_version(url) // 10_000
    except OperationalError as error:
        raise BackupError(f"PostgreSQL no responde; enciéndalo y repita la orden: {error.orig}".strip()) from error


def _free_name(target: Path, described: Manifest) -> str:
    """The folder's name follows from the moment; a second backup of one second is refused rather than mixed."""
    name = form.folder_name(datetime.fromisoformat(described.moment))
    if (target / name).exists():
        raise BusyError(f"{target / name} ya existe; espere un segundo y repita la orden.")
    return name


def _forget(target: Path, keep: int | None) -> list[str]:
    if keep is None:
        return []
    gone = form.expired((path.parent.name for path in target.glob(f"*/{form.NAME}")), keep)
    for name in gone:
        # Without its manifest it is no backup any more, should the rest not get deleted.
        (target / name / form.NAME).unlink()
        shutil.rmtree(target / name)
    return gone


@contextlib.contextmanager
def _alone(target: Path) -> Iterator[None]:
    """One backup at a time in a folder. The kernel drops the lock with the process; drafts of killed ones go."""
    with (target / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BusyError(f"otra copia se está haciendo en {target}; espere a que termine.") from None
        for left in target.glob(".new-*"):
            shutil.rmtree(left, ignore_errors=True)
        yield
