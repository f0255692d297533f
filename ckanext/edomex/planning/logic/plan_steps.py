"""The steps of a plan: sent by the agency, returned or approved by another person, opened again with a reason."""

from __future__ import annotations

from typing import Any

from ckan import model
from ckan.plugins import toolkit as tk
from ckan.types import Context

from ckanext.edomex.adapters import parameters, signals
from ckanext.edomex.adapters.callers import need_account
from ckanext.edomex.adapters.unit_of_work import unit_of_work
from ckanext.edomex.planning.domain import plan as rules
from ckanext.edomex.planning.domain.errors import FieldError, SamePersonError
from ckanext.edomex.planning.logic import access, plan_content, schema, steps
from ckanext.edomex.planning.model import Plan, hold, lines_of

Data = dict[str, Any]


def edomex_plan_submit(context: Context, data_dict: Data) -> Data:
    """Send a plan to be approved, as it stands now.

    :param id: id of the plan
    :returns: the plan
    """
    need_account(context)
    data = parameters.read(schema.only_id(), data_dict)
    with steps.domain_errors(), unit_of_work():
        plan = _held(context, data["id"], "edomex_plan_submit")
        ends = rules.after(plan.state, "submit")
        head = {name: getattr(plan, name) for name in rules.PLAN_FIELDS}
        lines = [plan_content.line_of(line, item) for line, item in lines_of(model.Session, plan.id)]
        if wrong := rules.faults(head, lines, plan.year):
            raise FieldError(wrong)
        plan.content = plan_content.content_of(plan)
        plan.submitted_by, plan.submitted_at = need_account(context).id, steps.now()
        plan.approved_by = plan.approved_at = None
        _take(context, plan, "submit", ends)
        return plan_content.present(context, plan)


def edomex_plan_return(context: Context, data_dict: Data) -> Data:
    """Give a plan back to its agency with what has to change.

    :param id: id of the plan
    :param reason: what has to change, for the people who sent it
    :returns: the plan
    """
    return _with_reason(context, data_dict, "return")


def edomex_plan_reopen(context: Context, data_dict: Data) -> Data:
    """Open an approved plan again, to change it; what was approved before stays in the history.

    :param id: id of the plan
    :param reason: why
    :returns: the plan
    """
    return _with_reason(context, data_dict, "reopen")


def edomex_plan_approve(context: Context, data_dict: Data) -> Data:
    """Approve a plan as it was sent; refused where the inventory has changed it since, and to who sent it.

    :param id: id of the plan
    :returns: the plan
    """
    need_account(context)
    data = parameters.read(schema.only_id(), data_dict)
    with steps.domain_errors(), unit_of_work():
        plan = _held(context, data["id"], "edomex_plan_approve")
        ends = rules.after(plan.state, "approve")
        if plan.submitted_by == steps.actor(context):
            raise SamePersonError("Usted envió este plan; otra persona tiene que aprobarlo.")
        if plan.content != plan_content.content_of(plan):
            raise FieldError({"id": "El inventario cambió después del envío; devuelva el plan para que lo envíen de nuevo."})
        plan.approved_by, plan.approved_at = steps.actor(context), steps.now()
        _take(context, plan, "approve", ends)
        return plan_content.present(context, plan)


def _with_reason(context: Context, data_dict: Data, move: str) -> Data:
    need_account(context)
    data = parameters.read(schema.with_reason(), data_dict)
    with steps.domain_errors(), unit_of_work():
        plan = _held(context, data["id"], f"edomex_plan_{move}")
        ends = rules.after(plan.state, move)
        # An event keeps what was approved: the plan itself goes on.
        kept = {"content": [plan.content, None]} if move == "reopen" else {}
        plan.content = plan.approved_by = plan.approved_at = None
        _take(context, plan, move, ends, reason=data["reason"], changes=kept)
        return plan_content.present(context, plan)


def _held(context: Context, plan_id: str, permission: str) -> Plan:
    """The plan, with nobody writing to its agency's inventory or plans meanwhile."""
    plan = access.find_plan(context, plan_id)
    tk.check_access(permission, context, {"agency": plan.agency_id})
    hold(model.Session, plan.agency_id)
    return access.find_plan(context, plan_id, lock=True)


def _take(context: Context, plan: Plan, move: str, ends: str, *, reason: str | None = None, changes: Data | None = None) -> None:
    before, plan.state = plan.state, ends
    plan.version += 1
    plan.modified_by, plan.modified_at = steps.actor(context), steps.now()
    # What was sent, and what the approval stands for, is known by its hash also where it goes on.
    kept = {"content_sha256": [None, rules.sha256(plan.content)]} if plan.content else {}
    steps.tell(context, plan, "plan", move, reason=reason, changes={"state": [before, ends], **kept, **(changes or {})})
    model.Session.flush()
    people = {"actor": plan.modified_by, "submitted_by": plan.submitted_by, "approved_by": plan.approved_by}
    signals.PLAN_MOVED.send(plan.id, move=move, version=plan.version, agency_id=plan.agency_id, **people)
