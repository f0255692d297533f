"""Restoring a backup: beside what is there, and in its place only when all of it is in.

What was there is renamed, not deleted, until both databases and the files are complete; a failure renames it back.
"""

from __future__ import annotations

import gc
import inspect
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from shutil import rmtree

import ckan.migration
import ckan.plugins as p
import sqlalchemy as sa
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import close_all_sessions

from ckanext.edomex.backup import config, model
from ckanext.edomex.backup.domain import manifest as form
from ckanext.edomex.backup.domain.errors import BackupError, BusyError, NewerError, NotEmptyError, RestoreError
from ckanext.edomex.backup.domain.manifest import Manifest
from ckanext.edomex.backup.domain.trees import BLOBS, TREES
from ckanext.edomex.backup.logic import checking, files, programs

#: How long connections that are ending get to do so, in seconds.
PATIENCE_S = 5.0
STAGE = ".edomex-restore"


@dataclass(frozen=True, kw_only=True)
class Restored:
    """What a restore left for the operator to know."""

    manifest: Manifest
    #: Resources whose table was not in the backup; marked as having none.
    without_table: list[str] = field(default_factory=list[str])
    #: Statements for what was put aside and could not be deleted.
    left: list[str] = field(default_factory=list[str])


def occupied() -> list[str]:
    """What is already there, in words; empty for a portal that nobody has used."""
    found = []
    datasets, people = model.datasets_and_people(config.database_url(), config.site_id())
    if datasets:
        found.append(f"{datasets} conjuntos de datos")
    if people:
        found.append(f"{people} cuentas")
    if url := config.datastore_url():
        tables = len(model.data_tables(url))
        found += [f"{tables} tablas de datos"] if tables else []
    number = sum(1 for _ in files.stored(config.storage_path()))
    return [*found, *([f"{number} archivos"] if number else [])]


def prepare(folder: Path, *, replace: bool) -> Manifest:
    """Everything that can be said before anything changes; returns the manifest of a backup that fits.

    Raises:
        BackupError: it is damaged or newer, its place is taken or in use, or there is no room.
    """
    described = checking.check(folder)
    _ensure_it_fits(described)
    if not replace and (found := occupied()):
        raise NotEmptyError(found)
    _ensure_nobody_works()
    for url in _urls():
        if found := model.extensions_in_public(url):
            raise BackupError(f"el esquema public tiene extensiones ({', '.join(found)}); restaure en una base de datos nueva.")
    storage = config.storage_path()
    storage.mkdir(parents=True, exist_ok=True)
    same = storage.stat().st_dev == folder.stat().st_dev
    kept = (part for part in described.files if not (same and part.path.startswith(f"{form.FILES}/{BLOBS}/")))
    files.ensure_room(storage, sum(part.size for part in kept))
    return described


def restore(folder: Path, described: Manifest) -> Restored:
    """Put databases and files in place, all or nothing; the tables are those of the backup's version.

    Raises:
        BackupError: with the portal as it was before.
    """
    _ensure_nobody_works()  # again: somebody may have thought for a while
    aside = f"{model.ASIDE}{datetime.now(UTC):%Y%m%d%H%M%S}"
    with ExitStack() as undo:
        for (name, rows), url in zip(_loads(described), _urls(), strict=False):
            _replace_database(url, folder / name, rows, aside, undo)
        _replace_files(folder, described, aside, undo)
        lost = _settle()
        undo.pop_all()
    return Restored(manifest=described, without_table=lost, left=_forget(aside))


def _forget(aside: str) -> list[str]:
    """Delete what was put aside; returns what could not be deleted, which no longer matters to the portal."""
    left = []
    for url in _urls():
        try:
            model.drop_aside(url, aside)
        except DBAPIError:
            left.append(f'DROP SCHEMA "{aside}" CASCADE;  -- en la base {sa.make_url(url).database}')
    rmtree(config.storage_path() / f".{aside}", ignore_errors=True)
    return left


def _loads(described: Manifest) -> list[tuple[str, dict[str, int]]]:
    datastore = [(form.DATASTORE_DUMP, described.tables)] if described.tables is not None else []
    return [(form.CKAN_DUMP, described.rows), *datastore]


def _replace_database(url: str, dump: Path, rows: dict[str, int], aside: str, undo: ExitStack) -> None:
    """Load a dump where the old tables were, and count."""
    model.put_aside(url, aside)
    undo.callback(model.put_back, url, aside)
    programs.load(dump, url, model.server_version(url) // 10_000)
    if wrong := form.row_differences(rows, model.rows(url)):
        raise RestoreError("no entró todo; el portal quedó como estaba:\n" + "\n".join(f"  | {line}" for line in wrong))


def _replace_files(folder: Path, described: Manifest, aside: str, undo: ExitStack) -> None:
    """Gather the files beside the old ones, then exchange whole trees."""
    storage = config.storage_path()
    stage, old = storage / STAGE, storage / f".{aside}"
    rmtree(stage, ignore_errors=True)
    undo.callback(rmtree, stage, ignore_errors=True)
    for part in described.files:
        inside = part.path.removeprefix(f"{form.FILES}/")
        files.put(folder / part.path, stage / inside, inside, part)
    for tree in TREES:
        _exchange(storage / tree, stage / tree, old / tree, undo)
    rmtree(stage, ignore_errors=True)


def _exchange(place: Path, new: Path, old: Path, undo: ExitStack) -> None:
    if place.exists():
        old.parent.mkdir(parents=True, exist_ok=True)
        place.rename(old)
        undo.callback(old.rename, place)
    new.mkdir(parents=True, exist_ok=True)
    place.parent.mkdir(parents=True, exist_ok=True)
    new.rename(place)
    undo.callback(rmtree, place)


def _settle() -> list[str]:
    """Rights in the datastore, made anew for this portal's roles; returns resources that lost their table."""
    url = config.datastore_url()
    if url is None:
        return []
    from ckanext.datastore.cli import permissions_sql

    names = [sa.make_url(address) for address in (config.database_url(), url, config.datastore_read_url())]
    script = permissions_sql(
        maindb=str(names[0].database), datastoredb=str(names[1].database),
        mainuser=str(names[0].username), writeuser=str(names[1].username), readuser=str(names[2].username),
    )  # fmt: skip
    model.run_script(url, "\n".join(line for line in script.splitlines() if not line.startswith("\\connect")))
    return model.without_table(config.database_url(), model.data_tables(url))


def _urls() -> list[str]:
    return [url for url in (config.database_url(), config.datastore_url()) if url]


def _ensure_it_fits(described: Manifest) -> None:
    """Refuse what newer programs made: tables of theirs would be there, and nobody to read them."""
    if (described.tables is None) is not (config.datastore_url() is None):
        raise BackupError("la copia y este portal no coinciden en si hay datastore; ponga o quite «datastore» en ckan.plugins.")
    for url in _urls():
        server = model.server_version(url) // 10_000
        programs.ensure("pg_restore", max(server, described.postgres_major))
        if server < described.postgres_major:
            raise NewerError(f"PostgreSQL {described.postgres_major}; aquí {server}")
    for table, revision in described.migrations.items():
        folder = _migrations_of(table.removesuffix("alembic_version").rstrip("_"))
        if folder is None:
            raise BackupError(f"la copia tiene tablas de un complemento que aquí no está ({table}); agréguelo a ckan.plugins.")
        try:
            ScriptDirectory(str(folder)).get_revision(revision)
        except CommandError:
            raise NewerError(f"{table} = {revision}, que aquí no se conoce") from None


def _migrations_of(plugin: str) -> Path | None:
    """Where CKAN looks for a plugin's migrations; its own for the empty name; None where the plugin is not active."""
    if not plugin:
        return Path(str(ckan.migration.__file__)).parent
    if not p.plugin_loaded(plugin):
        return None
    source = Path(str(inspect.getsourcefile(type(p.get_plugin(plugin)))))
    root = next(one for one in source.parents if one.parent.name == "ckanext")
    return root / "migration" / plugin


def _ensure_nobody_works() -> None:
    """Refuse while web, loops or consumers are connected: they would write into what is being replaced."""
    _disconnect()
    deadline = time.monotonic() + PATIENCE_S
    while busy := [one for url in _urls() for one in model.others(url)]:
        if time.monotonic() > deadline:
            raise BusyError(
                f"hay {len(busy)} conexiones abiertas a las bases de datos ({'; '.join(busy[:5])}); detenga el portal y sus lazos"
                " (make down, o docker compose stop web release worker harvest-gather harvest-fetch harvest-run tick)"
                " y repita la orden."
            )
        time.sleep(0.1)


def _disconnect() -> None:
    """Close this process's own connections: CKAN's, and those of whatever engine a plugin made as it was loaded."""
    close_all_sessions()
    for thing in gc.get_objects():
        # Its type, not isinstance: that would wake proxies of Flask's.
        if issubclass(type(thing), sa.Engine):
            thing.dispose()
