"""Who has an account on a stack's sites, as data."""

from __future__ import annotations

#: Accounts of a site with our plugins: login → (agency index or None, role in it, roles of the release room).
STAFF: dict[str, tuple[int | None, str, tuple[str, ...]]] = {
    "enlace": (0, "editor", ()),
    "enlace-2": (1, "editor", ()),
    "revisor": (None, "", ("reviewer", "manager")),
    "revisor-2": (None, "", ("reviewer", "manager")),
}
