"""A disk that is full: some of the portal's tables on a file system of a few megabytes, filled to the brim."""

from __future__ import annotations

import contextlib
import os
import pwd
import subprocess
from collections.abc import Iterator

from stack.programs import StackError
from stack.services.postgres import Postgres

SIZE_MB = 16
SPACE = "edomex_small"


class SmallDisk:
    """A small file system with tables of PostgreSQL's on it."""

    def __init__(self, postgres: Postgres, tables: tuple[str, ...]) -> None:
        self.postgres, self.tables = postgres, tables
        self.folder = postgres.stack.directory / "small-disk"
        self._ballast = self.folder / "ballast"
        self._log = postgres.stack.logs / "postgres.log"
        self._refused_before = 0

    @contextlib.contextmanager
    def in_use(self) -> Iterator[SmallDisk]:
        """Move the tables there for as long as the block runs, and back, with room again."""
        # Undone in the opposite order, each step even when the one before failed.
        with contextlib.ExitStack() as undo:
            self.folder.mkdir()
            undo.callback(self.folder.rmdir)
            _run("mount", "-t", "tmpfs", "-o", f"size={SIZE_MB}m", "edomex-small-disk", str(self.folder))
            # Lazily: PostgreSQL closes its files when it pleases.
            undo.callback(_run, "umount", "--lazy", str(self.folder))
            place = self.folder / "tables"
            place.mkdir(mode=0o700)
            if self.postgres.user:
                os.chown(place, pwd.getpwnam(self.postgres.user).pw_uid, -1)
            self._sql(f"CREATE TABLESPACE {SPACE} LOCATION '{place}'")
            undo.callback(self._move_back)
            undo.callback(self.empty)
            self._sql(*(f"ALTER TABLE {table} SET TABLESPACE {SPACE}" for table in self.tables))
            # Written anew, so that no page has room left for rows to come.
            self._sql(*(f"VACUUM FULL {table}" for table in self.tables))
            yield self

    def _move_back(self) -> None:
        self._sql(*(f"ALTER TABLE {table} SET TABLESPACE pg_default" for table in self.tables))
        self._sql(f"DROP TABLESPACE {SPACE}")

    def fill(self) -> None:
        """Leave not one byte."""
        self._refused_before = self._complaints()
        with self._ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(b"\0" * 4096)

    def empty(self) -> None:
        """Give all the room back."""
        self._ballast.unlink(missing_ok=True)

    @property
    def refused(self) -> int:
        """How often PostgreSQL has said since that there is no room."""
        return self._complaints() - self._refused_before

    def _complaints(self) -> int:
        return self._log.read_text(errors="replace").count("No space left on device")

    def _sql(self, *statements: str) -> None:
        with contextlib.closing(self.postgres.connect("portal")) as connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)


def missing() -> str | None:
    """Why this machine has no small disk for us; None when it has."""
    if os.geteuid() != 0:
        return "mounting a small file system needs root"
    return None


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise StackError(f"{' '.join(command)}: {done.stderr.strip()}; hace falta ser root y un núcleo con tmpfs.")
