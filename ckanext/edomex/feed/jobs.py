"""Fragments made before the instant of a release, or just after it: the first reader waits for none."""

from __future__ import annotations

import json
from collections.abc import Sequence

from ckan import model as ckan_model

from ckanext.edomex.adapters.outbox import Entry, FollowUp, Moment, Subject
from ckanext.edomex.adapters.unit_of_work import unit_of_work
from ckanext.edomex.feed import model
from ckanext.edomex.feed.logic import fragments


def prepare(package_id: str) -> str | None:
    """The dataset's fragments as JSON, form by form; nothing for one that can only be described in short."""
    listed = model.public_dataset(ckan_model.Session, package_id)
    made = fragments.make(listed) if listed else None
    return json.dumps(made) if made else None


def keep(entries: Sequence[Entry]) -> None:
    """Keep what was prepared under the key that the feed looks for; make what was not; drop those of hidden datasets."""
    for entry in entries:
        listed = model.public_dataset(ckan_model.Session, entry.key)
        if listed is None:
            continue
        if entry.prepared:
            fragments.keep(listed, json.loads(entry.prepared))
        else:
            fragments.make_all([listed])
    with unit_of_work() as session:
        model.sweep(session)


FOLLOW_UP = FollowUp(
    kind="feed", priority=1, batch=50, on=frozenset({Moment.RELEASED, Moment.WITHDRAWN}), subject=Subject.DATASET, handle=keep,
    prepare=prepare,
)  # fmt: skip
