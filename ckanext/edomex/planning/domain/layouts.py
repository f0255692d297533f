"""Inventories as tables: ADELA's 8 columns, the 9 of real files, and ours, which loses nothing. Columns are known by their header.

Source: ADELA's inventory (8 columns; dates AAAA-MM or AAAA-MM-DD; values Público, Restringido, Privado) and a real export of 2020
with a ninth column and mangled accents.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from ckanext.edomex.domain.catalogue import HeaderError, Wrong
from ckanext.edomex.domain.tabular import Row, header_key, header_skeleton, unguarded
from ckanext.edomex.domain.texts import plain
from ckanext.edomex.planning.domain import fields
from ckanext.edomex.planning.domain.fields import Reader, WrongError
from ckanext.edomex.planning.domain.inventory import DECISIONS, RESOURCE_FIELDS, Field, Values

#: Column of a table → its header. `about` is a resource's, or the row's own where it has none; `level` and `reason` are ADELA's.
HEADERS: Mapping[str, str] = MappingProxyType({
    "responsible": "Responsable",
    "name": "Nombre del conjunto",
    "description": "Descripción del conjunto",
    "resource": "Nombre del recurso",
    "about": "¿De qué es?",
    "level": "¿Tiene datos privados?",
    "reason": "Razón por la cual los datos son privados",
    "personal": "¿Tiene datos personales?",
    "personal_ground": "Fundamento de los datos personales",
    "reserved": "¿Tiene información reservada?",
    "reserved_ground": "Fundamento de la reserva",
    "system": "¿En qué plataforma, tecnología, programa o sistema se albergan?",
    "expected": "Fecha estimada de publicación en datos.gob.mx",
    "frequency": "Frecuencia con la que actualizan",
    "decision": "Decisión",
})
LAYOUTS: Mapping[str, tuple[str, ...]] = MappingProxyType({
    "adela": ("responsible", "name", "resource", "about", "level", "reason", "system", "expected"),
    "adela9": ("responsible", "name", "resource", "about", "level", "reason", "system", "expected", "frequency"),
    "full": tuple(name for name in HEADERS if name not in {"level", "reason"}),
})
#: What else people write over a column.
VARIANTS: Mapping[str, str] = MappingProxyType({
    "area responsable": "responsible", "unidad responsable": "responsible", "puesto responsable": "responsible",
    "conjunto de datos": "name", "conjunto": "name", "nombre del conjunto de datos": "name", "recurso": "resource",
    "recurso de datos": "resource", "nombre del recurso de datos": "resource", "descripcion del recurso": "about",
    "descripcion del recurso de datos": "about", "descripcion": "about", "de que es": "about",
    "descripcion del conjunto de datos": "description", "tiene datos privados": "level", "razon": "reason", "plataforma": "system",
    "sistema": "system", "en que plataforma tecnologia programa o sistema se alberga": "system", "fecha estimada": "expected",
    "fecha estimada de publicacion": "expected", "frecuencia": "frequency", "periodicidad": "frequency",
    "frecuencia de actualizacion": "frequency", "estado de la decision": "decision",
})  # fmt: skip
#: ADELA's word for a level → (personal data, reserved information). Its question is of private data, hence «Privado».
LEVELS: Mapping[str, tuple[bool, bool]] = MappingProxyType({
    "Público": (False, False), "Restringido": (False, True), "Privado": (True, False),
})  # fmt: skip
_LEVEL_WORDS: Mapping[str, str] = MappingProxyType({
    "no": "Público", "si": "Privado", "abierto": "Público", "reservado": "Restringido", "confidencial": "Privado",
})  # fmt: skip
#: Columns that say something of one resource; the others say it of the whole row, and may say it once.
OF_RESOURCE = frozenset({"resource", "about", "system", "responsible"})
#: Rows in which the header is looked for: real files have titles above.
HEADER_WITHIN = 10
MOST_ROWS = 20_000


@dataclass(kw_only=True)
class Told:
    """What a table tells of one row of the inventory: its first line, each value with its line, its resources with theirs."""

    line: int
    name: str
    values: dict[str, Any] = field(default_factory=dict[str, Any])
    lines: dict[str, int] = field(default_factory=dict[str, int])
    resources: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])
    resource_lines: dict[str, int] = field(default_factory=dict[str, int])


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table that was read: what it tells, what is wrong with it, and how it calls our columns."""

    told: list[Told]
    wrong: list[Wrong]
    headers: Mapping[str, str]

    def header(self, column: str) -> str:
        """A column as the file calls it; ADELA's where the file has one for two of ours."""
        if column not in self.headers and column.startswith(("personal", "reserved")):
            column = "reason" if column.endswith("ground") else "level"
        return self.headers.get(column, HEADERS.get(column, ""))


def read(rows: Sequence[Row], known: Mapping[str, Field]) -> Table:
    """What a table tells, row by row; everything that is wrong is found, not only the first.

    Raises:
        HeaderError: no row among the first has the headers.
    """
    at, columns = _header(rows)
    readers = _readers(known)
    headers = {name: rows[at].cells[number] for number, name in columns.items()}
    told: dict[str, Told] = {}
    wrong: list[Wrong] = []
    for row in rows[at + 1 :]:
        cells = {name: unguarded(row.cells[number]) for number, name in columns.items() if number < len(row.cells)}
        values, errors = _values(cells, readers)
        errors |= {} if values.get("name") or "name" in errors else {"name": "Falta el nombre del conjunto."}
        wrong += [Wrong(line=row.line, column=headers.get(name, HEADERS[name]), message=said) for name, said in errors.items()]
        if not errors:
            one = told.setdefault(plain(values["name"]), Told(line=row.line, name=values["name"]))
            wrong += [Wrong(line=row.line, column=headers[name], message=said) for name, said in _add(one, row.line, values)]
    return Table(told=list(told.values()), wrong=wrong, headers=headers)


def _header(rows: Sequence[Row]) -> tuple[int, dict[int, str]]:
    by_key = {header_key(header): name for name, header in HEADERS.items()} | dict(VARIANTS)
    by_skeleton = {header_skeleton(header): name for name, header in HEADERS.items()}
    for at, row in enumerate(rows[:HEADER_WITHIN]):
        columns: dict[int, str] = {}
        for number, cell in enumerate(row.cells):
            text = fields.repaired(unguarded(cell))
            name = by_key.get(header_key(text)) or by_skeleton.get(header_skeleton(text)) or by_skeleton.get(header_skeleton(cell))
            if name and name not in columns.values():
                columns[number] = name
        if "name" in columns.values() and len(columns) > 1:
            return at, columns
    raise HeaderError(f"No se reconocen los encabezados; use los de la plantilla: {', '.join(HEADERS[n] for n in LAYOUTS['adela9'])}.")


def _readers(known: Mapping[str, Field]) -> Mapping[str, Reader]:
    of_resource = {column: reader for column, (_, reader) in RESOURCE_FIELDS.items() if column != "name"}
    return {
        **{name: each.read for name, each in known.items()}, **of_resource,
        "resource": fields.text(300), "level": _level, "reason": fields.text(2000),
    }  # fmt: skip


_level_code = fields.code_of({name: name for name in LEVELS}, _LEVEL_WORDS)


def _level(value: Any) -> str:
    try:
        return _level_code(value)
    except WrongError:
        raise WrongError(f"«{str(value)[:40]}» no es un nivel; escriba {', '.join(LEVELS)}.") from None


def _values(cells: Mapping[str, str], readers: Mapping[str, Reader]) -> tuple[Values, dict[str, str]]:
    """Values of the cells that say something, and what is wrong with the others."""
    values: Values = {}
    errors: dict[str, str] = {}
    for name, cell in cells.items():
        if cell:
            try:
                values[name] = readers[name](cell)
            except WrongError as error:
                errors[name] = str(error)
    return values, errors


def _add(one: Told, line: int, values: Values) -> Iterator[tuple[str, str]]:
    """Take a line into what is told of its row; yields the columns that contradict an earlier line."""
    for name, value in values.items():
        if name in OF_RESOURCE or name == "name":
            continue
        if name in one.values and one.values[name] != value:
            other = one.lines[name]
            yield name, f"El renglón {other} dice otra cosa del mismo conjunto; deje una sola, o sepárelo en dos conjuntos."
        one.values.setdefault(name, value)
        one.lines.setdefault(name, line)
    resource = values.get("resource")
    if not resource:
        for name, column in (("description", "about"), ("system", "system"), ("responsible", "responsible")):
            if column in values:
                one.values.setdefault(name, values[column])
                one.lines.setdefault(name, line)
    elif (key := plain(resource)) in one.resources:
        yield "resource", f"Este recurso ya está en el renglón {one.resource_lines[key]}; quite uno o cámbiele el nombre."
    else:
        said = {name: values[name] for name in ("about", "system", "responsible") if name in values}
        one.resources[key], one.resource_lines[key] = {"name": resource, **said}, line


def merged(told: Told, before: Values) -> Values:
    """A row of the inventory with what a table tells of it; what the table does not say stays.

    Args:
        told: from the table.
        before: the row as it is, or a blank one.
    """
    values = {**before, "name": told.name}
    level, reason = told.values.get("level", ""), told.values.get("reason", "")
    values |= {name: value for name, value in told.values.items() if name not in {"level", "reason"}}
    if (level or reason) and (level or level_of(before), reason or reason_of(before)) != (level_of(before), reason_of(before)):
        personal, reserved = LEVELS[level or level_of(before)]
        values |= {"personal": personal, "personal_ground": reason if personal else "", "reserved": reserved}
        values["reserved_ground"] = reason if reserved else ""
    listed = {plain(each["name"]): dict(each) for each in before["resources"]}
    for key, said in told.resources.items():
        listed[key] = {"about": "", "system": "", "responsible": "", **listed.get(key, {"name": said["name"]}), **said_of(said)}
    values["resources"] = list(listed.values())
    return values


def said_of(said: Mapping[str, str]) -> dict[str, str]:
    """Of a told resource, all but its name: how an existing one is written stays."""
    return {name: value for name, value in said.items() if name != "name"}


def level_of(values: Mapping[str, Any]) -> str:
    """ADELA's word for how open a row is."""
    return "Privado" if values["personal"] else "Restringido" if values["reserved"] else "Público"


def reason_of(values: Mapping[str, Any]) -> str:
    """ADELA's one reason, of our two grounds."""
    return "; ".join(filter(None, (values["personal_ground"], values["reserved_ground"])))


def written(items: Iterable[Mapping[str, Any]], layout: str, frequencies: Mapping[str, str]) -> Iterator[list[str]]:
    """Rows of a table, header first: a line for each resource, and one for what has none."""
    columns = LAYOUTS[layout]
    yield [HEADERS[name] for name in columns]
    for item in items:
        listed: list[dict[str, str]] = item["resources"] or [{}]
        for resource in listed:
            cells = _cells(item, resource, frequencies)
            yield [cells[name] for name in columns]


def _cells(item: Mapping[str, Any], resource: Mapping[str, str], frequencies: Mapping[str, str]) -> dict[str, str]:
    own = {name: str(item[name]) for name in ("name", "description", "personal_ground", "reserved_ground", "expected")}
    return {
        **own,
        "responsible": resource.get("responsible") or item["responsible"],
        "system": resource.get("system") or item["system"],
        "resource": resource.get("name", ""),
        "about": resource.get("about", "") if resource else item["description"],
        "level": level_of(item),
        "reason": reason_of(item),
        **{name: "Sí" if item[name] else "No" for name in ("personal", "reserved")},
        "frequency": frequencies.get(item["frequency"], item["frequency"]),
        "decision": DECISIONS.get(item["decision"], item["decision"]),
    }
