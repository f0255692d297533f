"""What changed in a release since somebody went through it, in the words of the form."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk
from ckan.types import AlchemySession, Context
from sqlalchemy.dialects.postgresql import insert

from ckanext.edomex.adapters import parameters
from ckanext.edomex.adapters.callers import need_account
from ckanext.edomex.adapters.unit_of_work import unit_of_work
from ckanext.edomex.adapters.vocabularies import choices
from ckanext.edomex.domain.clock import iso
from ckanext.edomex.release.domain import lifecycle
from ckanext.edomex.release.domain.changes import FILE, ORDER, REST, Change, base_of, differences
from ckanext.edomex.release.domain.errors import FieldError
from ckanext.edomex.release.logic import access, places, review_schema, steps
from ckanext.edomex.release.model import Look, Release, Version, content_of, newest_submission, now, submissions

Data = dict[str, Any]
#: What has no field of its own.
_NAMES: Mapping[str, str] = {FILE: "El archivo", ORDER: "El orden de los archivos", REST: "Un dato interno, que no está en la ficha"}
#: Characters of a value that are shown.
SHOWN = 300


@tk.side_effect_free
def edomex_release_changes(context: Context, data_dict: Data) -> Data:
    """What is different in a release from what the caller went through last.

    While it is in review: from the submission that they went through, or from the one before the newest. While it is back with
    its agency: from the newest submission. The first submission of an edition is compared with what is public.

    :param id: id of the release
    :param since: number of the submission to compare with (optional)
    :returns: `{submission, since, since_at, version, seen, changes}`; `since` is a submission and `version` a public version,
        both null where there is nothing to compare with; a change is `{what, field, resource_id, label, about, before, after}`,
        and `what` is `added`, `removed`, `changed` or `moved`
    """
    tk.check_access("edomex_release_changes", context, data_dict)
    data = parameters.read(review_schema.changes(), data_dict)
    release, package = access.find_release(context, data["id"])
    if not access.reads_content(context, release, package):
        raise tk.ObjectNotFound(access.NOT_FOUND)
    with steps.domain_errors():
        return _changes(release, model.Session.get(Look, (release.id, access.user_id(context))), data.get("since"))


def edomex_release_look(context: Context, data_dict: Data) -> Data:
    """Note that the caller went through a submission: what comes later is compared with it.

    :param id: id of the release
    :param number: number of the submission
    :returns: `{id, number}`
    """
    need_account(context)
    data = parameters.read(review_schema.look(), data_dict)
    with steps.domain_errors(), unit_of_work() as session:
        release, _ = access.find_release(context, data["id"], lock=True)
        tk.check_access("edomex_release_look", context, data)
        newest = newest_submission(session, release.id)
        if not 1 <= data["number"] <= newest:
            raise FieldError("number", f"No hay un envío con ese número; el último es el {newest}.")
        note(session, release.id, access.user_id(context), data["number"])
        return {"id": release.id, "number": data["number"]}


def note(session: AlchemySession, release_id: str, user_id: str, number: int) -> None:
    """Keep how far somebody is; never less far than they were."""
    made = insert(Look).values(release_id=release_id, user_id=user_id, number=number, at=now(session))
    later = {"number": made.excluded.number, "at": made.excluded.at}
    further = Look.number < made.excluded.number
    session.execute(made.on_conflict_do_update(index_elements=["release_id", "user_id"], set_=later, where=further))


def _changes(release: Release, look: Look | None, since: int | None) -> Data:
    sent = submissions(model.Session, release.id)
    current, newest = content_of(model.Session, release.content_id), len(sent)
    if since is not None and not 1 <= since <= newest:
        raise FieldError("since", f"No hay un envío con ese número; el último es el {newest}.")
    base = since or base_of(lifecycle.State(release.state), newest, look.number if look else None)
    found: Data = {
        "submission": newest or None, "since": base, "since_at": iso(sent[base - 1].at) if base else None, "version": None,
        "seen": look.number if look else None, "changes": [],
    }  # fmt: skip
    if base:
        found["changes"] = _told(sent[base - 1].content, current, [each.content for each in sent], {})
    elif public := _public(release):
        told = _told(public.content, current, [public.content], release.origins or {})
        # The private dataset has a name of its own, and takes the public one's place.
        own_name = ("name", None)
        found |= {"version": public.version, "changes": [each for each in told if (each["field"], each["resource_id"]) != own_name]}
    return found


def _public(release: Release) -> Version | None:
    """The version that an edition is to take the place of."""
    if release.kind != lifecycle.Kind.EDITION:
        return None
    query = sa.select(Version).where(Version.package_id == release.package_id).order_by(Version.version.desc()).limit(1)
    return model.Session.execute(query).scalar_one_or_none()


def _told(before: Sequence[Any], current: Sequence[Any], others: list[Any], same: Mapping[str, str]) -> list[Data]:
    known = places.words([*others, before, current])
    told = [_one(each, known) for each in differences(before, current, same)]
    order = {label: place for place, label in enumerate(known.fields.values())}
    # The dataset's own fields in the order of the form; the rest stays as it is.
    return sorted(told, key=lambda each: (each["resource_id"] is not None, order.get(each["label"], len(order))))


def _one(change: Change, known: places.Words) -> Data:
    labels = known.resource_fields if change.resource_id else known.fields
    name = _NAMES.get(change.field or "") or labels.get(change.field or "", change.field or "")
    file = f"Archivo «{known.resources.get(change.resource_id, 'sin título')}»" if change.resource_id else ""
    about = file if not name else f"{file}: {name[:1].lower()}{name[1:]}" if file else name
    return {
        "what": str(change.what), "field": change.field, "resource_id": change.resource_id, "label": name, "about": about,
        **{side: _said(change.field, getattr(change, side), change.resource_id) for side in ("before", "after")},
    }  # fmt: skip


def _said(field: str | None, value: Any, resource_id: str | None) -> str | None:
    """A value as people read it: labels for codes, one line for a list, its beginning for a long text."""
    if value is None or field is None:
        return None
    if field == "theme":
        value = [group.title or group.name for group in model.Session.query(model.Group).filter(model.Group.id.in_(value))]
    listed = _listed(value)
    if any(isinstance(each, dict) for each in listed):
        return f"{len(listed)} renglones"
    text = ", ".join(_label(field, str(each), resource_id) for each in listed)
    return text if len(text) <= SHOWN else f"{text[:SHOWN].rstrip()}…"


def _listed(value: Any) -> list[Any]:
    if isinstance(value, str) and value[:1] == "[":
        try:
            value = json.loads(value)
        except ValueError:
            return [value]
    return list(value) if isinstance(value, list) else [value]


def _label(field: str, code: str, resource_id: str | None) -> str:
    part = "resource_fields" if resource_id else "dataset_fields"
    own = next((each for each in tk.h.scheming_get_dataset_schema("dataset")[part] if each["field_name"] == field), {})
    if own.get("vocabulary"):
        return choices(own["vocabulary"]).get(code, code)
    return next((str(each["label"]) for each in own.get("choices") or [] if each["value"] == code), code)
