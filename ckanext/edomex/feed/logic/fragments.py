"""The fragment of each public dataset: from the table where its key is there, made anew where it is not."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from ckan import model as ckan_model
from ckan.plugins import plugin_loaded
from ckan.plugins import toolkit as tk
from ckan.types import Context

from ckanext.edomex.adapters import packages
from ckanext.edomex.adapters.unit_of_work import unit_of_work
from ckanext.edomex.feed import model, profile
from ckanext.edomex.feed.domain.errors import MovedError
from ckanext.edomex.feed.domain.keys import Listed
from ckanext.edomex.feed.domain.triples import Triple
from ckanext.edomex.feed.domain.writing import FORMS

log = logging.getLogger(__name__)

#: Made fragments are kept after so many: a first reading that is cut off leaves the next one less to do.
BATCH = 50
#: Making one form makes them all.
ANY_FORM = next(iter(FORMS))
#: What is said of a dataset that cannot be described in full.
_BARE = ("id", "name", "title", "notes", "organization", "metadata_created", "metadata_modified", "released_at")


def of(form: str, datasets: Sequence[Listed]) -> tuple[list[str], bool]:
    """Fragments of these datasets in this form and their order; whether each says all that it should.

    Raises:
        MovedError: one changed, or was hidden, since it was listed.
    """
    surroundings = profile.fingerprint()
    keys = {listed.id: listed.key(surroundings) for listed in datasets}
    found = model.bodies(ckan_model.Session, form, keys)
    missing = [listed for listed in datasets if listed.id not in found]
    whole = True
    for start in range(0, len(missing), BATCH):
        rows = []
        for listed in missing[start : start + BATCH]:
            written, complete = _make(listed)
            found[listed.id] = written[form]
            whole = whole and complete
            if complete:
                rows += _rows(listed, keys[listed.id], written)
        if rows:
            with unit_of_work() as session:
                model.store(session, rows)
    return [found[listed.id] for listed in datasets], whole


def make(listed: Listed) -> dict[str, str] | None:
    """A dataset's fragments, by form; None for one that can only be described in short."""
    written, complete = _make(listed)
    return written if complete else None


def keep(listed: Listed, written: dict[str, str]) -> None:
    """Keep fragments that were made before, as those of the dataset as it is listed now."""
    with unit_of_work() as session:
        model.store(session, _rows(listed, listed.key(profile.fingerprint()), written))


def _rows(listed: Listed, key: str, written: dict[str, str]) -> list[dict[str, str]]:
    return [{"package_id": listed.id, "form": name, "key": key, "body": written[name]} for name in written]


def _make(listed: Listed) -> tuple[dict[str, str], bool]:
    """The dataset in every form: reading it costs more than writing it three times."""
    dataset = _read(listed)
    complete = True
    try:
        triples = profile.dataset_triples(dataset)
    except Exception:  # one dataset must not take the others' feed away, nor vanish from it: its readers would delete it
        log.exception("dataset described in short", extra={"event": "feed.described_in_short", "package": listed.id})
        triples, complete = _in_short(dataset), False
    return {name: form.write(triples) for name, form in FORMS.items()}, complete


def _in_short(dataset: dict[str, Any]) -> list[Triple]:
    return profile.dataset_triples({key: dataset.get(key) for key in _BARE})


def _read(listed: Listed) -> dict[str, Any]:
    """The dataset from the database as anybody may see it; never with the reader's rights."""
    try:
        dataset = packages.shown(listed.id)
    except tk.ObjectNotFound:
        raise MovedError(listed.id) from None
    still = dataset["private"] is False and dataset["state"] == "active"
    if not still or dataset["metadata_modified"] != listed.modified.isoformat():
        raise MovedError(listed.id)
    return {**dataset, "released_at": _released_at(listed.id)}


def _released_at(package_id: str) -> str | None:
    """When the dataset was opened, asked of the room that opened it."""
    if not plugin_loaded("edomex_release"):
        return None
    return tk.get_action("edomex_release_published_at")(Context(ignore_auth=True, user=""), {"dataset_id": package_id})
