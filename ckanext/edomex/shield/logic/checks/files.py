"""Whether files can be kept, and who on this machine can read them and the secrets."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

from ckanext.edomex.shield import config
from ckanext.edomex.shield.domain.findings import Finding
from ckanext.edomex.shield.logic import facts, parts


def look() -> Iterator[Finding]:
    """Writable by us, readable by nobody else."""
    try:
        parts.files()
    except Exception as error:  # noqa: BLE001  # a storage may be of any kind, and raise anything
        yield Finding(code="storage_unwritable", seen=type(error).__name__)
    for folder in facts.stored():
        if open_to_others(folder):
            yield Finding(code="storage_readable", seen=str(folder))
    own = Path(config.own_file()).resolve()
    if config.own_file() and own.is_file() and open_to_others(own):
        yield Finding(code="configuration_readable", seen=str(own))


def open_to_others(path: Path) -> bool:
    """Whether an account that is neither its owner nor of its group can get there and read it."""
    if not path.exists() or not path.stat().st_mode & stat.S_IROTH:
        return False
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in path.parents)
