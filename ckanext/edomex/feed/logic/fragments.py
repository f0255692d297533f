"""The fragment of each public dataset: from the table where its key is there, made anew where it is not."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from ckan import model as ckan_model
from ckan.plugins import plugin_loaded
from ckan.plugins import toolkit as tk
from ckan.types import Context

from ckanext.edomex.adapters import collector
from ckanext.edomex.adapters.unit_of_work import unit_of_work
from ckanext.edomex.adapters.vocabularies import mapping
from ckanext.edomex.feed import model, profile
from ckanext.edomex.feed.domain.errors import MovedError
from ckanext.edomex.feed.domain.keys import Listed
from ckanext.edomex.feed.domain.shown import as_shown
from ckanext.edomex.feed.domain.triples import Triple
from ckanext.edomex.feed.domain.writing import FORMS
from ckanext.edomex.feed.logic.ahead import Ahead, Contents
from ckanext.edomex.feed.logic.keeping import FEW, Keeping
from ckanext.edomex.feed.logic.pieces import Pieces

log = logging.getLogger(__name__)

#: Fragments are read and made so many at a time: a worker's memory stays what it was, however large the catalogue.
#: Those that were made are kept at once, and a first reading that is cut off leaves the next one less to do.
BATCH = 250
#: What is said of a dataset that cannot be described in full.
_BARE = ("id", "name", "title", "notes", "organization", "metadata_created", "metadata_modified", "released_at")


@dataclass(frozen=True, kw_only=True)
class Fragment:
    """What is said of one dataset in one form."""

    key: str
    body: bytes
    #: Whether it says all that it should.
    complete: bool = True


def stream(form: str, datasets: Sequence[Listed], kept: Pieces | None = None) -> Iterator[Fragment]:
    """Fragments of these datasets in this form and their order, from an older document where it has them.

    Raises:
        MovedError: one changed, or was hidden, since it was listed.
    """
    surroundings = profile.fingerprint()
    with Keeping() as keeping, Ahead() as ahead:
        for batch, following in _batches(datasets):
            keys = {listed.id: listed.key(surroundings) for listed in batch}
            here = _here(form, batch, keys, kept)
            missing = [listed for listed in batch if listed.id not in here]
            rows = ahead.contents([listed.id for listed in missing])
            # Where much is missing, more is.
            ahead.begin([listed.id for listed in following] if len(missing) > FEW else [])
            made = _made([form], missing, keys, keeping, rows)
            for listed in batch:
                key = keys[listed.id]
                if listed.id in here:
                    yield Fragment(key=key, body=here[listed.id])
                else:
                    body, complete = made[listed.id]
                    yield Fragment(key=key, body=body.encode(), complete=complete)


def _here(form: str, batch: Sequence[Listed], keys: Mapping[str, str], kept: Pieces | None) -> dict[str, bytes]:
    """The fragments that are there, by dataset: of an older document, else of the table."""
    here = {listed.id: body for listed in batch if (body := kept.get(keys[listed.id])) is not None} if kept else {}
    wanted = {package_id: key for package_id, key in keys.items() if package_id not in here}
    if wanted:
        here |= {package_id: body.encode() for package_id, body in model.bodies(ckan_model.Session, form, wanted).items()}
    return here


def make(listed: Listed) -> dict[str, str] | None:
    """A dataset's fragments, by form; None for one that can only be described in short."""
    ((_, triples, complete),) = _described([listed], model.contents(ckan_model.Session, [listed.id]))
    return {name: form.write(triples) for name, form in FORMS.items()} if complete else None


def make_all(datasets: Sequence[Listed]) -> None:
    """Make and keep the fragments of these datasets in every form."""
    surroundings = profile.fingerprint()
    with Keeping() as keeping, Ahead() as ahead:
        for batch, following in _batches(datasets):
            rows = ahead.contents([listed.id for listed in batch])
            ahead.begin([listed.id for listed in following])
            _made(list(FORMS), batch, {listed.id: listed.key(surroundings) for listed in batch}, keeping, rows)


def keep(listed: Listed, written: dict[str, str]) -> None:
    """Keep fragments that were made before, as those of the dataset as it is listed now."""
    key = listed.key(profile.fingerprint())
    with unit_of_work() as session:
        model.store(session, [_row(listed.id, name, key, body) for name, body in written.items()])


def dataset_of(listed: Listed) -> dict[str, Any]:
    """One dataset as anybody may see it. Raises MovedError if it is not there as it was listed."""
    return next(iter(read([listed])))


def read(datasets: Sequence[Listed]) -> Iterator[dict[str, Any]]:
    """Datasets from the database as anybody may see them; never with the reader's rights.

    Raises:
        MovedError: one is hidden, or gone.
    """
    yield from _read(datasets, model.contents(ckan_model.Session, [listed.id for listed in datasets]))


def _read(datasets: Sequence[Listed], rows: Contents) -> Iterator[dict[str, Any]]:
    histories = _histories([listed.id for listed in datasets])
    licences = mapping("licencias", "url")
    for listed in datasets:
        if listed.id not in rows:
            raise MovedError(listed.id)
        stamp = {"metadata_modified": listed.modified.isoformat()}
        yield {**as_shown(rows[listed.id], licences), **stamp, **histories.get(listed.id, {})}


def _batches(datasets: Sequence[Listed]) -> Iterator[tuple[list[Listed], list[Listed]]]:
    """Each batch, and the one that follows it; nothing follows the last."""
    rest = iter(datasets)
    batch = list(islice(rest, BATCH))
    while batch:
        following = list(islice(rest, BATCH))
        yield batch, following
        batch = following


def _made(
    forms: Sequence[str], datasets: Sequence[Listed], keys: Mapping[str, str], keeping: Keeping, contents: Contents
) -> dict[str, tuple[str, bool]]:
    """Write these anew and have them kept; the first form of each, and whether it is complete."""
    rows: list[dict[str, str]] = []
    found: dict[str, tuple[str, bool]] = {}
    with collector.seldom():
        for listed, triples, complete in _described(datasets, contents) if datasets else ():
            written = {name: FORMS[name].write(triples) for name in forms}
            found[listed.id] = written[forms[0]], complete
            if complete:
                rows += [_row(listed.id, name, keys[listed.id], body) for name, body in written.items()]
    if rows:
        keeping.keep(rows)
    return found


def _row(package_id: str, form: str, key: str, body: str) -> dict[str, str]:
    return {"package_id": package_id, "form": form, "key": key, "body": body}


def _described(datasets: Sequence[Listed], contents: Contents) -> Iterable[tuple[Listed, list[Triple], bool]]:
    for listed, dataset in zip(datasets, _read(datasets, contents), strict=True):
        try:
            yield listed, profile.dataset_triples(dataset), True
        except Exception:  # one dataset must not take the others' feed away, nor vanish from it: its readers would delete it
            log.exception("dataset described in short", extra={"event": "feed.described_in_short", "package": listed.id})
            yield listed, profile.dataset_triples({key: dataset.get(key) for key in _BARE}), False


def _histories(ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """When each was opened, and its versions, asked of the room that opened it."""
    if not plugin_loaded("edomex_release"):
        return {}
    found = tk.get_action("edomex_release_history_list")(Context(ignore_auth=True, user=""), {"dataset_ids": list(ids)})
    return {row["dataset_id"]: {"released_at": row["released_at"], "versions": row["versions"]} for row in found}
