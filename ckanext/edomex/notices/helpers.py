"""What templates ask of notices."""

from __future__ import annotations

from ckan.plugins import toolkit as tk

from ckanext.edomex.notices.logic import inbox


def edomex_notices_unread() -> int:
    """How many notices the reader has not read; none for who is not logged in."""
    return inbox.unread(tk.current_user.id) if tk.current_user.is_authenticated else 0
