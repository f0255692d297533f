"""What a plan holds: as the actions show it, as it is sent, and as its approval stands for."""

from __future__ import annotations

from typing import Any

from ckan import authz, model
from ckan.types import Context

from ckanext.edomex.adapters.callers import caller
from ckanext.edomex.domain.clock import iso
from ckanext.edomex.planning.domain import plan as rules
from ckanext.edomex.planning.logic import steps
from ckanext.edomex.planning.model import Document, Item, Line, Plan, documents_of, items_of, lines_of

Data = dict[str, Any]


def content_of(plan: Plan) -> Data:
    """The plan as it stands now: `{year, head, lines}`."""
    lines = [line_of(line, item).content() for line, item in lines_of(model.Session, plan.id)]
    return {"year": plan.year, "head": {name: getattr(plan, name) for name in rules.PLAN_FIELDS}, "lines": lines}


def standing(plan: Plan) -> Data:
    """What the plan promises: as it was approved, or as it stands now."""
    return plan.content if plan.state == rules.State.APPROVED and plan.content else content_of(plan)


def line_of(line: Line, item: Item | None = None) -> rules.Line:
    """A line as it counts."""
    found = item or model.Session.get(Item, line.item_id)
    assert found is not None, "a row of the inventory with a line cannot be taken out"
    own = {name: getattr(line, name) for name in rules.LINE_FIELDS}
    return rules.Line(id=line.id, item=steps.values_of(found), own=own)


def head_of(context: Context, plan: Plan) -> Data:
    """A plan without its lines."""
    agency = model.Group.get(plan.agency_id)
    moves = [name for name, (begins, _) in rules.TRANSITIONS.items() if begins == plan.state]
    return {
        "id": plan.id,
        "agency": {"id": plan.agency_id, "name": agency.name, "title": agency.title} if agency else {"id": plan.agency_id},
        "year": plan.year,
        "state": str(plan.state),
        **{name: getattr(plan, name) for name in rules.PLAN_FIELDS},
        "version": plan.version,
        "allowed": moves,
        "submitted_by": steps.login(plan.submitted_by),
        "submitted_at": iso(plan.submitted_at),
        "approved_by": steps.login(plan.approved_by),
        "approved_at": iso(plan.approved_at),
        "dataset": dataset_of(context, plan.dataset_id),
        "modified_at": iso(plan.modified_at),
        "modified_by": steps.login(plan.modified_by),
    }


def present(context: Context, plan: Plan) -> Data:
    """A plan with its lines and documents; `behind` counts rows of the inventory that should come in or go out."""
    pairs = lines_of(model.Session, plan.id)
    wanted = {item.id for item in items_of(model.Session, plan.agency_id) if rules.belongs(steps.values_of(item), plan.year)}
    have = {item.id for _, item in pairs}
    leaving = [line for line, item in pairs if item.id not in wanted and rules.may_leave(line.committed, line.dataset_id)]
    approved = plan.state == rules.State.APPROVED
    return {
        **head_of(context, plan),
        "lines": [present_line(context, line, item) for line, item in pairs],
        "documents": [present_document(each) for each in documents_of(model.Session, plan.id)],
        "behind": len(wanted - have) + len(leaving),
        "differs": approved and plan.content != content_of(plan),
    }


def present_line(context: Context, line: Line, item: Item | None = None) -> Data:
    """A line with what the inventory says of its row."""
    counted = line_of(line, item)
    own = {f"own_{name}": counted.own[name] for name in ("committed", "responsible")}
    ids = {"id": line.id, "plan_id": line.plan_id, "item_id": line.item_id}
    return {**counted.content(), **own, **ids, "version": line.version, "dataset": dataset_of(context, line.dataset_id)}


def present_document(document: Document) -> Data:
    """A document without its bytes."""
    names = ("id", "plan_id", "kind", "title", "filename", "size", "sha256")
    told = {name: getattr(document, name) for name in names}
    return {**told, "uploaded_at": iso(document.uploaded_at), "uploaded_by": steps.login(document.uploaded_by)}


def dataset_of(context: Context, dataset_id: str | None) -> Data | None:
    """Id, title and privacy of a dataset that is there, for who may see it: what is not sent is its agency's alone."""
    package = model.Package.get(dataset_id) if dataset_id else None
    if package is None or package.state == "deleted":
        return None
    reader = Context(user=context.get("user", ""), auth_user_obj=caller(context))
    if not authz.is_authorized_boolean("package_show", reader, {"id": package.id}):
        return None
    return {"id": package.id, "title": package.title, "private": package.private}
