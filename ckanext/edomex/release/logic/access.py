"""Who the caller is to a dataset, and the one way in which actions find what they work on."""

from __future__ import annotations

from typing import Any

from ckan import authz, model
from ckan.plugins import toolkit as tk
from ckan.types import Context

from ckanext.edomex.adapters.callers import caller
from ckanext.edomex.release.domain.lifecycle import OPEN, UNDER_REVIEW, Role
from ckanext.edomex.release.model import Release, open_release, roles_of, withdrawal_of

NOT_FOUND = "No existe esa liberación, o no puede verla con esta cuenta."
NO_DATASET = "No existe ese conjunto de datos, o no puede verlo con esta cuenta."


def user_id(context: Context) -> str:
    """Id of the account that asks."""
    user = caller(context)
    assert user is not None
    return user.id


def has_role(context: Context, role: Role) -> bool:
    """Whether the caller has this role of the state's. Sysadmins have every one."""
    user = caller(context)
    return bool(user and user.state == "active" and (user.sysadmin or role in roles_of(model.Session, user.id)))


def may_edit(context: Context, package: model.Package) -> bool:
    """Whether the caller edits this dataset for its agency."""
    try:
        tk.check_access("package_update", Context(user=context.get("user", "")), {"id": package.id})
    except tk.NotAuthorized:
        return False
    return True


def may_see(context: Context, package: model.Package) -> bool:
    """Whether the caller may know of this dataset's releases: its agency's people, and reviewers once it is sent to them."""
    user = caller(context)
    if user is None:
        return False
    if user.sysadmin or authz.has_user_permission_for_group_or_org(package.owner_org, user.name, "read"):
        return True
    if not roles_of(model.Session, user.id):
        return False
    release = open_release(model.Session, package.id)
    waiting = release is not None and release.state in UNDER_REVIEW
    return waiting or withdrawal_of(model.Session, package.id) is not None or _is_public_now(package)


def _is_public_now(package: model.Package) -> bool:
    """Asked after its open release was looked for: one that came out in between is found in one of the two places."""
    model.Session.refresh(package, ["private"])
    return package.private is False


def find_package(context: Context, package_id: Any) -> model.Package:
    """The dataset of this id or name; `ObjectNotFound` also where the caller may not know of it."""
    package = model.Package.get(package_id) if isinstance(package_id, str) else None
    if package is None or package.type != "dataset" or package.state == "deleted" or not may_see(context, package):
        raise tk.ObjectNotFound(NO_DATASET)
    return package


def lock_package(package_id: str) -> None:
    """Take the dataset's row until the transaction ends, and read it anew: no release can happen to it meanwhile."""
    model.Session.query(model.Package).filter_by(id=package_id).with_for_update().populate_existing().one_or_none()


def find_release(context: Context, release_id: Any, *, lock: bool = False) -> tuple[Release, model.Package]:
    """The release of this id with its dataset, both locked in that order if asked.

    The dataset's row goes first, as in every edit: two orders would be a deadlock.
    """
    session = model.Session
    release = session.get(Release, release_id) if isinstance(release_id, str) else None
    if release is None:
        raise tk.ObjectNotFound(NOT_FOUND)
    if lock:
        # An edition's two datasets in the order of the release's own columns, as the engine takes them.
        for package_id in dict.fromkeys((release.content_id, release.package_id)):
            lock_package(package_id)
        session.refresh(release, with_for_update=True)
    package = model.Package.get(release.package_id)
    if package is None or not _may_see_release(context, release, package):
        raise tk.ObjectNotFound(NOT_FOUND)
    return release, package


def reads_content(context: Context, release: Release, package: model.Package) -> bool:
    """Whether the caller may read what was sent with a release they know of: of what is withdrawn nobody learns anew."""
    for package_id in dict.fromkeys((release.content_id, package.id)):
        try:
            tk.check_access("package_show", Context(user=context.get("user", "")), {"id": package_id})
        except (tk.NotAuthorized, tk.ObjectNotFound):
            continue
        return True
    return False


def _may_see_release(context: Context, release: Release, package: model.Package) -> bool:
    if may_see(context, model.Package.get(release.content_id) or package):
        return True
    # It may have come out since it was read, and its content have taken the public dataset's place.
    model.Session.refresh(release)
    return release.state not in OPEN and may_see(context, package)
