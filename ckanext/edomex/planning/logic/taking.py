"""An inventory taken in from a table: all of it, or nothing and everything that is wrong with it."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from ckan.plugins import toolkit as tk
from ckan.types import AlchemySession, Context

from ckanext.edomex.adapters import parameters
from ckanext.edomex.adapters.callers import call_as_site, need_account
from ckanext.edomex.adapters.unit_of_work import unit_of_work
from ckanext.edomex.adapters.workbooks import rows_of
from ckanext.edomex.domain.catalogue import HeaderError, Wrong
from ckanext.edomex.domain.tabular import TableError
from ckanext.edomex.planning.domain import inventory, layouts
from ckanext.edomex.planning.domain.inventory import Values
from ckanext.edomex.planning.domain.layouts import Table, Told
from ckanext.edomex.planning.logic import access, schema, steps
from ckanext.edomex.planning.model import Event, Item, hold, items_of, new_id

log = logging.getLogger(__name__)

Data = dict[str, Any]


@dataclass(kw_only=True)
class _Taken:
    """What a table comes to: rows to insert, rows to change with their changes, names that stay, and what is wrong."""

    created: list[Values] = field(default_factory=list)
    changed: list[tuple[Item, Values, Data]] = field(default_factory=list)
    same: int = 0
    wrong: list[Wrong] = field(default_factory=list)


def edomex_inventory_import(context: Context, data_dict: Data) -> Data:
    """Take an inventory in from a file: every row of it, or none. A row of the same name is changed; what is not told stays.

    :param agency: name or id of the agency
    :param upload: a CSV or XLSX file: ADELA's 8 columns, with or without the frequency, or ours; known by their headers
    :param dry_run: only say what would become of it (optional)
    :returns: `{created, changed, same}`: counts; 400 with `rows: [{line, column, message}]` if anything is wrong
    """
    need_account(context)
    data = parameters.read(schema.importing(), data_dict)
    agency = access.find_agency(context, data["agency"])
    tk.check_access("edomex_inventory_import", context, {"agency": agency.id})
    table = _read(data_dict.get("upload"))
    with unit_of_work() as session:
        hold(session, agency.id)
        taken = _compared(table, {item.name_key: item for item in items_of(session, agency.id)})
        if wrong := sorted([*table.wrong, *taken.wrong], key=lambda each: each.line):
            rows: Any = [each.as_dict() for each in wrong]
            raise tk.ValidationError({"rows": rows, "message": [_count(len(rows), len({each.line for each in wrong}))]})
        if not data["dry_run"]:
            _store(context, session, agency.id, taken)
    counts = {"created": len(taken.created), "changed": len(taken.changed), "same": taken.same}
    if not data["dry_run"]:
        log.info("inventory taken in", extra={"event": "planning.inventory_imported", "agency": agency.id, **_for_log(counts)})
    return counts


def take_file(content: bytes, agency: str, *, dry_run: bool) -> Data:
    """The same for an operator, with the site's own rights."""
    return call_as_site("edomex_inventory_import", agency=agency, upload=content, dry_run=dry_run)


def _count(things: int, lines: int) -> str:
    said = "1 cosa que corregir" if things == 1 else f"{things} cosas que corregir"
    where = "1 renglón" if lines == 1 else f"{lines} renglones"
    return f"Hay {said} en {where}; no se registró nada."


def _for_log(counts: Data) -> Data:
    # `created` is a name of the log's own.
    return {f"rows_{name}": count for name, count in counts.items()}


def _read(upload: Any) -> Table:
    content = upload.read() if hasattr(upload, "read") else upload
    if not isinstance(content, bytes):
        raise tk.ValidationError({"upload": ["Elija un archivo CSV o XLSX."]})
    try:
        table = layouts.read(rows_of(content, layouts.MOST_ROWS), steps.known_fields())
    except (TableError, HeaderError) as error:
        raise tk.ValidationError({"upload": [str(error)]}) from None
    if not table.told and not table.wrong:
        raise tk.ValidationError({"upload": ["El archivo tiene encabezados y ningún renglón; agregue lo que la dependencia tiene."]})
    return table


def _compared(table: Table, here: dict[str, Item]) -> _Taken:
    taken = _Taken()
    known = steps.known_fields()
    for told in table.told:
        item = here.get(inventory.key_of(told.name))
        before = {name: getattr(item, name) for name in known} if item else inventory.blank(known)
        values = inventory.settled(layouts.merged(told, before))
        wrong = _wrong(table, told, values)
        if wrong:
            taken.wrong += wrong
        elif item is None:
            taken.created.append(values)
        elif changed := inventory.changes(before, values, values):
            taken.changed.append((item, values, changed))
        else:
            taken.same += 1
    return taken


def _wrong(table: Table, told: Told, values: Values) -> list[Wrong]:
    wrong = {name: message for name, message in inventory.faults(values).items() if not (name == "name" and told.name)}
    if len(values["resources"]) > inventory.MOST_RESOURCES:
        wrong["resource"] = f"El conjunto tiene más de {inventory.MOST_RESOURCES} recursos; sepárelo en dos."
    return [
        Wrong(line=told.lines.get(name, told.line), column=table.header(name), message=message) for name, message in wrong.items()
    ]


def _store(context: Context, session: AlchemySession, agency_id: str, taken: _Taken) -> None:
    """All rows and their events in few statements: a file has thousands."""
    who, now = steps.actor(context), steps.now()
    stamp = {"modified_by": who, "modified_at": now}
    events: list[Data] = []

    def tell(subject_id: str, move: str, version: int, changes: Data) -> None:
        common = {"kind": "item", "agency_id": agency_id, "actor": who, "reason": None}
        events.append({**common, "subject_id": subject_id, "move": move, "version": version, "changes": changes})

    rows: list[Data] = []
    for values in taken.created:
        key = inventory.key_of(values["name"])
        rows.append({**values, **stamp, "id": new_id(), "agency_id": agency_id, "name_key": key, "version": 1})
        tell(rows[-1]["id"], "import", 1, inventory.changes({}, values, values))
    for item, values, changed in taken.changed:
        for name in changed:
            setattr(item, name, values[name])
        item.version, item.modified_by, item.modified_at = item.version + 1, who, now
        tell(item.id, "import", item.version, changed)
    session.flush()
    if rows:
        session.execute(sa.insert(Item), rows)
    if events:
        session.execute(sa.insert(Event), events)
