"""Filing datasets under themes, which are CKAN groups that nobody has to be a member of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ckan import model
from ckan.plugins import toolkit as tk


def file_under(package_id: str, groups: Iterable[Mapping[str, Any]]) -> bool:
    """Make the dataset's themes exactly these, in the caller's transaction; returns whether that changed anything.

    CKAN passes over, without a word, every group that the writer is not a member of.
    """
    wanted = {theme.id: theme for theme in map(_theme, groups)}
    members = model.Session.query(model.Member).join(model.Group, model.Group.id == model.Member.group_id)
    known = {
        member.group_id: member
        for member in members.filter(
            model.Member.table_id == package_id, model.Member.table_name == "package", model.Group.is_organization.is_(False)
        )
    }
    active = {group_id for group_id, member in known.items() if member.state == "active"}
    if active == wanted.keys():
        return False
    for group_id, member in known.items():
        member.state = "active" if group_id in wanted else "deleted"
    for group_id in wanted.keys() - known.keys():
        # CKAN's Member takes the group itself; a bare id it empties again.
        model.Session.add(
            model.Member(group=wanted[group_id], table_id=package_id, table_name="package", capacity="public", state="active")
        )
    model.Session.flush()
    return True


def _theme(group: Mapping[str, Any]) -> model.Group:
    reference = group.get("id") or group.get("name") or ""
    found = model.Group.get(reference)
    if found is None or found.is_organization or found.state != "active":
        model.Session.rollback()
        raise tk.ValidationError({"groups": [f"No existe el tema «{reference}»; los que hay están en /group/."]})
    return found
