"""`ckan edomex backup …`: make a backup, check one, restore one. What the operator reads is Spanish."""

from __future__ import annotations

import contextlib
import errno
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import click
from ckan import model as core
from ckan.cli import db, search_index
from ckan.lib import api_token
from ckan.lib.search.common import SearchError, SearchIndexError
from sqlalchemy.exc import DBAPIError

from ckanext.edomex.adapters.commands import edomex
from ckanext.edomex.backup import config, model
from ckanext.edomex.backup.domain.errors import BackupError, NoRoomError
from ckanext.edomex.backup.domain.manifest import Manifest
from ckanext.edomex.backup.logic import checking, creating, restoring
from ckanext.edomex.domain.clock import iso

__all__ = ["edomex"]

FOLDER = click.Path(file_okay=False, path_type=Path)
#: What has to be typed before a portal's data are given up.
WORD = "REEMPLAZAR"
SHOWN = 20


@edomex.group()
def backup() -> None:
    """Copias de seguridad del portal entero."""


@backup.command()
@click.argument("folder", type=FOLDER)
@click.option("--keep", type=click.IntRange(1), help="Delete the oldest complete backups beyond so many.")
def create(folder: Path, keep: int | None) -> None:
    """Make a backup in a new folder below FOLDER: both databases, every file and version, while the portal runs."""
    with _spoken():
        made = creating.create(folder, keep)
    click.echo(f"Copia completa en {made.folder}: {_summary(made.manifest)}.")
    for name in made.deleted:
        click.echo(f"Se borró la copia {name}: quedan las {keep} más recientes.")
    if made.doubtful:
        click.echo(f"Aviso: {len(made.doubtful)} archivos faltan en el portal o no son los que dice su conjunto:", err=True)
        _some(made.doubtful)


@backup.command()
@click.argument("folder", type=FOLDER)
def check(folder: Path) -> None:
    """Compare every byte of the backup in FOLDER with its manifest; exit status 1 if anything is wrong."""
    with _spoken():
        found = checking.check(folder)
    click.echo(f"La copia {folder} está completa: {_summary(found)}.")


@backup.command()
@click.argument("folder", type=FOLDER)
@click.option("--replace", is_flag=True, help="Give up what the portal has now.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_context
def restore(context: click.Context, folder: Path, *, replace: bool, yes: bool) -> None:
    """Restore the backup in FOLDER, with web and loops stopped: an empty portal, or any with --replace."""
    with _spoken():
        described = restoring.prepare(folder, replace=replace)
        if replace and not yes:
            _confirm()
        done = restoring.restore(folder, described)
    click.echo(f"Restaurada la copia {folder}: {_summary(described)}.")
    context.invoke(db.upgrade)
    if done.without_table:
        click.echo("Aviso: la copia no tenía la tabla de estos recursos; con el portal encendido: ckan xloader submit CONJUNTO:")
        _some(done.without_table)
    if done.left:
        click.echo("Aviso: lo que había se apartó y no se pudo borrar; hágalo cuando quiera:")
        _some(done.left)
    _tell_of_token()
    _tell_of_dates()
    _index(context)


def _confirm() -> None:
    """Say what will be lost; go on only when the word is typed."""
    found = restoring.occupied()
    click.echo(f"Se perderá lo que hay ahora en este portal: {', '.join(found) or 'nada'}.")
    if click.prompt(f"Escriba {WORD} para continuar", default="", show_default=False) != WORD:
        raise BackupError("no se cambió nada.")


def _summary(found: Manifest) -> str:
    rows = found.rows
    return (
        f"{rows.get('package', 0)} conjuntos, {rows.get('resource', 0)} recursos, {len(found.files)} archivos,"
        f" {len(found.tables or {})} tablas del datastore, {found.size / 1e6:.1f} MB, del {found.moment}"
    )


def _index(context: click.Context) -> None:
    """Make the index anew from the database; a failure of Solr's does not undo the rest."""
    try:
        context.invoke(search_index.rebuild, quiet=True)
    except (SystemExit, SearchError, SearchIndexError):
        click.echo(
            "edomex: los datos están restaurados, pero el índice no; cuando Solr responda: ckan search-index rebuild"
            " (con --force pasa por alto el conjunto que falle).",
            err=True,
        )
        sys.exit(1)


def _tell_of_token() -> None:
    """Say so when the loader's token is none of the restored ones: tables would silently not load."""
    token = config.loader_token()
    if not token:
        return
    known = api_token.decode(token)
    if not known or core.ApiToken.get(str(known.get("jti"))) is None:
        click.echo(
            "Aviso: la clave de xloader es de otra instalación; sin una nueva no se cargan tablas (docs/operations.md, «Restore»).",
            err=True,
        )
    core.Session.remove()


def _tell_of_dates() -> None:
    """What became due while the portal was away, and what is still to come."""
    due, later = model.scheduled(config.database_url())
    if due:
        click.echo(f"Vencieron {len(due)} fechas; los lazos las publican al arrancar, o ahora «ckan edomex release tick»:")
        _some([f"{one.name}  {iso(one.release_at)}" for one in due])
    else:
        click.echo("Ninguna fecha venció mientras tanto.")
    click.echo(f"Siguen programadas {len(later)}" + (f"; la próxima: {iso(later[0].release_at)}." if later else "."))


def _some(lines: list[str]) -> None:
    for line in lines[:SHOWN]:
        click.echo(f"  {line}")
    if len(lines) > SHOWN:
        click.echo(f"  … y {len(lines) - SHOWN} más")


@contextlib.contextmanager
def _spoken() -> Iterator[None]:
    """An error of ours is one sentence and exit status 1; SIGTERM cleans up like Ctrl-C."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        yield
    except BackupError as error:
        click.echo(f"edomex: {error}", err=True)
        sys.exit(1)
    except DBAPIError as error:
        click.echo(f"edomex: PostgreSQL se negó; corrija lo que dice y repita la orden: {str(error.orig).strip()}", err=True)
        sys.exit(1)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        click.echo(f"edomex: {NoRoomError(str(error.filename or '.'))}", err=True)
        sys.exit(1)
