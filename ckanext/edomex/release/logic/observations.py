"""Observations of a review: written in one place, answered by the agency, settled one by one."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk
from ckan.types import AlchemySession, Context

from ckanext.edomex.adapters import parameters, signals
from ckanext.edomex.adapters.callers import need_account
from ckanext.edomex.adapters.unit_of_work import unit_of_work
from ckanext.edomex.domain.clock import iso
from ckanext.edomex.release.domain import lifecycle, observations
from ckanext.edomex.release.domain.errors import FieldError, MoveForbiddenError, SamePersonError, StaleError
from ckanext.edomex.release.logic import access, places, review_schema, steps
from ckanext.edomex.release.model import Observation, ObservationEvent, Release, content_of, now, submissions

Data = dict[str, Any]
NOT_FOUND = "No existe esa observación, o no puede verla con esta cuenta."
NOT_NOW = "Las observaciones se escriben mientras el conjunto está en revisión; ahora está en «{state}»."
OWN = "Usted envió este conjunto a revisión; otra persona tiene que decidir sobre sus observaciones."


def edomex_observation_create(context: Context, data_dict: Data) -> Data:
    """Write an observation in one place of what was sent to review.

    :param release_id: id of the release
    :param anchor: `dataset`, `field`, `resource` or `row`
    :param field: name of the field, for `field` (optional)
    :param resource_id: the file or link, for `resource` and `row`, and for a field of it (optional)
    :param row: number of the row from 1, the header aside, for `row` (optional)
    :param column: name of the column, for `row` and `resource` (optional)
    :param text: what is to be looked at
    :returns: the observation
    """
    need_account(context)
    data = parameters.read(review_schema.observation(), data_dict)
    with steps.domain_errors(), unit_of_work() as session:
        release, _ = access.find_release(context, data["release_id"], lock=True)
        tk.check_access("edomex_observation_create", context, data)
        _refuse_unless_written_in(release)
        place = _place(data)
        places.check(place, content_of(session, release.content_id))
        observation = Observation(
            release_id=release.id, number=_next_number(session, release.id), anchor=place.anchor, field=place.field,
            resource_id=place.resource_id, row_number=place.row, column_name=place.column, text=data["text"],
            author=access.user_id(context),
        )  # fmt: skip
        session.add(observation)
        session.flush()
        _tell(context, observation, "create", None, None)
        return _one(observation, release)


def edomex_observation_answer(context: Context, data_dict: Data) -> Data:
    """Say, for the agency, what was done about an observation, or why it stays as it is.

    :param id: id of the observation
    :param text: the answer
    :param version: the version that the caller has seen; an older one is a 409 (optional)
    :returns: the observation
    """
    return _move(context, data_dict, "answer")


def edomex_observation_resolve(context: Context, data_dict: Data) -> Data:
    """Settle an observation. Not for who sent the dataset.

    :param id: id of the observation
    :param text: anything to be said with it (optional)
    :param version: the version that the caller has seen; an older one is a 409 (optional)
    :returns: the observation
    """
    return _move(context, data_dict, "resolve", other_person=True)


def edomex_observation_reopen(context: Context, data_dict: Data) -> Data:
    """Open an observation again: the answer does not settle it, or it was settled too early.

    :param id: id of the observation
    :param text: what is still to be done
    :param version: the version that the caller has seen; an older one is a 409 (optional)
    :returns: the observation
    """
    return _move(context, data_dict, "reopen")


def edomex_observation_withdraw(context: Context, data_dict: Data) -> Data:
    """Take an observation back; it stays in the list as withdrawn. Not for who sent the dataset.

    :param id: id of the observation
    :param text: why (optional)
    :param version: the version that the caller has seen; an older one is a 409 (optional)
    :returns: the observation
    """
    return _move(context, data_dict, "withdraw", other_person=True)


@tk.side_effect_free
def edomex_observation_list(context: Context, data_dict: Data) -> list[Data]:
    """Observations of a release with all that was said of each, in the order of their places.

    :param release_id: id of the release
    :param state: `open`, `answered`, `resolved` or `withdrawn` (optional, all)
    :returns: list of `{id, release_id, number, anchor, field, resource_id, row, column, about, gone, text, state, version, by, at,
        allowed, events: [{move, from, to, by, at, text}]}`; `gone` where the file is no longer in the dataset
    """
    tk.check_access("edomex_observation_list", context, data_dict)
    data = parameters.read(review_schema.observations(), data_dict)
    release, package = access.find_release(context, data["release_id"])
    if not access.reads_content(context, release, package):
        raise tk.ObjectNotFound(access.NOT_FOUND)
    query = sa.select(Observation).where(Observation.release_id == release.id)
    if data.get("state"):
        query = query.where(Observation.state == data["state"])
    found = list(model.Session.execute(query).scalars())
    known = _words(release) if found else None
    return _presented(release, found, known) if known else []


def _move(context: Context, data_dict: Data, name: str, *, other_person: bool = False) -> Data:
    need_account(context)
    data = parameters.read(review_schema.observed(), data_dict)
    with steps.domain_errors(), unit_of_work() as session:
        observation, release = _find(context, session, data["id"])
        tk.check_access(f"edomex_observation_{name}", context, data)
        if other_person and release.submitted_by == access.user_id(context):
            raise SamePersonError(OWN)
        standing = lifecycle.State(release.state)
        before = observations.State(observation.state)
        target = observations.after(before, name, standing)
        if data.get("version") not in {None, observation.version}:
            raise StaleError(before, name, observations.allowed(before, standing), observation.version)
        if observations.TRANSITIONS[name].needs_text and not data.get("text"):
            raise FieldError("text", "Escriba el texto: quedará en la conversación de la observación.")
        observation.state, observation.version, observation.modified_at = target, observation.version + 1, now(session)
        _tell(context, observation, name, before, data.get("text"))
        if name == "answer" and standing in observations.WRITTEN_IN:
            _ring(context, observation, release)
        return _one(observation, release)


def _ring(context: Context, observation: Observation, release: Release) -> None:
    """Let the author know: outside a review, that it is sent again says so."""
    package = model.Package.get(release.package_id)
    signals.OBSERVATION_ANSWERED.send(
        observation.id, version=observation.version, release_id=release.id, author=observation.author,
        agency_id=package.owner_org if package else None, actor=access.user_id(context),
    )  # fmt: skip


def _find(context: Context, session: AlchemySession, observation_id: str) -> tuple[Observation, Release]:
    """An observation with its release, both locked; `ObjectNotFound` also where the caller may not know of it."""
    observation = session.get(Observation, observation_id)
    if observation is None:
        raise tk.ObjectNotFound(NOT_FOUND)
    try:
        release, _ = access.find_release(context, observation.release_id, lock=True)
    except tk.ObjectNotFound:
        raise tk.ObjectNotFound(NOT_FOUND) from None
    session.refresh(observation, with_for_update=True)
    return observation, release


def _refuse_unless_written_in(release: Release) -> None:
    written = observations.WRITTEN_IN if release.kind in lifecycle.PUBLICATIONS else frozenset[lifecycle.State]()
    state = lifecycle.State(release.state)
    if state not in written:
        raise MoveForbiddenError(state, "observe", steps.allowed(release), NOT_NOW.format(state=lifecycle.LABELS[state]))


def _place(data: Data) -> observations.Place:
    parts = {name: data.get(name) for name in ("field", "resource_id", "row", "column")}
    return observations.Place(anchor=observations.Anchor(data["anchor"]), **parts)


def _next_number(session: AlchemySession, release_id: str) -> int:
    """The release's row is locked: nobody else takes this number."""
    newest = sa.select(sa.func.coalesce(sa.func.max(Observation.number), 0)).where(Observation.release_id == release_id)
    number = session.execute(newest).scalar_one() + 1
    if number > observations.MOST:
        raise FieldError("text", f"Ya hay {observations.MOST} observaciones; reúna en una lo que falta y devuelva el conjunto.")
    return number


def _tell(context: Context, observation: Observation, move: str, before: str | None, text: str | None) -> None:
    model.Session.add(
        ObservationEvent(
            observation_id=observation.id, move=move, from_state=before, to_state=observation.state,
            actor=access.user_id(context), text=text,
        )
    )  # fmt: skip
    model.Session.flush()


def _words(release: Release) -> places.Words:
    contents = [each.content for each in submissions(model.Session, release.id)]
    return places.words(contents or [content_of(model.Session, release.content_id)])


def _one(observation: Observation, release: Release) -> Data:
    return _presented(release, [observation], _words(release))[0]


def _presented(release: Release, found: list[Observation], known: places.Words) -> list[Data]:
    said: dict[str, list[Data]] = {}
    events = sa.select(ObservationEvent, model.User.name).join(model.User, model.User.id == ObservationEvent.actor, isouter=True)
    wanted = ObservationEvent.observation_id.in_([each.id for each in found])
    for event, name in model.Session.execute(events.where(wanted).order_by(ObservationEvent.id)):
        said.setdefault(event.observation_id, []).append({
            "move": event.move, "from": event.from_state, "to": event.to_state, "by": name or event.actor, "at": iso(event.at),
            "text": event.text,
        })  # fmt: skip
    ordered = sorted(found, key=lambda each: places.order(each, known))
    return [{**_shown(each, release, known), "events": said.get(each.id, [])} for each in ordered]


def _shown(observation: Observation, release: Release, known: places.Words) -> Data:
    state = observations.State(observation.state)
    return {
        "id": observation.id, "release_id": observation.release_id, "number": observation.number, "anchor": observation.anchor,
        "field": observation.field, "resource_id": observation.resource_id, "row": observation.row_number,
        "column": observation.column_name, "about": places.spoken(observation, known),
        "gone": observation.resource_id is not None and observation.resource_id not in known.present,
        "text": observation.text, "state": str(state), "version": observation.version, "by": steps.login(observation.author),
        "at": iso(observation.at), "allowed": observations.allowed(state, lifecycle.State(release.state)),
    }  # fmt: skip
