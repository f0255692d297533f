"""Agencies and themes as CKAN keeps them."""

from __future__ import annotations

from typing import cast

from ckan import model


def extra_of(group: model.Group, name: str) -> str | None:
    """A field of the schema's of an agency or theme; None where it says nothing."""
    # CKAN adds the proxy when it maps the class, so that no type says of it.
    extras = cast("dict[str, str]", group.extras)  # type: ignore[attr-defined]
    return extras.get(name) or None
