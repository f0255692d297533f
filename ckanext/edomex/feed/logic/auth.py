"""Who may ask what of the feed."""

from __future__ import annotations

from typing import Any

from ckan.plugins import toolkit as tk
from ckan.types import AuthResult, Context


@tk.auth_allow_anonymous_access
def edomex_feed_report(_context: Context, _data: dict[str, Any]) -> AuthResult:
    """Anyone: it speaks of public datasets alone."""
    return {"success": True}
