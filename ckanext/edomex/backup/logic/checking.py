"""Whether a backup can be trusted: its manifest, every byte of it, and dumps that PostgreSQL's own program can read."""

from __future__ import annotations

from pathlib import Path

from ckanext.edomex.backup.domain import manifest as form
from ckanext.edomex.backup.domain.errors import DamagedError, NotABackupError, ToolFailedError
from ckanext.edomex.backup.domain.manifest import Manifest, UnreadableManifestError
from ckanext.edomex.backup.logic import files, programs


def read(folder: Path) -> Manifest:
    """The manifest of a backup.

    Raises:
        NotABackupError: there is none, or it cannot be read.
    """
    try:
        return Manifest.from_json((folder / form.NAME).read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError) as error:
        raise NotABackupError(str(folder), f"no tiene {form.NAME}") from error
    except (UnreadableManifestError, UnicodeDecodeError) as error:
        raise NotABackupError(str(folder), str(error)) from error


def check(folder: Path) -> Manifest:
    """Compare every part with the manifest and list both dumps; returns the manifest.

    Raises:
        DamagedError: with all that is wrong, not only the first.
    """
    found = read(folder)
    wrong = list(files.problems(folder, found.parts))
    damaged = {part.path for part in found.dumps if any(part.path in line for line in wrong)}
    for part in found.dumps:
        if part.path not in damaged:
            try:
                programs.listing(folder / part.path, found.postgres_major)
            except ToolFailedError as error:
                wrong.append(f"{part.path}: {error}")
    if wrong:
        raise DamagedError(str(folder), wrong)
    return found
