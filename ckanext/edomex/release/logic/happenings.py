"""What happened to a release, with accounts and agency, for the room that tells people."""

from __future__ import annotations

from typing import Any

from ckan import model
from ckan.plugins import toolkit as tk
from ckan.types import Context

from ckanext.edomex.adapters import parameters
from ckanext.edomex.domain.clock import iso
from ckanext.edomex.release.domain.problems import PASSING
from ckanext.edomex.release.logic import schema
from ckanext.edomex.release.model import Event, Release

Data = dict[str, Any]


@tk.side_effect_free
def edomex_release_happenings(context: Context, data_dict: Data) -> Data:
    """What happened to a release, also of a dataset that is gone, with ids of accounts in the place of their names.

    :param id: id of the release
    :returns: `{id, dataset_id, draft_id, kind, state, agency_id, release_at, problems, events}`; `problems` are the codes of those
        that somebody has to mend, an event is `{id, move, from, at, actor, to}`, `to` the date that it gave
    """
    tk.check_access("edomex_release_happenings", context, data_dict)
    release = model.Session.get(Release, parameters.read(schema.only_id(), data_dict)["id"])
    if release is None:
        raise tk.ObjectNotFound("No existe esa liberación.")
    package = model.Package.get(release.package_id)
    events = model.Session.query(Event).filter_by(release_id=release.id).order_by(Event.id)
    return {
        "id": release.id, "dataset_id": release.package_id, "draft_id": release.content_id, "kind": release.kind,
        "state": str(release.state), "agency_id": package.owner_org if package else None, "release_at": iso(release.release_at),
        "problems": [each["code"] for each in release.problems or [] if each["code"] not in PASSING],
        "events": [_event(event) for event in events],
    }  # fmt: skip


def _event(event: Event) -> Data:
    return {
        "id": event.id, "move": event.move, "from": event.from_state, "at": iso(event.at), "actor": event.actor,
        "to": (event.details or {}).get("to"),
    }  # fmt: skip
