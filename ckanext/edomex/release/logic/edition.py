"""Editions: a public dataset's next state, written in a private dataset of its own and released like any other."""

from __future__ import annotations

import uuid
from typing import Any

from ckan import model
from ckan.plugins import toolkit as tk
from ckan.types import Context

from ckanext.edomex.adapters import parameters
from ckanext.edomex.adapters.callers import need_account
from ckanext.edomex.adapters.unit_of_work import unit_of_work
from ckanext.edomex.domain.identifiers import opaque_name
from ckanext.edomex.release.domain.content import DERIVED_PACKAGE_KEYS, DERIVED_RESOURCE_KEYS
from ckanext.edomex.release.domain.errors import FieldError
from ckanext.edomex.release.domain.lifecycle import Kind
from ckanext.edomex.release.logic import access, guard, schema, steps
from ckanext.edomex.release.model import Release, enqueue, is_released, open_edition, version_count

Data = dict[str, Any]
NOT_PUBLIC = "Este conjunto no es público: se edita directamente, sin abrir una edición."


def edomex_release_edition_open(context: Context, data_dict: Data) -> Data:
    """Open an edition of a public dataset, filled in with what is public now; the one that is open already is answered again.

    :param dataset_id: id or name of the public dataset
    :returns: the release; its `draft_id` is the private dataset to be edited, its `dataset_id` the public one
    """
    need_account(context)
    data = parameters.read(schema.submit(), data_dict)
    with steps.domain_errors(), unit_of_work() as session:
        package = access.find_package(context, data["dataset_id"])
        tk.check_access("edomex_release_edition_open", context, {"dataset_id": package.id})
        # Two who open at once meet here; the second finds what the first made.
        access.lock_package(package.id)
        if not is_released(session, package.id):
            raise FieldError("dataset_id", NOT_PUBLIC)
        release = open_edition(session, package.id)
        if release is None:
            release = _open(context, package)
        return steps.present(release)


def edomex_release_edition_discard(context: Context, data_dict: Data) -> Data:
    """Give up an edition that nobody has in review: its private dataset goes, the public one stays as it is.

    :param id: id of the release
    :returns: the release
    """
    need_account(context)
    data = parameters.read(schema.only_id(), data_dict)
    with steps.domain_errors(), unit_of_work() as session:
        release, _ = access.find_release(context, data["id"], lock=True)
        tk.check_access("edomex_release_edition_discard", context, {"id": release.id})
        steps.take(context, release, "discard")
        staged = session.get(model.Package, release.content_id)
        if staged is not None:
            staged.state = model.State.DELETED
        enqueue(session, "discard", [release.content_id])
        return steps.present(release)


def _open(context: Context, package: model.Package) -> Release:
    """The release and its private dataset, in one transaction: CKAN commits both with its own."""
    public = guard.shown(package.id)
    origins = {str(uuid.uuid4()): resource["id"] for resource in public["resources"]}
    release = Release(
        package_id=package.id, content_id=str(uuid.uuid4()), kind=Kind.EDITION, version=version_count(model.Session, package.id) + 1,
        origins=origins,
    )
    model.Session.add(release)
    model.Session.flush()
    creating = Context(user=context.get("user", ""), ignore_auth=True)
    guard.trust(creating)
    tk.get_action("package_create")(creating, _copied(public, release))
    return release


def _copied(public: Data, release: Release) -> Data:
    fields = {key: value for key, value in public.items() if key not in DERIVED_PACKAGE_KEYS - {"groups", "tags", "extras"}}
    fields |= {"id": release.content_id, "name": opaque_name("ed"), "private": True, "state": "active"}
    fields["groups"] = [{"name": group["name"]} for group in public["groups"]]
    staged = {kept: new for new, kept in (release.origins or {}).items()}
    fields["resources"] = [_copied_resource(resource, staged[resource["id"]]) for resource in public["resources"]]
    return fields


def _copied_resource(resource: Data, staged_id: str) -> Data:
    fields = {key: value for key, value in resource.items() if key not in DERIVED_RESOURCE_KEYS}
    uploaded = resource.get("url_type") == "upload"
    # Of a file CKAN shows the whole address and stores the name.
    fields["url"] = str(resource["url"]).rsplit("/", 1)[-1] if uploaded else resource["url"]
    return {**fields, "id": staged_id}
