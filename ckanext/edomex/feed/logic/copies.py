"""Documents as files of this machine: written once, then sent by the kernel, whole or in ranges, plain or compressed.

A file is asked for by the hash of what is in it, which is worked out from the database each time: an old one is never
sent. They are copies; a machine without room for them writes each document anew.
"""

from __future__ import annotations

import contextlib
import fcntl
import gzip
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from ckan.lib.io import get_ckan_temp_directory

#: The most that is worth its time on a machine's own network.
GZIP_LEVEL = 5
#: Files that nobody asked for in so many seconds may go, and all but so many of the others.
OLD_S, MOST = 3600, 64
BLOCK = 1 << 20
LONG_AGO = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A copy that was once the document itself."""

    path: Path
    #: Until when it was: somebody asked for it then, and the database said that nothing had changed.
    right_until: datetime


def folder() -> Path:
    """Where they are; the portal's own account alone may look."""
    found = Path(get_ckan_temp_directory(), "edomex-feed")
    found.mkdir(mode=0o700, parents=True, exist_ok=True)
    return found


def copy_of(name: str, write: Callable[[BinaryIO], None], *, zipped: bool) -> Path:
    """The file of this name, written by `write` if it is not there. Of many who ask at once, one writes.

    Raises:
        OSError: there is no room for it.
        Exception: whatever `write` raises; then there is no file.
    """
    plain = folder() / name
    wanted = plain.with_name(f"{name}.gz") if zipped else plain
    if zipped:
        confirm(name)
    if not _there(wanted):
        with _alone(name.rpartition(".")[2]):
            if not _there(plain):
                _write(plain, write)
                _sweep()
            if zipped and not _there(wanted):
                _write(wanted, lambda file: _compress(plain, file))
    return wanted


def confirm(name: str) -> None:
    """The document of this name is right at this moment: its copy is worth keeping, though nobody needed its body."""
    with contextlib.suppress(OSError):
        os.utime(folder() / name)


def newest(form: str, since: datetime = LONG_AGO) -> Kept | None:
    """The plain copy in this form that was right last, if that is not before an instant."""
    found: list[Kept] = []
    for path in folder().glob(f"*.{form}"):
        with contextlib.suppress(FileNotFoundError):
            found.append(Kept(path=path, right_until=datetime.fromtimestamp(path.stat().st_mtime, UTC)))
    last = max(found, key=lambda kept: kept.right_until, default=None)
    return last if last is not None and last.right_until >= since else None


def _there(path: Path) -> bool:
    try:
        os.utime(path)
    except FileNotFoundError:
        return False
    return True


def _write(path: Path, write: Callable[[BinaryIO], None]) -> None:
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", buffering=BLOCK, delete=False) as draft:
        try:
            write(draft)  # type: ignore[arg-type]  # a file open for bytes
        except BaseException:
            Path(draft.name).unlink()
            raise
    Path(draft.name).replace(path)


def _compress(plain: Path, file: BinaryIO) -> None:
    # The time in gzip's own header is left at zero, or equal documents would differ.
    with plain.open("rb") as source, gzip.GzipFile("", "wb", GZIP_LEVEL, file, mtime=0) as packed:
        shutil.copyfileobj(source, packed, BLOCK)


@contextlib.contextmanager
def _alone(name: str) -> Iterator[None]:
    """One writer for each form on this machine, threads included: a lock is of the opened file."""
    with (folder() / f".lock-{name}").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _sweep() -> None:
    found: list[tuple[float, Path]] = []
    for path in folder().iterdir():
        with contextlib.suppress(FileNotFoundError):
            if not path.name.startswith(".lock"):
                found.append((path.stat().st_mtime, path))
    found.sort(reverse=True)
    limit = time.time() - OLD_S
    for number, (used_at, path) in enumerate(found):
        if used_at < limit or number >= MOST:
            path.unlink(missing_ok=True)
