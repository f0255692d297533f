"""Targets: signed up with their agreement, changed, shown with how it goes."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from ckan import model as ckan_model
from ckan.plugins import toolkit as tk
from ckan.types import Context

from ckanext.edomex.adapters import parameters
from ckanext.edomex.adapters.unit_of_work import unit_of_work
from ckanext.edomex.domain.clock import iso, local
from ckanext.edomex.outbound import config
from ckanext.edomex.outbound.domain import answers, patience, targets
from ckanext.edomex.outbound.domain.copies import State
from ckanext.edomex.outbound.logic import schema
from ckanext.edomex.outbound.logic.readings import how, readers
from ckanext.edomex.outbound.model import INSTANT, Contact, Copy, Target, ask, now, rest_no_more, stuck, sweep

Data = dict[str, Any]
NO_TARGET = "No existe ese destino."
NOT_WRITTEN_TO = "A ese destino no se le escribe."
NOT_WORKING = "Ese destino no está en marcha; regístrele su convenio y actívelo."
#: What needs a person although the target itself is well: copies that cannot be taken away, then others that fail and fail.
STUCK = (
    "Conjuntos que aquí ya no son públicos y que allá no se han podido retirar: {number}. Lea el motivo en la lista y reintente.",
    "Conjuntos que no se han podido enviar tras varios intentos: {number}. Lea el motivo en la lista y reintente.",
)
FIELDS = (
    "name", "title", "kind", "url", "organization", "formats", "groups", "reader", "may_publish", "sends_files", "rate", "enabled",
    "agreement_number", "agreement_date", "agreement_post", "agreement_document",
)  # fmt: skip


def edomex_target_create(context: Context, data_dict: Data) -> Data:
    """Sign a target up. It works once it is enabled, for which its agreement has to be on record.

    :param name: short name, as `datos-gob-mx`
    :param title: what people call it
    :param kind: `ckan`, `bundle` or `pulled`
    :param url: its address
    :param organization: name of our organization there
    :param formats: list of formats that it takes (optional; CSV and SHP)
    :param groups: theme of ours → group there, beside the vocabulary's (optional)
    :param reader: of one that pulls: part of the User-Agent with which it reads our catalogue
    :param may_publish: whether it is us who make copies public there (optional, false)
    :param sends_files: whether files are sent rather than their addresses (optional, false)
    :param rate: requests in a minute, at most (optional, 60)
    :param agreement_number: of the agreement of adhesion; likewise `agreement_date`, `agreement_post`, `agreement_document` (address)
    :param enabled: whether it works (optional, false)
    :returns: the target
    """
    tk.check_access("edomex_target_create", context, data_dict)
    values = parameters.read(schema.target(), data_dict)
    with unit_of_work() as session:
        _check(session, values)
        if session.query(Target).filter_by(name=values["name"]).first():
            raise tk.ValidationError({"name": ["Ya hay un destino con ese nombre."]})
        target = Target(**values)
        session.add(target)
        session.flush()
        session.add(Contact(target_id=target.id))
        session.flush()
        _start(session, target)
        found = _shown(session, target)
    readers.forget()
    return found


def edomex_target_update(context: Context, data_dict: Data) -> Data:
    """Change a target; what is not named stays as it is. A trouble that asked for a person is tried anew at once.

    :param id: name or id of the target; the rest as `edomex_target_create`
    :returns: the target
    """
    tk.check_access("edomex_target_update", context, data_dict)
    values = parameters.read(schema.change(), data_dict)
    with unit_of_work() as session:
        target = find(session, values.pop("id"), lock=True)
        _check(session, {**{name: getattr(target, name) for name in FIELDS}, **values})
        for name, value in values.items():
            setattr(target, name, value)
        target.modified_at = now(session)
        session.flush()
        _start(session, target)
        found = _shown(session, target)
    readers.forget()
    return found


@tk.side_effect_free
def edomex_target_show(context: Context, data_dict: Data) -> Data:
    """A target and how it goes with it; never its key.

    :param id: name or id of the target
    :returns: the target's fields, `copies` (state → number), `behind`, `behind_since`, `answered_at`, `trouble`, `rest_until`,
        `has_token`, `alarm`; of one that pulls `readings` (`path`, `read_at`, `status`, `agent`), the newest first
    """
    tk.check_access("edomex_target_show", context, data_dict)
    return _shown(ckan_model.Session, find(ckan_model.Session, parameters.read(schema.only_id(), data_dict)["id"]))


@tk.side_effect_free
def edomex_target_list(context: Context, data_dict: Data) -> list[Data]:
    """Every target, as `edomex_target_show`.

    :returns: list of targets by name
    """
    tk.check_access("edomex_target_list", context, data_dict)
    session = ckan_model.Session
    return [_shown(session, target) for target in session.query(Target).order_by(Target.name)]


def edomex_target_sync(context: Context, data_dict: Data) -> Data:
    """Have everything at a target compared again now, also what was not told of.

    :param id: name or id of the target
    :returns: `{due}`, how many copies will be compared
    """
    tk.check_access("edomex_target_sync", context, data_dict)
    with unit_of_work() as session:
        target = find(session, parameters.read(schema.only_id(), data_dict)["id"])
        need_working(target)
        rest_no_more(session, target.id)
        sweep(session, target.id)
        due = ask(session, Copy.target_id == target.id, Copy.state != State.REFUSED)
    return {"due": due}


def figures() -> Data:
    """How many targets work and how many of them need a person, for the page of metrics."""
    session = ckan_model.Session
    working = [_shown(session, target) for target in session.query(Target).filter_by(enabled=True)]
    alarmed = sum(target["alarm"] for target in working)
    return {"enabled": len(working), "alarmed": alarmed, "alarms": ["target_alarmed"] if alarmed else []}


def find(session: Any, ref: str, *, lock: bool = False) -> Target:
    """The target of this name or id; ObjectNotFound."""
    query = session.query(Target).filter(sa.or_(Target.id == ref, Target.name == ref))
    found = (query.with_for_update().populate_existing() if lock else query).one_or_none()
    if found is None:
        raise tk.ObjectNotFound(NO_TARGET)
    return found


def need_working(target: Target) -> None:
    """ValidationError, as a state that forbids it, for a target that is not written to."""
    if not target.enabled or target.kind != targets.Kind.CKAN:
        why = NOT_WRITTEN_TO if target.enabled else NOT_WORKING
        raise tk.ValidationError({"message": why, "state": "disabled", "allowed": ["update"]})


def _check(session: Any, values: Data) -> None:
    if wrong := targets.faults(values, local(now(session)).date()):
        raise tk.ValidationError({name: [text] for name, text in wrong.items()})


def _start(session: Any, target: Target) -> None:
    """What is public goes to a target that works; a change of its settings may change every copy."""
    if target.enabled and target.kind == targets.Kind.CKAN:
        rest_no_more(session, target.id)
        sweep(session, target.id)
        ask(session, Copy.target_id == target.id, behind_since=sa.func.coalesce(Copy.behind_since, INSTANT))


def _shown(session: Any, target: Target) -> Data:
    contact = session.execute(sa.select(Contact).where(Contact.target_id == target.id)).scalar_one_or_none()
    counts = sa.select(Copy.state, sa.func.count()).where(Copy.target_id == target.id).group_by(Copy.state)
    late = sa.select(sa.func.count(), sa.func.min(Copy.behind_since))
    behind = session.execute(late.where(Copy.target_id == target.id, Copy.behind_since.isnot(None))).one()
    pulled = how(session, target) if target.kind == targets.Kind.PULLED else {"readings": []}
    return {
        "id": target.id, **{name: getattr(target, name) for name in FIELDS if name != "agreement_date"},
        "agreement_date": target.agreement_date.isoformat() if target.agreement_date else None,
        "copies": {row[0]: row[1] for row in session.execute(counts)},
        "behind": behind[0], "behind_since": iso(behind[1]),
        "answered_at": iso(contact.answered_at) if contact else None, "rest_until": iso(contact.rest_until) if contact else None,
        "has_token": config.token_of(target.name) is not None, **_alarm(session, target, contact), **pulled,
    }  # fmt: skip


def _alarm(session: Any, target: Target, contact: Contact | None) -> Data:
    """`trouble` and `alarm`: of the target, otherwise of copies that wait for a person."""
    trouble = answers.TROUBLES.get(contact.trouble or "") if contact else None
    if contact and trouble and patience.is_alarm(trouble, contact.failures):
        return {"trouble": trouble.text, "alarm": target.enabled}
    numbers = stuck(session, target.id, patience.ALARM_AFTER) if target.kind == targets.Kind.CKAN else (0, 0)
    texts = [text.format(number=number) for text, number in zip(STUCK, numbers, strict=True) if number]
    return {"trouble": " ".join(texts) or (trouble.text if trouble else None), "alarm": target.enabled and bool(texts)}
