"""What a rehearsal can find wrong, in words for whoever can mend it. Never content of the dataset."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from types import MappingProxyType


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One finding: `code` for programs, `message` for people, `subject` a resource's id where it is about one."""

    code: str
    message: str
    subject: str | None = None

    def as_dict(self) -> dict[str, str | None]:
        """As it is stored and shown."""
        return asdict(self)


#: Code → message.
MESSAGES: Mapping[str, str] = MappingProxyType({
    "content_changed": "El contenido ya no es el que se aprobó: no se publicará. Revíselo y envíelo de nuevo a revisión.",
    "dataset_gone": "El conjunto ya no está, o dejó de ser público: no se publicará.",
    "refused": "La base de datos no acepta la publicación. Avise a quien opera el portal.",
    "not_prepared": "El portal no pudo preparar la ficha ({detail}). Avise a quien opera el portal.",
    "file_missing": "Falta el archivo de un recurso. Súbalo otra vez y envíe el conjunto de nuevo a revisión.",
    "file_damaged": "El archivo de un recurso no es el que se aprobó. Súbalo otra vez y envíe el conjunto de nuevo a revisión.",
    "table_missing": "Un recurso no tiene su tabla; se publicará sin vista previa. Cárguela desde la página del recurso.",
    "table_loading": "La tabla de un recurso todavía se está cargando; si no termina a tiempo, aparecerá después de la publicación.",
})
#: Those that mostly mend themselves before the instant: they are shown, and nobody is called.
PASSING = frozenset({"table_loading"})


def problem(code: str, *, subject: str | None = None, detail: str = "") -> Problem:
    """The finding of this code. KeyError for a code that has no words."""
    return Problem(code=code, message=MESSAGES[code].format(detail=detail), subject=subject)
