"""What this room does after a release, by kind: index, tables, caches, the activity stream, what an edition leaves behind."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from typing import Any

import requests
import sqlalchemy as sa
from ckan import model
from ckan.lib import search
from ckan.plugins import PluginImplementations, plugin_loaded
from ckan.plugins import toolkit as tk
from ckan.plugins.interfaces import IPackageController
from ckan.types import Context
from sqlalchemy.exc import DBAPIError

from ckanext.edomex.adapters import index as documents
from ckanext.edomex.adapters import tables
from ckanext.edomex.adapters.callers import call_as_site
from ckanext.edomex.adapters.outbox import Entry, FollowUp, LaterError, Moment, PoisonError, Subject
from ckanext.edomex.release import config
from ckanext.edomex.release.domain.lifecycle import OPEN, Kind, State
from ckanext.edomex.release.model import Release, enqueue, owed

log = logging.getLogger(__name__)

#: Seconds that a cache has to take an order.
PURGE_TIMEOUT_S = 5
#: Seconds until a table in the loader's hands is asked for again.
LOADER_WAIT_S = 5.0


def index(entries: Sequence[Entry]) -> None:
    """Write the datasets' documents anew, prepared or from the database, with one commit of Solr's for all.

    CKAN's own edits index too, without asking anybody: what changed while we wrote is written once more.
    """
    keys = [entry.key for entry in entries]
    model.Session.remove()
    before = _modified(keys)
    gone = [key for key in keys if key not in before]
    built, failed = _documents(entry for entry in entries if entry.key in before)
    # Hiding goes first, whatever happens to the rest.
    if gone:
        documents.remove(gone)
    failed |= documents.send(built)
    model.Session.remove()
    changed = [key for key, instant in _modified(keys).items() if before.get(key) != instant]
    if changed:
        enqueue(model.Session, "index", changed)
        model.Session.commit()
    if failed:
        raise PoisonError(failed)


def _documents(entries: Any) -> tuple[list[documents.Document], dict[str, str]]:
    built, failed = [], {}
    for entry in entries:
        try:
            document = json.loads(entry.prepared) if entry.prepared else documents.build(entry.key)
        except (DBAPIError, search.SearchIndexError):
            raise
        except Exception as error:  # one dataset that a plugin cannot describe must not keep the others out
            log.exception("document not built", extra={"event": "index.not_built", "package": entry.key})
            failed[entry.key] = type(error).__name__
            model.Session.rollback()
        else:
            built += [document] if document else []
    return built, failed


def _modified(package_ids: list[str]) -> dict[str, Any]:
    """When each changed last; one that is deleted counts as gone."""
    rows = model.Session.query(model.Package.id, model.Package.metadata_modified)
    return {row.id: row.metadata_modified for row in rows.filter(model.Package.id.in_(package_ids), model.Package.state != "deleted")}


def swap_tables(entries: Sequence[Entry]) -> None:
    """Give an edition's tables the names of the resources whose place they took; drop those of resources that are gone."""
    for entry in entries:
        release = model.Session.get(Release, entry.key)
        if release is None or release.kind != Kind.EDITION or release.state not in {State.RELEASED, State.SUPERSEDED}:
            continue
        origins = release.origins or {}
        _wait_for_loader([*origins, *origins.values()])
        for staged, kept in origins.items():
            if tables.awaited(staged):
                # The staged table is that of a file before this one; the loader would look for a resource that is gone.
                tables.drop(staged)
                _load_anew(kept)
            elif not tables.take_place(staged, kept):
                _reload_if_changed(kept)
            else:
                _say_that_it_is_there(kept)
        deleted = model.Session.query(model.Resource.id).filter_by(package_id=release.package_id, state="deleted")
        for resource in deleted:
            tables.drop(resource.id)


def _wait_for_loader(resource_ids: Sequence[str]) -> None:
    """A table is not taken from under the loader's hands; late is allowed here."""
    if tables.in_hand(resource_ids):
        raise LaterError(LOADER_WAIT_S)


def _say_that_it_is_there(resource_id: str) -> None:
    """The loader says so of the private resource, after the rows: a release in between brought the table without the word."""
    resource = model.Resource.get(resource_id)
    if resource is not None and resource.state == "active" and not (resource.extras or {}).get("datastore_active"):
        call_as_site("resource_patch", id=resource_id, datastore_active=True)


def _reload_if_changed(resource_id: str) -> None:
    """A new file that came without a table: the old file's table must not stand beside it."""
    resource = model.Resource.get(resource_id)
    if resource is None or resource.state != "active" or (resource.extras or {}).get("datastore_active"):
        return
    if tables.existing([resource_id]):
        _load_anew(resource_id)


def _load_anew(resource_id: str) -> None:
    tables.drop(resource_id)
    tables.load(resource_id)


def purge_caches(entries: Sequence[Entry]) -> None:
    """Tell the caches in front that these datasets' pages, and the lists that name them, are out of date."""
    paths = {"/", "/dataset/", "/calendario", *(f"/calendario.{form}" for form in ("json", "csv", "ics", "atom"))}
    for entry in entries:
        package = model.Package.get(entry.key)
        for name in {entry.key, package.name if package else entry.key}:
            paths |= {f"/dataset/{name}", f"/api/3/action/package_show?id={name}"}
    failed = {}
    for cache in config.cache_purge():
        try:
            with requests.Session() as session:
                for path in sorted(paths):
                    session.request("PURGE", f"{cache}{path}", timeout=PURGE_TIMEOUT_S, allow_redirects=False).raise_for_status()
        except requests.RequestException as error:
            failed[cache] = type(error).__name__
    if failed:
        raise CacheError(", ".join(f"{cache}: {name}" for cache, name in sorted(failed.items())))


class CacheError(Exception):
    """A cache did not take the order; it is asked again."""


def note_activity(entries: Sequence[Entry]) -> None:
    """Do what CKAN does after an edit, and the flip in SQL passed over: hooks of plugins, the activity stream."""
    for entry in entries:
        release = model.Session.get(Release, entry.key)
        package = model.Package.get(release.package_id) if release else None
        if release is None or package is None or package.private:
            continue
        person = model.User.get(release.submitted_by or "")
        site = tk.get_action("get_site_user")(Context(ignore_auth=True, user=""), {})
        name = person.name if person else site["name"]
        context = Context(ignore_auth=True, user=name, auth_user_obj=person)
        shown = tk.get_action("package_show")(_reading(), {"id": package.id})
        for plugin in PluginImplementations(IPackageController):
            plugin.after_dataset_update(context, dict(shown))
        if plugin_loaded("activity") and not _noted(package.id, release.id):
            _note(context, name, shown, release)
        model.Session.commit()


def _note(context: Context, name: str, dataset: dict[str, Any], release: Release) -> None:
    from ckan.lib.plugins import get_permission_labels

    package, user = model.Package.get(dataset["id"]), model.User.get(name)
    assert package is not None
    assert user is not None
    activity = {
        "user_id": user.id,
        "object_id": package.id,
        "activity_type": "new package" if release.kind == Kind.FIRST else "changed package",
        "data": {"package": dataset, "actor": user.name, "edomex_release": release.id},
        "permission_labels": get_permission_labels().get_dataset_labels(package),
    }
    tk.get_action("activity_create")(context, activity)


def _noted(package_id: str, release_id: str) -> bool:
    from ckanext.activity.model import Activity

    told = sa.cast(Activity.data, sa.Text).contains(release_id)
    query = model.Session.query(Activity).filter(Activity.object_id == package_id, told)
    return model.Session.query(query.exists()).scalar()


def discard(entries: Sequence[Entry]) -> None:
    """Purge the private dataset that an edition was written in, with the tables that nobody took over."""
    for entry in entries:
        resources = [row.id for row in model.Session.query(model.Resource.id).filter_by(package_id=entry.key)]
        _wait_for_loader(resources)
        _wait_for_tables(entry.key)
        package = model.Package.get(entry.key)
        if package is None or not package.private or not _is_over(package.id):
            continue
        for resource_id in resources:
            tables.drop(resource_id)
        tk.get_action("dataset_purge")(Context(ignore_auth=True, user=""), {"id": package.id})
        documents.remove([entry.key])


def _wait_for_tables(content_id: str) -> None:
    """The tables of a released edition take their place first: whoever waits longer for the loader is not to find them gone."""
    releases = [row.id for row in model.Session.query(Release.id).filter_by(content_id=content_id, kind=Kind.EDITION)]
    if owed(model.Session, "tables", releases):
        raise LaterError(LOADER_WAIT_S)


def _is_over(content_id: str) -> bool:
    """Whether it held an edition that has ended. Its own state does not tell: the loader may have written it back as it was."""
    states = {row.state for row in model.Session.query(Release.state).filter_by(content_id=content_id, kind=Kind.EDITION)}
    return bool(states) and OPEN.isdisjoint(states)


def _reading() -> Context:
    return Context(ignore_auth=True, use_cache=False, user="")  # type: ignore[typeddict-unknown-key]  # read by package_show


def _has_caches() -> bool:
    return bool(config.cache_purge())


RELEASED, WITHDRAWN = Moment.RELEASED, Moment.WITHDRAWN
FOLLOW_UPS = (
    FollowUp(
        kind="index", priority=0, batch=500, on=frozenset(Moment), subject=Subject.DATASET, handle=index, prepare=documents.build_text
    ),
    FollowUp(
        kind="caches", priority=1, batch=100, on=frozenset({RELEASED, WITHDRAWN}), subject=Subject.DATASET, handle=purge_caches,
        wanted=_has_caches,
    ),
    FollowUp(kind="tables", priority=2, batch=1, on=frozenset({RELEASED}), subject=Subject.RELEASE, handle=swap_tables),
    FollowUp(kind="activity", priority=6, batch=20, on=frozenset({RELEASED}), subject=Subject.RELEASE, handle=note_activity),
    FollowUp(kind="discard", priority=7, batch=1, on=frozenset(), subject=Subject.OTHER, handle=discard),
)
