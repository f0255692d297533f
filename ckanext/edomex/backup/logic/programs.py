"""PostgreSQL's own programs: found on the PATH, new enough, and told the password by the environment alone."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import sqlalchemy as sa

from ckanext.edomex.backup.domain.errors import NoRoomError, ToolError, ToolFailedError
from ckanext.edomex.backup.model import ASIDE, EPHEMERAL

FULL = "No space left on device"
#: Last lines of a program's complaint that are worth showing.
LINES = 6


def ensure(name: str, major: int) -> str:
    """Path of a program of at least this major version.

    Raises:
        ToolError: it is missing or older.
    """
    path = shutil.which(name)
    if path is None:
        raise ToolError.missing(name)
    said = subprocess.run([path, "--version"], capture_output=True, text=True).stdout
    version = re.search(r"\(PostgreSQL\) (\d+)", said)
    if version is None:
        raise ToolError.missing(name)
    if int(version[1]) < major:
        raise ToolError.too_old(name, int(version[1]), major)
    return path


def dump(url: str, snapshot: str, major: int, target: Path) -> None:
    """Write a database, as the snapshot has it, into a file of its own."""
    command = [ensure("pg_dump", major), "--format=custom", f"--snapshot={snapshot}", f"--file={target}"]
    command += [f"--exclude-schema={ASIDE}*", *(f"--exclude-table-data=public.{table}" for table in EPHEMERAL)]
    _run([*command, f"--dbname={_address(url)}"], url, target.parent)


def listing(path: Path, major: int) -> list[str]:
    """Entries of a dump; a truncated one has none that can be read."""
    return _run([ensure("pg_restore", major), "--list", str(path)], None, path.parent).splitlines()


def load(path: Path, url: str, major: int) -> None:
    """Load a dump into an empty schema, all of it or nothing. Roles and rights are the new portal's own."""
    command = [ensure("pg_restore", major), "--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges"]
    _run([*command, f"--dbname={_address(url)}", str(path)], url, path.parent)


def _address(url: str) -> str:
    """The address without its password: a command line can be read by everybody on the machine."""
    found = sa.make_url(url)
    bare = sa.URL.create("postgresql", found.username, None, found.host, found.port, found.database, found.query)
    return bare.render_as_string()


def _run(command: list[str], url: str | None, folder: Path) -> str:
    environment = {**os.environ, "LC_ALL": "C.UTF-8"}
    password = sa.make_url(url).password if url else None
    if password:
        environment["PGPASSWORD"] = str(password)
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", env=environment, stdin=subprocess.DEVNULL)
    if done.returncode == 0:
        return done.stdout
    if FULL in done.stderr:
        raise NoRoomError(str(folder))
    last = "\n".join(f"  | {line}" for line in done.stderr.strip().splitlines()[-LINES:])
    raise ToolFailedError(Path(command[0]).name, last)
