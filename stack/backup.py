"""Backups of the kept stack's portal: the same commands as in production, on the stack's own services."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from stack import lifetime
from stack.places import ROOT, VENV, Stack
from stack.programs import StackError, environment
from stack.running import Running, running
from stack.services.postgres import POSTGRES_BIN_PATH
from stack.sites import SITES, ini_path, write_ini

PORTAL = SITES["portal"]


def make(directory: Path, target: Path) -> int:
    """Back up a kept stack into a new folder below `target`, whether it runs or not; returns the command's status."""
    if not (directory / "stack.json").exists():
        raise StackError("no hay un portal del cual hacer copia; arranque uno con `make up` o `make demo`.")
    with _services(directory) as stack:
        return command(stack, "create", str(target.absolute())).returncode


def restore(directory: Path, folder: Path) -> int:
    """Restore a backup into an empty kept stack; one that is there is moved aside, with a message. Leaves it stopped."""
    if not (folder / "manifest.json").exists():
        raise StackError(f"{folder} no es una copia completa; indique la carpeta de una: make restore FROM=carpeta.")
    aside = move_aside(directory)
    status = 1
    try:
        with running(directory, []) as here:
            status = into(here, folder).returncode
    finally:
        if status and aside:
            shutil.rmtree(directory, ignore_errors=True)
            aside.rename(directory)
    if aside:
        print(f"El portal que había quedó en {os.path.relpath(aside)}; bórrelo cuando ya no haga falta.", flush=True)
    return status


def into(here: Running, folder: Path, *options: str, **how: Any) -> subprocess.CompletedProcess[str]:
    """Restore into the services of a stack whose sites do not run; returns how the command ended.

    The stack's next start provisions its portal: accounts and tokens under this stack's secrets.
    """
    stack, postgres = here.stack, here.services.postgres
    for name in (PORTAL.name, f"{PORTAL.name}_datastore"):
        postgres.ensure_database(name)
    here.services.solr.ensure_core(PORTAL.name)
    # Tokens of this stack, if it had any, go with the database that is replaced.
    stack.accounts.pop(PORTAL.name, None)
    (stack.directory / f"{PORTAL.name}.provisioned").unlink(missing_ok=True)
    write_ini(stack, PORTAL)
    return command(stack, "restore", str(folder.absolute()), *options, **how)


def command(stack: Stack, *words: str, **how: Any) -> subprocess.CompletedProcess[str]:
    """Run `ckan edomex backup …` on a stack's portal, with PostgreSQL's own programs first on the PATH."""
    own = environment(stack)
    own |= {"CKAN_INI": str(ini_path(stack, PORTAL)), "PATH": f"{POSTGRES_BIN_PATH}:{own['PATH']}"}
    return subprocess.run([str(VENV / "bin" / "ckan"), "edomex", "backup", *words], cwd=ROOT, env=own, text=True, **how)


def move_aside(directory: Path) -> Path | None:
    """Rename the folder of a stack that does not run; nothing of it is lost. Returns its new place if there was one."""
    if not (directory / "stack.json").exists():
        return None
    lifetime.hold(Stack(directory)).close()
    return directory.rename(directory.with_name(f"{directory.name}.antes-{time.strftime('%Y%m%dT%H%M%S')}"))


@contextlib.contextmanager
def _services(directory: Path) -> Iterator[Stack]:
    """The stack with its services up: those that already run, or only them for as long as this takes."""
    try:
        lifetime.hold(Stack(directory)).close()
    except StackError:
        yield Stack.load(directory)
        return
    with running(directory, []) as here:
        write_ini(here.stack, PORTAL)
        yield here.stack
