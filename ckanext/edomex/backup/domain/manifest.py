"""The manifest of a backup: what belongs to it, and what it was made from. Written last, so without it there is no backup."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any

NAME = "manifest.json"
FILES = "files"
CKAN_DUMP = "ckan.dump"
DATASTORE_DUMP = "datastore.dump"
#: Grows when an older program could no longer restore what a newer one wrote.
FORMAT = 1

FOLDER = re.compile(r"edomex-(?P<stamp>\d{8}T\d{6}Z)")
_STAMP = "%Y%m%dT%H%M%SZ"


class UnreadableManifestError(ValueError):
    """The text is not a manifest that this version can read; the message, in Spanish, says why."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """One file of a backup: its path in the folder, its bytes' length and SHA-256."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """Everything that is known of a backup."""

    #: Instant of the databases' snapshots, ISO 8601 in UTC.
    moment: str
    ckan: str
    #: `server_version_num` of PostgreSQL, such as 180006.
    postgres: int
    plugins: list[str]
    #: Table of Alembic's → revision: CKAN's own and each plugin's.
    migrations: dict[str, str]
    #: Rows of each table of CKAN's database.
    rows: dict[str, int]
    #: Rows of each table of the datastore; None where the portal has none.
    tables: dict[str, int] | None
    dumps: list[Part]
    files: list[Part] = field(default_factory=list[Part])
    format: int = FORMAT

    @property
    def parts(self) -> list[Part]:
        """Every file that has to be there."""
        return [*self.dumps, *self.files]

    @property
    def size(self) -> int:
        """Bytes of all parts."""
        return sum(part.size for part in self.parts)

    @property
    def postgres_major(self) -> int:
        """Major version of the server that was dumped."""
        return self.postgres // 10_000

    def to_json(self) -> str:
        """The manifest as its file has it."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1, sort_keys=True) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Manifest:
        """Read a manifest; paths that lead out of the backup's folder are refused.

        Raises:
            UnreadableManifestError: the text is something else, or of a later format.
        """
        try:
            stored: dict[str, Any] = json.loads(text)
            if stored["format"] > FORMAT:
                raise UnreadableManifestError(f"su formato es el {stored['format']} y aquí se entiende hasta el {FORMAT}")
            dumps, listed = ([Part(**part) for part in stored.pop(key)] for key in ("dumps", "files"))
            manifest = cls(**stored, dumps=dumps, files=listed)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            if isinstance(error, UnreadableManifestError):
                raise
            raise UnreadableManifestError(f"{NAME} no se puede leer") from error
        if not all(map(_stays_inside, manifest.parts)):
            raise UnreadableManifestError(f"{NAME} nombra archivos de otra carpeta")
        return manifest


def _stays_inside(part: Part) -> bool:
    path = PurePosixPath(part.path)
    return not path.is_absolute() and ".." not in path.parts


def folder_name(moment: datetime) -> str:
    """A backup's folder; in alphabetical order the oldest comes first."""
    return f"edomex-{moment.astimezone(UTC).strftime(_STAMP)}"


def expired(names: Iterable[str], keep: int) -> list[str]:
    """Which complete backups go when the newest `keep` stay; other folders are none of ours."""
    ours = sorted(name for name in names if FOLDER.fullmatch(name))
    return ours[: max(0, len(ours) - keep)]


def row_differences(expected: Mapping[str, int], found: Mapping[str, int]) -> list[str]:
    """Tables whose rows are not as many as they were, each as a line for the operator."""
    return [
        f"{table}: {count} filas en la copia, {found.get(table, 'ninguna tabla')} ahora"
        for table, count in sorted(expected.items())
        if found.get(table) != count
    ]
