"""Opening plans: read, derived from the inventory, written line by line, and given out as a table."""

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
from ckanext.edomex.planning.domain import inventory
from ckanext.edomex.planning.domain import plan as rules
from ckanext.edomex.planning.domain.errors import FieldError, StaleError
from ckanext.edomex.planning.logic import access, plan_content, schema, steps
from ckanext.edomex.planning.model import Line, Plan, hold, items_of, lines_of, new_id, plan_of

Data = dict[str, Any]


@tk.side_effect_free
def edomex_plan_list(context: Context, data_dict: Data) -> list[Data]:
    """Plans that the caller may read, the newest year first, without their lines.

    :param agency: only this one's: name or id (optional); likewise `year`
    :returns: list of plans
    """
    need_account(context)
    data = parameters.read(schema.plans(), data_dict)
    query = sa.select(Plan)
    if data.get("agency"):
        query = query.where(Plan.agency_id == access.find_agency(context, data["agency"]).id)
    tk.check_access("edomex_plan_list", context, {"agency": data.get("agency", "")})
    mine = access.agencies(context)
    if mine is not None:
        query = query.where(Plan.agency_id.in_(mine))
    if data.get("year"):
        query = query.where(Plan.year == data["year"])
    found = model.Session.execute(query.order_by(Plan.year.desc(), Plan.agency_id)).scalars()
    return [plan_content.head_of(context, plan) for plan in found]


@tk.side_effect_free
def edomex_plan_show(context: Context, data_dict: Data) -> Data:
    """A plan with its lines and documents, and what the inventory has that it has not.

    :param id: id of the plan
    :returns: the plan
    """
    need_account(context)
    plan = access.find_plan(context, parameters.read(schema.only_id(), data_dict)["id"])
    tk.check_access("edomex_plan_show", context, {"agency": plan.agency_id})
    return plan_content.present(context, plan)


@tk.side_effect_free
def edomex_plan_history(context: Context, data_dict: Data) -> list[Data]:
    """What happened to a plan and its lines, the newest first.

    :param id: id of the plan
    :returns: list of `{kind, move, version, changes, reason, by, at}`
    """
    need_account(context)
    plan = access.find_plan(context, parameters.read(schema.only_id(), data_dict)["id"])
    tk.check_access("edomex_plan_history", context, {"agency": plan.agency_id})
    return steps.history([plan.id, *(line.id for line, _ in lines_of(model.Session, plan.id))])


@tk.side_effect_free
def edomex_plan_export(context: Context, data_dict: Data) -> list[list[str]]:
    """A plan as the rows of a table, header first: of an approved one as it was approved, otherwise as it stands now.

    :param id: id of the plan
    :param layout: `pnda` (the federal 12 columns of today) or `adela` (its 11) (optional, `pnda`)
    :returns: list of rows of text
    """
    need_account(context)
    data = parameters.read(schema.plan_export(), data_dict)
    plan = access.find_plan(context, data["id"])
    tk.check_access("edomex_plan_export", context, {"agency": plan.agency_id})
    if data["layout"] not in rules.LAYOUTS:
        raise tk.ValidationError({"layout": [f"Elija {', '.join(rules.LAYOUTS)}."]})
    return list(rules.written(plan_content.standing(plan), data["layout"], choices(steps.FREQUENCIES)))


@tk.side_effect_free
def edomex_plan_commitment(context: Context, data_dict: Data) -> Data:
    """The line of a plan that a dataset came from, with the promised date.

    :param dataset_id: id of the dataset
    :returns: `{plan_id, year, state, line_id, committed, day}`; `day` is the last by which the promise is kept
    """
    need_account(context)
    dataset_id = parameters.read(schema.of_dataset(), data_dict)["dataset_id"]
    tk.check_access("edomex_plan_commitment", context, {})
    query = sa.select(Line).join(Plan, Plan.id == Line.plan_id).where(Line.dataset_id == dataset_id).order_by(Plan.year.desc())
    line = model.Session.execute(query.limit(1)).scalar()
    if line is None or not access.may(context, "edomex_plan_commitment", line.agency_id):
        raise tk.ObjectNotFound("Ese conjunto no viene de un plan, o no puede verlo con esta cuenta.")
    plan = access.find_plan(context, line.plan_id)
    committed = plan_content.line_of(line).committed
    told = {"plan_id": plan.id, "year": plan.year, "state": plan.state, "line_id": line.id}
    return {**told, "committed": committed, "day": rules.last_day(committed)}


def edomex_plan_create(context: Context, data_dict: Data) -> Data:
    """Begin an agency's plan of a year: its lines are the rows of the inventory that are to be opened in it.

    :param agency: name or id of the agency
    :param year: the year
    :param vision: the agency's vision of open data (optional); likewise `liaison_name`, `liaison_post`, `liaison_mail`,
        `admin_name`, `admin_post`, `admin_mail`
    :returns: the plan
    """
    need_account(context)
    data = parameters.read(schema.plan_of_year(), data_dict)
    with steps.domain_errors(), unit_of_work() as session:
        agency = access.find_agency(context, data["agency"])
        tk.check_access("edomex_plan_create", context, {"agency": agency.id})
        hold(session, agency.id)
        if plan_of(session, agency.id, data["year"]) is not None:
            raise FieldError({"year": f"Ya hay un plan de {data['year']}; ábralo y edítelo."})
        values = _read(data_dict, rules.PLAN_FIELDS, {name: each.blank() for name, each in rules.PLAN_FIELDS.items()})
        who = steps.actor(context)
        plan = Plan(id=new_id(), agency_id=agency.id, year=data["year"], state=rules.State.DRAFT, version=1, modified_by=who, **values)
        session.add(plan)
        session.flush()
        steps.tell(context, plan, "plan", "create", changes=inventory.changes({}, values, values))
        _derive(context, plan)
        return plan_content.present(context, plan)


def edomex_plan_update(context: Context, data_dict: Data) -> Data:
    """Change what a plan says beside its lines; 409 with `version` if somebody else was faster.

    :param id: id of the plan
    :param version: the version that the caller has seen
    :param vision: (optional); likewise every field of `edomex_plan_create`
    :returns: the plan
    """
    need_account(context)
    data = parameters.read(schema.versioned(), data_dict)
    with steps.domain_errors(), unit_of_work():
        plan = access.find_plan(context, data["id"], lock=True)
        tk.check_access("edomex_plan_update", context, {"agency": plan.agency_id})
        rules.check_editable(plan.state)
        _change(context, plan, "plan", data["version"], data_dict, rules.PLAN_FIELDS)
        plan.modified_at = steps.now()
        return plan_content.present(context, plan)


def edomex_plan_derive(context: Context, data_dict: Data) -> Data:
    """Bring a plan's lines up to its inventory: what is to be opened in its year comes in, what no longer is goes out.

    :param id: id of the plan
    :returns: the plan
    """
    need_account(context)
    data = parameters.read(schema.only_id(), data_dict)
    with steps.domain_errors(), unit_of_work() as session:
        plan = access.find_plan(context, data["id"])
        tk.check_access("edomex_plan_derive", context, {"agency": plan.agency_id})
        hold(session, plan.agency_id)
        plan = access.find_plan(context, data["id"], lock=True)
        rules.check_editable(plan.state)
        _derive(context, plan)
        return plan_content.present(context, plan)


def edomex_plan_line_update(context: Context, data_dict: Data) -> Data:
    """Change what a line says beyond the inventory; 409 with `version` if somebody else was faster.

    :param id: id of the line
    :param version: the version that the caller has seen
    :param committed: promised month or day, empty for the inventory's (optional); likewise `responsible`
    :param priority: `alta`, `media` or `baja` (optional); likewise `audience`, `importance`, `format`, `legal_basis`, `notes`
    :returns: the line
    """
    need_account(context)
    data = parameters.read(schema.versioned(), data_dict)
    with steps.domain_errors(), unit_of_work():
        line = access.find_line(context, data["id"])
        tk.check_access("edomex_plan_line_update", context, {"agency": line.agency_id})
        # The plan's row goes first, as when it is sent: a line is not changed under a plan that is on its way.
        plan = access.find_plan(context, line.plan_id, lock=True)
        rules.check_editable(plan.state)
        model.Session.refresh(line, with_for_update=True)
        _change(context, line, "line", data["version"], data_dict, rules.LINE_FIELDS)
        _check_year(plan, line)
        return plan_content.present_line(context, line)


def _check_year(plan: Plan, line: Line) -> None:
    if line.committed and not line.committed.startswith(f"{plan.year}-"):
        raise FieldError({"committed": f"El plan es de {plan.year}; escriba una fecha de ese año, o cámbiela en el inventario."})


def _read(given: Data, known: Any, before: Data) -> Data:
    values, wrong = inventory.read({name: given[name] for name in known if name in given}, known)
    if wrong:
        raise FieldError(wrong)
    return {**before, **values}


def _change(context: Context, thing: Plan | Line, kind: str, version: int, given: Data, known: Any) -> None:
    if thing.version != version:
        raise StaleError(thing.version, by=steps.login(thing.modified_by))
    before = {name: getattr(thing, name) for name in known}
    values = _read(given, known, before)
    changed = inventory.changes(before, values, known)
    if changed:
        for name in changed:
            setattr(thing, name, values[name])
        thing.version, thing.modified_by = thing.version + 1, steps.actor(context)
        steps.tell(context, thing, kind, "update", changes=changed)


def _derive(context: Context, plan: Plan) -> None:
    session = model.Session
    lines = {item.id: (line, item) for line, item in lines_of(session, plan.id)}
    wanted = {item.id: item for item in items_of(session, plan.agency_id) if rules.belongs(steps.values_of(item), plan.year)}
    blank = {name: each.blank() for name, each in rules.LINE_FIELDS.items()}
    for item_id in wanted.keys() - lines.keys():
        line = Line(id=new_id(), plan_id=plan.id, agency_id=plan.agency_id, item_id=item_id, version=1, **blank)
        session.add(line)
        steps.tell(context, line, "line", "derive", changes={"name": [None, wanted[item_id].name]})
    for item_id in lines.keys() - wanted.keys():
        line, item = lines[item_id]
        if rules.may_leave(line.committed, line.dataset_id):
            steps.tell(context, plan, "plan", "drop_line", changes={"name": [item.name, None]})
            session.delete(line)
    session.flush()
