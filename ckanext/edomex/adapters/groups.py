"""Agencies and themes as CKAN keeps them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import cast

from ckan import model

from ckanext.edomex.domain.texts import plain


def agencies(ids: Collection[str] | None = None) -> list[model.Group]:
    """The portal's agencies, or those of these ids, by title as people sort."""
    query = model.Session.query(model.Group).filter_by(is_organization=True, state="active")
    if ids is not None:
        query = query.filter(model.Group.id.in_(ids))
    return sorted(query, key=lambda group: plain(group.title or group.name))


def agency_of(reference: str) -> model.Group | None:
    """An agency by its id or name."""
    found = model.Group.get(reference) if reference else None
    return found if found is not None and found.is_organization and found.state == "active" else None


def chain_above(agency: model.Group) -> Iterator[model.Group]:
    """Those that an agency belongs to, the nearest first; each once, whatever the rows say."""
    seen = {agency.id}
    above = agency_of(extra_of(agency, "parent") or "")
    while above is not None and above.id not in seen:
        seen.add(above.id)
        yield above
        above = agency_of(extra_of(above, "parent") or "")


def extra_of(group: model.Group, name: str) -> str | None:
    """A field of the schema's of an agency or theme; None where it says nothing."""
    # CKAN adds the proxy when it maps the class, so that no type says of it.
    extras = cast("dict[str, str]", group.extras)  # type: ignore[attr-defined]
    return extras.get(name) or None
