"""What each vocabulary must have, and what is wrong with one: rules over rows, wherever they come from."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, cast

from ckanext.edomex.domain.places import MUNICIPALITY

Row = Mapping[str, str]
YES_NO = re.compile("yes|no")
CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_./-]*")
EU_CODE = re.compile(r"[A-Z0-9_]*")
ADDRESS = re.compile(r"https?://\S+")


@dataclass(frozen=True, kw_only=True)
class Spec:
    """One vocabulary: what it is, its columns, what stands in them, and what other vocabulary a column refers to."""

    title: str
    key: str
    label: str
    columns: tuple[str, ...]
    patterns: Mapping[str, re.Pattern[str]] = field(default_factory=dict[str, "re.Pattern[str]"])
    #: Column → vocabulary whose keys it holds, several with spaces between.
    references: Mapping[str, str] = field(default_factory=dict[str, str])
    #: Columns that may be empty.
    optional: frozenset[str] = frozenset()
    #: Whether fields may say what the vocabulary does not know; they hold its labels then, not its codes.
    is_open: bool = False
    #: Characters that a code has, where fields also hold longer keys that begin with one, and shorter ones that are none.
    width: int = 0


@dataclass(frozen=True, kw_only=True)
class Fault:
    """Something wrong with a vocabulary: where (`line` counts the header as 1; 0 is the file), and a sentence."""

    name: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.name}.csv, renglón {self.line}: {self.message}" if self.line else f"{self.name}.csv: {self.message}"


def _plain(title: str, *more: str, **given: object) -> Spec:
    return Spec(title=title, key="code", label="label", columns=("code", "label", *more), **given)  # type: ignore[arg-type]


#: Name of the file → what it must have.
SPECS: Mapping[str, Spec] = MappingProxyType({
    "temas": Spec(
        title="Temas", key="slug", label="title", columns=("slug", "title", "federal_2015", "pnda", "in_report", "eu_theme"),
        patterns={"slug": re.compile(r"[a-z0-9-]{2,100}"), "in_report": YES_NO},
        references={"federal_2015": "temas-federales-2015", "pnda": "grupos-pnda", "eu_theme": "temas-ue"},
    ),
    "temas-federales-2015": Spec(title="Temas federales de 2015", key="title", label="title", columns=("title",)),
    "grupos-pnda": Spec(title="Grupos de datos.gob.mx", key="slug", label="slug", columns=("slug",)),
    "temas-ue": _plain("Temas de la Unión Europea", patterns={"code": EU_CODE}),
    "municipios-edomex": Spec(
        title="Municipios", key="cvegeo", label="nombre", columns=("cvegeo", "nombre"),
        patterns={"cvegeo": re.compile(r"15\d{3}")}, width=MUNICIPALITY,
    ),
    "periodicidad": _plain(
        "Frecuencias de actualización", "eu_frequency", references={"eu_frequency": "frecuencias-ue"},
        patterns={"code": re.compile(r"R/PT?\d+[HDWMY]|[a-z]+")},
    ),
    "frecuencias-ue": Spec(title="Frecuencias de la Unión Europea", key="code", label="code", columns=("code",)),
    "licencias": Spec(
        title="Licencias", key="id", label="title",
        columns=("id", "title", "url", "eu_licence", "od_conformance", "domain_software", "maintainer"),
        patterns={"url": ADDRESS, "eu_licence": EU_CODE, "domain_software": YES_NO}, optional=frozenset({"eu_licence", "maintainer"}),
    ),
    "formatos": _plain(
        "Formatos", "media_type", "eu_file_type", "aliases", "machine_readable", "open",
        patterns={
            "media_type": re.compile(r"[a-z]+/[a-z0-9.+-]+|"), "eu_file_type": EU_CODE, "machine_readable": YES_NO, "open": YES_NO,
        },
        optional=frozenset({"media_type", "aliases"}), is_open=True,
    ),
    "niveles-de-acceso": _plain(
        "Niveles de acceso", "help", "eu_access_right", "needs_ground", patterns={"eu_access_right": EU_CODE, "needs_ground": YES_NO}
    ),
    "fundamentos": _plain("Fundamentos legales", "applies_to", references={"applies_to": "niveles-de-acceso"}),
    "desagregacion": _plain("Niveles de detalle"),
    "tipos-de-organizacion": _plain("Tipos de organización"),
    "sectores": _plain("Sectores"),
    "datos-personales": _plain("Clases de datos personales", "help", optional=frozenset({"help"})),
    "tipos-de-columna": _plain("Tipos de columna"),
    "disponibilidad": _plain("Disponibilidad", "eu_availability", patterns={"eu_availability": EU_CODE}),
    "prioridad-federal": _plain("Prioridades federales"),
    "idiomas": _plain("Idiomas", "eu_language", patterns={"eu_language": EU_CODE}, optional=frozenset({"eu_language"})),
    "codificaciones": _plain("Codificaciones de texto"),
})


def faults(tables: Mapping[str, Sequence[Row]]) -> list[Fault]:
    """Everything that is wrong with the vocabularies, file by file.

    Args:
        tables: name of each file → its rows; one that is missing is a fault.
    """
    found = [Fault(name=name, line=0, message="falta el archivo.") for name in SPECS if name not in tables]
    for name, rows in tables.items():
        if name in SPECS:
            found += _faults_of(name, SPECS[name], rows, tables)
    return found


def removed(name: str, rows: Sequence[Row], used: Iterable[str], whose: str) -> list[Fault]:
    """Codes that something has and the vocabulary has no more: it would leave them without a meaning.

    Args:
        name: of the vocabulary.
        rows: what it has now.
        used: codes that the portal has of it.
        whose: what has them, in Spanish and in the plural.
    """
    known = {row[SPECS[name].key] for row in rows}
    message = f"falta «{{}}», que usan {whose} del portal. Déjelo, o cambie antes lo que lo usa."
    return [Fault(name=name, line=0, message=message.format(code)) for code in sorted(set(used) - known)]


def codes(name: str, said: str, subfield: str = "") -> Iterator[str]:
    """The codes of a vocabulary in what is kept of a field: one, a list in JSON, or a subfield of rows in JSON."""
    width = SPECS[name].width
    for each in _items(said):
        value = each.get(subfield) if isinstance(each, dict) else each if not subfield else None
        if value and isinstance(value, str) and len(value) >= width:
            yield value[: width or None]


def _items(said: str) -> list[dict[str, Any] | str]:
    try:
        return cast("list[dict[str, Any] | str]", json.loads(said)) if said.startswith("[") else [said]
    except (ValueError, RecursionError):
        return []


def _faults_of(name: str, spec: Spec, rows: Sequence[Row], tables: Mapping[str, Sequence[Row]]) -> Iterator[Fault]:
    missing = [column for column in spec.columns if rows and rows[0].get(column) is None]
    if not rows or missing:
        message = f"faltan las columnas {', '.join(missing)}." if missing else "no tiene renglones."
        yield Fault(name=name, line=1, message=message)
        return
    seen: dict[str, int] = {}
    for line, row in enumerate(rows, start=2):
        code = row[spec.key]
        if code in seen:
            yield Fault(name=name, line=line, message=f"«{code}» ya está en el renglón {seen[code]}.")
        seen.setdefault(code, line)
        for message in _messages(spec, row, tables):
            yield Fault(name=name, line=line, message=message)


def _messages(spec: Spec, row: Row, tables: Mapping[str, Sequence[Row]]) -> Iterator[str]:
    for column in spec.columns:
        value = row.get(column)
        if value is None:
            yield f"le falta la columna {column}; revise las comas."
        elif value != value.strip():
            yield f"«{value}» en {column} tiene espacios de más."
        elif not value and column not in spec.optional:
            yield f"{column} está vacío."
        elif value and column in spec.patterns and not spec.patterns[column].fullmatch(value):
            yield f"«{value}» no es válido en {column}."
        elif value and column in spec.references:
            yield from _unknown(column, value, spec.references[column], tables)


def _unknown(column: str, value: str, name: str, tables: Mapping[str, Sequence[Row]]) -> Iterator[str]:
    known = {row.get(SPECS[name].key) for row in tables.get(name, ())}
    # Titles have spaces of their own; codes do not.
    if value not in known and not set(value.split()) <= known:
        yield f"«{value}» en {column} no está en {name}.csv."
