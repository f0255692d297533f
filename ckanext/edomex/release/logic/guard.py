"""Every writer of what is scheduled or public passes here; behind stands the trigger on `package`.

`private` is the release bit: only the release engine clears it. Content of a released dataset is fixed. Content
of one under review or scheduled may change, and that voids its approval (`void_if_changed`).
"""

from __future__ import annotations

from typing import Any

from ckan import model
from ckan.plugins import toolkit as tk
from ckan.types import Action, Context

from ckanext.edomex.domain.identifiers import opaque_name
from ckanext.edomex.release.domain import content
from ckanext.edomex.release.domain.lifecycle import Calendar, Kind, State
from ckanext.edomex.release.logic import access, steps
from ckanext.edomex.release.model import Release, content_hashes, is_released, now, open_release, wake_loops

Data = dict[str, Any]
DATASET = "dataset"

#: What `trust` puts into a context. No caller from outside can: a request carries texts.
_TRUSTED = object()
_MARK = "edomex_release_trusted"
BY_RELEASE_ONLY = (
    "La publicación no se cambia a mano: envíe el conjunto a revisión y se publicará solo, en la fecha que se apruebe."
)
FIXED = (
    "El conjunto ya es público y su contenido no se cambia directamente ({fields}). "
    "Abra una edición en {address}: se revisa y se publica en su fecha, y hasta entonces todo sigue como está."
)
NOT_DELETED = "El conjunto está publicado o tiene una liberación en curso; cancele o retire antes de borrar."
NOT_MOVED = "El conjunto está publicado o tiene una liberación en curso; no se puede cambiar de dependencia."


@tk.chained_action
def package_create(up_func: Action, context: Context, data_dict: Data) -> Any:
    """A dataset begins private, whatever was asked for, under a name that says nothing of it."""
    if (data_dict.get("type") or DATASET) == DATASET:
        data_dict["private"] = True
        data_dict["name"] = data_dict.get("name") or opaque_name()
        if not is_trusted(context):
            _forget_hashes(data_dict)
    return up_func(context, data_dict)


@tk.chained_action
def package_update(up_func: Action, context: Context, data_dict: Data) -> Any:
    """Keep `private`; refuse a change of what is public; leave the rest to CKAN, under the dataset's lock."""
    package = _dataset(data_dict.get("id") or data_dict.get("name"))
    if package is None:
        return up_func(context, data_dict)
    tk.check_access("package_update", context, {**data_dict, "id": package.id})
    # One lock from here to CKAN's commit: a release cannot happen between our look and its write.
    access.lock_package(package.id)
    stored = shown(package.id)
    _keep_private(context, package, data_dict)
    _keep_hashes(stored, data_dict)
    data_dict["name"] = data_dict.get("name") or package.name
    if is_released(model.Session, package.id):
        changed = content.differences(stored, {**data_dict, "state": stored["state"]})
        if data_dict.get("state", package.state) != package.state:
            changed.append("state")
        if changed:
            # Core's resource actions look for what they report under `resources`.
            message = [FIXED.format(fields=", ".join(changed), address=edition_address(package.id))]
            raise tk.ValidationError({"message": message, "resources": [{"message": message}]})
    return up_func(context, data_dict)


@tk.chained_action
def package_delete(up_func: Action, context: Context, data_dict: Data) -> Any:
    """What is public, or on its way, is not deleted past its release."""
    package = _dataset(data_dict.get("id"))
    if package is not None:
        tk.check_access("package_delete", context, {"id": package.id})
        _refuse_if_engaged(package.id, NOT_DELETED)
    return up_func(context, data_dict)


@tk.chained_action
def package_owner_org_update(up_func: Action, context: Context, data_dict: Data) -> Any:
    """A dataset does not change its agency while it is public or on its way. CKAN also calls this with the same one."""
    package, wanted = _dataset(data_dict.get("id")), data_dict.get("organization_id") or ""
    if package is None or package.owner_org == wanted:
        return up_func(context, data_dict)
    target = model.Group.get(wanted)
    if package.owner_org != (target.id if target else None):
        tk.check_access("package_owner_org_update", context, data_dict)
        _refuse_if_engaged(package.id, NOT_MOVED)
    return up_func(context, data_dict)


@tk.chained_action
def bulk_update_public(up_func: Action, context: Context, data_dict: Data) -> Any:
    """Nobody opens datasets in bulk past their releases."""
    tk.check_access("bulk_update_public", context, data_dict)
    return _refuse("datasets", BY_RELEASE_ONLY)


@tk.chained_action
def bulk_update_private(up_func: Action, context: Context, data_dict: Data) -> Any:
    """Nor hides them: that is a withdrawal."""
    tk.check_access("bulk_update_private", context, data_dict)
    return _refuse("datasets", BY_RELEASE_ONLY)


@tk.chained_action
def bulk_update_delete(up_func: Action, context: Context, data_dict: Data) -> Any:
    """As `package_delete`, for each of them."""
    tk.check_access("bulk_update_delete", context, data_dict)
    for package_id in data_dict.get("datasets") or []:
        _refuse_if_engaged(package_id, NOT_DELETED)
    return up_func(context, data_dict)


CHAINED = {
    function.__name__: function
    for function in (
        package_create, package_update, package_delete, package_owner_org_update,
        bulk_update_public, bulk_update_private, bulk_update_delete,
    )
}


def trust(context: Context) -> None:
    """Let the hashes of files stand that this caller copies from a dataset which has them."""
    context[_MARK] = _TRUSTED  # type: ignore[literal-required]


def is_trusted(context: Context) -> bool:
    """Whether `trust` was called on this very context."""
    return context.get(_MARK) is _TRUSTED


def void_if_changed(context: Context, package_id: str) -> None:
    """Take back an approval, or a submission, whose content is no longer what was sent.

    Runs inside CKAN's own transaction, after its flush and before its commit: both happen or neither.
    """
    release = open_release(model.Session, package_id, lock=True)
    if release is None or release.state not in {State.IN_REVIEW, State.SCHEDULED}:
        return
    if content_hashes(model.Session, [package_id]).get(package_id) == release.content_hash:
        if release.state == State.SCHEDULED and release.warm_at is None:
            # A machine wrote: what was prepared for the instant is out of date.
            release.warm_at = now(model.Session)
            wake_loops(model.Session)
        return
    void(context, release)


def void(context: Context, release: Release) -> None:
    """Take a release back to draft; whoever has the dataset sends it again."""
    steps.take(context, release, "edit", reason="El contenido cambió; hay que enviarlo de nuevo a revisión.")
    steps.plan(release, None)
    release.approved_by, release.content_hash = None, None
    release.calendar_status = Calendar.PROVISIONAL
    model.Session.flush()


def edition_address(package_id: str) -> str:
    """Where people open the edition of a public dataset, or go on with it."""
    return tk.url_for("edomex_release.edition", dataset_id=package_id, _external=True)


def _dataset(name_or_id: Any) -> model.Package | None:
    package = model.Package.get(name_or_id) if isinstance(name_or_id, str) and name_or_id else None
    return package if package is not None and package.type == DATASET else None


def shown(package_id: str) -> Data:
    """The dataset as its form has it, read from the database with every right."""
    context = Context(ignore_auth=True, use_cache=False)  # type: ignore[typeddict-unknown-key]  # read by package_show
    return tk.get_action("package_show")(context, {"id": package_id})


def _keep_private(context: Context, package: model.Package, data_dict: Data) -> None:
    """A machine's wish (a harvester's, say) is passed over; a person is told."""
    wanted = data_dict.get("private", package.private)
    differs = str(wanted).lower() in {"true", "1"} if isinstance(wanted, str) else bool(wanted)
    if differs != package.private and not context.get("ignore_auth") and not _echoes(context, differs):
        _refuse("private", BY_RELEASE_ONLY)
    data_dict["private"] = package.private


def _echoes(context: Context, wanted: bool) -> bool:  # noqa: FBT001  # the value, not a switch
    """Whether this is what CKAN read before it changed something else, sent back: a release may have come in between."""
    read = context.get("original_package")
    return isinstance(read, dict) and read.get("private") is wanted


def _forget_hashes(data_dict: Data) -> None:
    for resource in data_dict.get("resources") or []:
        if isinstance(resource, dict):
            resource.pop("sha256", None)


def _keep_hashes(stored: Data, data_dict: Data) -> None:
    """A file's hash comes from its bytes, so what the caller says of it is replaced by what we know."""
    known = {resource["id"]: resource.get("sha256") for resource in stored["resources"]}
    for resource in data_dict.get("resources") or []:
        if not isinstance(resource, dict) or resource.get("upload"):
            continue
        sha256 = known.get(resource.get("id")) if resource.get("url_type") == "upload" else None
        if sha256:
            resource["sha256"] = sha256
        else:
            resource.pop("sha256", None)


def _refuse_if_engaged(package_id: str, message: str) -> None:
    release = open_release(model.Session, package_id)
    busy = release is not None and (release.state in {State.IN_REVIEW, State.SCHEDULED} or release.kind == Kind.EDITION)
    if busy or is_released(model.Session, package_id):
        _refuse("message", message)


def _refuse(field: str, message: str) -> Any:
    raise tk.ValidationError({field: [message]})
