"""Stock actions that change what people see of a dataset without passing `package_update`: views, tables, themes, purges.

For a public dataset they are refused, with the address of its edition; what is under review or scheduled loses its
approval. Machines (`ignore_auth`: xloader, default views) go on with their work.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Any

from ckan import model
from ckan.plugins import plugin_loaded
from ckan.plugins import toolkit as tk
from ckan.types import Action, Context

from ckanext.edomex.release.domain.lifecycle import OPEN, State
from ckanext.edomex.release.logic import access, guard
from ckanext.edomex.release.model import Release, is_released, open_release

Data = dict[str, Any]
NOT_PURGED = "El conjunto es público o tiene una liberación en curso; retírelo o cancele la liberación antes de eliminarlo del todo."
NOT_FILED = "El conjunto es público o está en revisión; su tema se cambia en el propio conjunto, con una edición."
TAG_IN_USE = "Hay conjuntos publicados o en revisión con esta etiqueta; no se puede borrar de todos a la vez."


@tk.chained_action
def resource_view_create(up_func: Action, context: Context, data_dict: Data) -> Any:
    """A view is seen beside its resource, and so is part of what was approved."""
    return _as_content(up_func, context, data_dict, _of_resource(data_dict.get("resource_id")))


@tk.chained_action
def resource_view_update(up_func: Action, context: Context, data_dict: Data) -> Any:
    """As `resource_view_create`."""
    return _as_content(up_func, context, data_dict, _of_view(data_dict.get("id")))


@tk.chained_action
def resource_view_delete(up_func: Action, context: Context, data_dict: Data) -> Any:
    """As `resource_view_create`."""
    return _as_content(up_func, context, data_dict, _of_view(data_dict.get("id")))


@tk.chained_action
def resource_view_reorder(up_func: Action, context: Context, data_dict: Data) -> Any:
    """As `resource_view_create`."""
    return _as_content(up_func, context, data_dict, _of_resource(data_dict.get("id")))


@tk.chained_action
def resource_create_default_resource_views(up_func: Action, context: Context, data_dict: Data) -> Any:
    """The views that the portal itself gives to a kind of file say nothing that anybody wrote.

    xloader asks for them when a table is there, minutes after somebody sent the dataset, and under an account's name.
    """
    with _by_machine():
        return up_func(context, data_dict)


@tk.chained_action
def datastore_create(up_func: Action, context: Context, data_dict: Data) -> Any:
    """A table is what programs read; only the loader writes it past a release."""
    return _as_content(up_func, context, data_dict, _of_resource(data_dict.get("resource_id")))


@tk.chained_action
def datastore_upsert(up_func: Action, context: Context, data_dict: Data) -> Any:
    """As `datastore_create`."""
    return _as_content(up_func, context, data_dict, _of_resource(data_dict.get("resource_id")))


@tk.chained_action
def datastore_delete(up_func: Action, context: Context, data_dict: Data) -> Any:
    """As `datastore_create`."""
    return _as_content(up_func, context, data_dict, _of_resource(data_dict.get("resource_id")))


@tk.chained_action
def member_create(up_func: Action, context: Context, data_dict: Data) -> Any:
    """A theme is content; through its members' list it would change past every release."""
    _keep_themes(context, data_dict)
    return up_func(context, data_dict)


@tk.chained_action
def member_delete(up_func: Action, context: Context, data_dict: Data) -> Any:
    """As `member_create`."""
    _keep_themes(context, data_dict)
    return up_func(context, data_dict)


@tk.chained_action
def dataset_purge(up_func: Action, context: Context, data_dict: Data) -> Any:
    """What is public is withdrawn first, so that a note with the reason stays."""
    package = _dataset(data_dict.get("id"))
    if package is not None:
        tk.check_access("dataset_purge", context, {"id": package.id})
        access.lock_package(package.id)
        release = open_release(model.Session, package.id)
        if is_released(model.Session, package.id) or (release and release.state in {State.IN_REVIEW, State.SCHEDULED}):
            raise tk.ValidationError({"message": [NOT_PURGED]})
    return up_func(context, data_dict)


@tk.chained_action
def tag_delete(up_func: Action, context: Context, data_dict: Data) -> Any:
    """CKAN takes the tag off every dataset, public ones included."""
    tk.check_access("tag_delete", context, data_dict)
    tag = model.Tag.get(data_dict.get("id") or "")
    if tag is not None:
        engaged = model.Session.query(model.PackageTag).join(
            Release, (Release.content_id == model.PackageTag.package_id) | (Release.package_id == model.PackageTag.package_id)
        )
        states = sorted({*OPEN, State.RELEASED} - {State.DRAFT})
        if engaged.filter(model.PackageTag.tag_id == tag.id, model.PackageTag.state == "active", Release.state.in_(states)).first():
            raise tk.ValidationError({"id": [TAG_IN_USE]})
    return up_func(context, data_dict)


_machine: ContextVar[bool] = ContextVar("edomex_release_machine", default=False)


@contextlib.contextmanager
def _by_machine() -> Iterator[None]:
    token = _machine.set(True)
    try:
        yield
    finally:
        _machine.reset(token)


def chained() -> dict[str, Callable[..., Any]]:
    """These actions by name; without those of a plugin that is not there."""
    views = (resource_view_create, resource_view_update, resource_view_delete, resource_view_reorder)
    core = (*views, resource_create_default_resource_views)
    # `datastore_records_delete` ends in `datastore_delete`.
    tables = (datastore_create, datastore_upsert, datastore_delete)
    found = (*core, *(tables if plugin_loaded("datastore") else ()), member_create, member_delete, dataset_purge, tag_delete)
    return {function.__name__: function for function in found}


def _as_content(up_func: Action, context: Context, data_dict: Data, package: model.Package | None) -> Any:
    """Do it as what it is, a change of the dataset's content; the loss of the approval and the change are one transaction."""
    if package is None or context.get("ignore_auth") or _machine.get():
        return up_func(context, data_dict)
    if is_released(model.Session, package.id):
        tk.check_access("package_update", context, {"id": package.id})
        address = guard.edition_address(package.id)
        raise tk.ValidationError({"message": [guard.FIXED.format(fields="vistas o tablas", address=address)]})
    access.lock_package(package.id)
    release = open_release(model.Session, package.id, lock=True)
    try:
        if release is not None and release.state in {State.IN_REVIEW, State.SCHEDULED}:
            tk.check_access("package_update", context, {"id": package.id})
            guard.void(context, release)
        return up_func(context, data_dict)
    except BaseException:
        model.Session.rollback()
        raise


def _keep_themes(context: Context, data_dict: Data) -> None:
    if data_dict.get("object_type") != "package" or context.get("ignore_auth"):
        return
    package = _dataset(data_dict.get("object"))
    if package is None:
        return
    release = open_release(model.Session, package.id)
    if is_released(model.Session, package.id) or (release and release.state in {State.IN_REVIEW, State.SCHEDULED}):
        tk.check_access("package_update", context, {"id": package.id})
        raise tk.ValidationError({"object": [NOT_FILED]})


def _dataset(reference: Any) -> model.Package | None:
    package = model.Package.get(reference) if isinstance(reference, str) and reference else None
    return package if package is not None and package.type == guard.DATASET else None


def _of_resource(resource_id: Any) -> model.Package | None:
    resource = model.Resource.get(resource_id) if isinstance(resource_id, str) and resource_id else None
    return _dataset(resource.package_id) if resource is not None else None


def _of_view(view_id: Any) -> model.Package | None:
    view = model.ResourceView.get(view_id) if isinstance(view_id, str) and view_id else None
    return _of_resource(view.resource_id) if view is not None else None
