"""Errors in a stack's logs: every one counts, but those on a short list with a reason."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

#: What an error looks like in the logs of CKAN, gunicorn, PostgreSQL, Valkey and Solr.
ERROR = re.compile(r"\bERROR\b|\bFATAL\b|\bPANIC\b|\bCRITICAL\b|\bSEVERE\b|^Traceback \(most recent call last\)")
#: Errors that are none, and why.
EXPECTED: Mapping[str, str] = {}


class Logs:
    """The logs of a stack from this moment on."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._begun = {path: path.stat().st_size for path in folder.glob("*") if path.is_file()}

    def errors(self) -> list[str]:
        """Each line since then that tells of an error, with the name of its log."""
        found = []
        for path in sorted(path for path in self.folder.glob("*") if path.is_file()):
            with path.open("rb") as file:
                size = path.stat().st_size
                begun = self._begun.get(path, 0)
                # A log that was begun anew meanwhile is shorter: all of it is new.
                file.seek(begun if begun <= size else 0)
                lines = file.read().decode(errors="replace").splitlines()
            found += [f"{path.name}: {line}" for line in lines if ERROR.search(line) and not _expected(line)]
        return found


def _expected(line: str) -> bool:
    return any(re.search(pattern, line) for pattern in EXPECTED)
