"""What keeps a backup from being made or restored. Each text, in Spanish, says what the operator can do."""

from __future__ import annotations

from collections.abc import Iterable


class BackupError(Exception):
    """Root of this room's errors."""


class ToolError(BackupError):
    """A program of PostgreSQL is missing, or older than the server or the dump that it has to read."""

    @classmethod
    def missing(cls, name: str) -> ToolError:
        """The program is not on the PATH."""
        return cls(f"no se encontró «{name}»; instale el cliente de PostgreSQL (en Debian: postgresql-client) y repita la orden.")

    @classmethod
    def too_old(cls, name: str, found: int, needed: int) -> ToolError:
        """The program is of an older major version than it needs to be."""
        return cls(
            f"«{name}» es de la versión {found} y hace falta la {needed} o posterior, la del servidor;"
            f" instale postgresql-client-{needed} y póngalo primero en PATH."
        )


class ToolFailedError(BackupError):
    """A program of PostgreSQL ended with an error; its own last words are in the text."""

    def __init__(self, name: str, words: str) -> None:
        super().__init__(f"«{name}» falló; corrija lo que dice PostgreSQL y repita la orden:\n{words}")


class NoRoomError(BackupError):
    """The disk is full, or too full for what is to be written."""

    def __init__(self, folder: str, needed: int | None = None, free: int | None = None) -> None:
        figures = f": hacen falta {needed / 1e6:.0f} MB y quedan {free / 1e6:.0f}" if needed is not None and free is not None else ""
        super().__init__(f"no cabe en {folder}{figures}; libere espacio o elija otra carpeta. No quedó nada a medias.")


class NotABackupError(BackupError):
    """The folder has no manifest that can be read: it is no backup, or one that was interrupted."""

    def __init__(self, folder: str, reason: str) -> None:
        super().__init__(f"{folder} no es una copia completa ({reason}); use otra: una copia interrumpida no se puede restaurar.")


class DamagedError(BackupError):
    """Parts of a backup are missing or not what they were."""

    #: So many are named; the rest is counted.
    SHOWN = 10

    def __init__(self, folder: str, problems: Iterable[str]) -> None:
        found = list(problems)
        lines = [*found[: self.SHOWN], *([f"… y {len(found) - self.SHOWN} más"] if len(found) > self.SHOWN else [])]
        text = "\n".join(f"  | {line}" for line in lines)
        super().__init__(f"la copia {folder} está dañada; use otra, no se cambió nada:\n{text}")


class BusyError(BackupError):
    """Somebody else works in the database or in the folder at this moment."""


class NotEmptyError(BackupError):
    """There is something already where the backup is to be restored."""

    def __init__(self, found: Iterable[str]) -> None:
        super().__init__(
            f"aquí ya hay datos: {', '.join(found)}. Restaure en un portal vacío o,"
            " si de verdad quiere perderlos, repita la orden con --replace."
        )


class NewerError(BackupError):
    """The backup was made by newer programs than those that are to restore it."""

    def __init__(self, what: str) -> None:
        super().__init__(f"la copia es más nueva que este portal ({what}); actualice el portal y repita la orden.")


class RestoreError(BackupError):
    """A restore could not be finished. The portal is as it was before."""
