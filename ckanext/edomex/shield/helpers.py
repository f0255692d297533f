"""Chained helpers: pages for everybody name no person."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ckan.plugins import toolkit as tk

#: What stands where CKAN writes who did something.
SOMEBODY = "Personal del portal"


@tk.chained_helper
def linked_user(next_helper: Callable[..., Any], user: Any, *more: Any, **options: Any) -> Any:
    """Name a person to people with an account; to a visitor only that it was somebody of the portal's."""
    return next_helper(user, *more, **options) if tk.current_user.is_authenticated else SOMEBODY
