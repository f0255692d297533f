"""The inventory: read, written row by row, and given out as a table."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk
from ckan.types import Context

from ckanext.edomex.adapters import parameters
from ckanext.edomex.adapters.callers import need_account
from ckanext.edomex.adapters.unit_of_work import unit_of_work
from ckanext.edomex.adapters.vocabularies import choices
from ckanext.edomex.domain.texts import plain
from ckanext.edomex.planning.domain import inventory, layouts
from ckanext.edomex.planning.domain.errors import FieldError, StaleError
from ckanext.edomex.planning.domain.inventory import Values
from ckanext.edomex.planning.logic import access, schema, steps
from ckanext.edomex.planning.model import Event, Item, Line, Plan, hold, item_named, items_of, new_id

Data = dict[str, Any]


@tk.side_effect_free
def edomex_inventory_list(context: Context, data_dict: Data) -> Data:
    """Rows of the inventories that the caller may read, by agency and name.

    :param agency: only this one's: name or id (optional)
    :param q: words of the name, the description or the responsible post (optional); likewise `decision`, and `guarded` for
        what has personal or reserved data
    :param limit: at most so many (optional, 100); `offset` to go on
    :returns: `{count, results}`
    """
    need_account(context)
    data = parameters.read(schema.listing(), data_dict)
    query = sa.select(Item)
    if data.get("agency"):
        agency = access.find_agency(context, data["agency"])
        query = query.where(Item.agency_id == agency.id)
    tk.check_access("edomex_inventory_list", context, {"agency": data.get("agency", "")})
    mine = access.agencies(context)
    if mine is not None:
        query = query.where(Item.agency_id.in_(mine))
    query = _filtered(query, data)
    count = model.Session.execute(sa.select(sa.func.count()).select_from(query.subquery())).scalar_one()
    page = query.order_by(Item.agency_id, Item.name_key, Item.id).limit(data["limit"]).offset(data["offset"])
    return {"count": count, "results": [steps.present(item) for item in model.Session.execute(page).scalars()]}


@tk.side_effect_free
def edomex_inventory_show(context: Context, data_dict: Data) -> Data:
    """One row of an inventory.

    :param id: id of the row
    :returns: the row
    """
    need_account(context)
    item = access.find_item(context, parameters.read(schema.only_id(), data_dict)["id"])
    tk.check_access("edomex_inventory_show", context, {"agency": item.agency_id})
    return steps.present(item)


@tk.side_effect_free
def edomex_inventory_history(context: Context, data_dict: Data) -> list[Data]:
    """What happened to a row, the newest first; also to one that was deleted.

    :param id: id of the row
    :returns: list of `{move, version, changes: {field: [before, after]}, by, at}`
    """
    need_account(context)
    item_id = parameters.read(schema.only_id(), data_dict)["id"]
    agency_id = model.Session.execute(sa.select(Event.agency_id).where(Event.subject_id == item_id).limit(1)).scalar()
    if not access.may(context, "edomex_inventory_history", agency_id):
        raise tk.ObjectNotFound(access.NO_ITEM)
    tk.check_access("edomex_inventory_history", context, {"agency": agency_id})
    return steps.history([item_id])


@tk.side_effect_free
def edomex_inventory_export(context: Context, data_dict: Data) -> list[list[str]]:
    """An agency's inventory as the rows of a table, header first.

    :param agency: name or id of the agency
    :param layout: `full` (ours), `adela` (8 columns) or `adela9` (with the frequency) (optional, `full`)
    :returns: list of rows of text
    """
    need_account(context)
    data = parameters.read(schema.exporting(), data_dict)
    agency = access.find_agency(context, data["agency"])
    tk.check_access("edomex_inventory_export", context, {"agency": agency.id})
    if data["layout"] not in layouts.LAYOUTS:
        raise tk.ValidationError({"layout": [f"Elija {', '.join(layouts.LAYOUTS)}."]})
    items = [steps.values_of(item) for item in items_of(model.Session, agency.id)]
    return list(layouts.written(items, data["layout"], choices(steps.FREQUENCIES)))


def edomex_inventory_create(context: Context, data_dict: Data) -> Data:
    """Register something that an agency holds.

    :param agency: name or id of the agency
    :param name: what it is called
    :param responsible: the post or unit that answers for it, never a person's name
    :param description: what it is (optional); likewise `system`, `frequency` (a code or a label), `expected` (AAAA-MM or a day)
    :param resources: list of `{name, about, system, responsible}` (optional)
    :param personal: whether it has personal data (optional, false), then with `personal_ground`
    :param reserved: whether it has reserved information (optional, false), then with `reserved_ground`
    :param decision: `por_decidir`, `abrir`, `abrir_en_parte` or `no_abrir` (optional)
    :returns: the row
    """
    need_account(context)
    agency_name = parameters.read(schema.of_agency(), data_dict)["agency"]
    with steps.domain_errors(), unit_of_work() as session:
        agency = access.find_agency(context, agency_name)
        tk.check_access("edomex_inventory_create", context, {"agency": agency.id})
        hold(session, agency.id)
        values = _read({**inventory.blank(steps.known_fields()), **data_dict})
        _refuse_double(agency.id, values["name"])
        item = Item(id=new_id(), agency_id=agency.id, version=1)
        _write(context, item, values)
        session.add(item)
        session.flush()
        steps.tell(context, item, "item", "create", changes=inventory.changes({}, values, values))
        return steps.present(item)


def edomex_inventory_update(context: Context, data_dict: Data) -> Data:
    """Change a row. Fields that are not sent stay; what somebody else changed meanwhile is not overwritten: 409 with `version`.

    :param id: id of the row
    :param version: the version that the caller has seen
    :param name: what it is called (optional); likewise every field of `edomex_inventory_create`
    :returns: the row
    """
    need_account(context)
    data = parameters.read(schema.versioned(), data_dict)
    with steps.domain_errors(), unit_of_work() as session:
        item = access.find_item(context, data["id"])
        tk.check_access("edomex_inventory_update", context, {"agency": item.agency_id})
        hold(session, item.agency_id)
        item = access.find_item(context, data["id"], lock=True)
        if item.version != data["version"]:
            raise StaleError(item.version, by=steps.login(item.modified_by))
        before = steps.values_of(item)
        values = _read({**before, **data_dict})
        changed = inventory.changes(before, values, values)
        if changed:
            _refuse_double(item.agency_id, values["name"], besides=item.id)
            item.version += 1
            _write(context, item, values)
            steps.tell(context, item, "item", "update", changes=changed)
        return steps.present(item)


def edomex_inventory_delete(context: Context, data_dict: Data) -> Data:
    """Take a row out of the inventory, as of something that the agency never held; its history stays.

    :param id: id of the row
    :param version: the version that the caller has seen
    :returns: the row as it was
    """
    need_account(context)
    data = parameters.read(schema.versioned(), data_dict)
    with steps.domain_errors(), unit_of_work() as session:
        item = access.find_item(context, data["id"])
        tk.check_access("edomex_inventory_delete", context, {"agency": item.agency_id})
        # A plan that takes the row in this instant would keep a line of nothing.
        hold(session, item.agency_id)
        item = access.find_item(context, data["id"], lock=True)
        if item.version != data["version"]:
            raise StaleError(item.version, by=steps.login(item.modified_by))
        if year := _planned(item.id):
            remedy = "cambie su decisión y actualice ese plan antes de quitarlo."
            raise FieldError({"id": f"Está en el plan de apertura de {year}: {remedy}"})
        shown, values = steps.present(item), steps.values_of(item)
        steps.tell(context, item, "item", "delete", changes={name: [value, None] for name, value in values.items()})
        session.delete(item)
        return shown


def _planned(item_id: str) -> int | None:
    """Year of a plan that has a line of this row."""
    years = sa.select(Plan.year).join(Line, Line.plan_id == Plan.id).where(Line.item_id == item_id)
    return model.Session.execute(years.limit(1)).scalar()


def _filtered(query: Any, data: Data) -> Any:
    for word in plain(data.get("q", "")).split():
        # Names are kept as they are compared; the other two as they were written.
        like = f"%{word.replace('%', '').replace('_', ' ')}%"
        places = (Item.name_key, sa.func.lower(Item.description), sa.func.lower(Item.responsible))
        query = query.where(sa.or_(*(place.like(like) for place in places)))
    if data.get("decision"):
        query = query.where(Item.decision == data["decision"])
    if "guarded" in data:
        guarded = sa.or_(Item.personal, Item.reserved)
        query = query.where(guarded if data["guarded"] else sa.not_(guarded))
    return query


def _read(given: Data) -> Values:
    """A whole row, in its one form. FieldError with everything that is wrong with it."""
    values, wrong = inventory.read(given, steps.known_fields())
    if not wrong:
        values = inventory.settled(values)
        wrong = inventory.faults(values)
    if wrong:
        raise FieldError(wrong)
    return values


def _refuse_double(agency_id: str, name: str, besides: str = "") -> None:
    other = item_named(model.Session, agency_id, inventory.key_of(name))
    if other is not None and other.id != besides:
        raise FieldError({"name": f"«{other.name}» ya está en el inventario; edítelo, o use otro nombre."})


def _write(context: Context, item: Item, values: Values) -> None:
    for name, value in values.items():
        setattr(item, name, value)
    item.name_key = inventory.key_of(values["name"])
    item.modified_by, item.modified_at = steps.actor(context), steps.now()
