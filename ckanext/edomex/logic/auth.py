"""Chained permissions of stock actions."""

from __future__ import annotations

from typing import Any

from ckan.plugins import toolkit as tk
from ckan.types import AuthFunction, AuthResult, Context


@tk.chained_auth_function
def package_create(next_auth: AuthFunction, context: Context, data_dict: dict[str, Any] | None) -> AuthResult:
    """Whoever may register a dataset may file it under any theme: themes are the portal's, not a group of people."""
    return next_auth(context, _without_themes(data_dict))


@tk.chained_auth_function
def package_update(next_auth: AuthFunction, context: Context, data_dict: dict[str, Any] | None) -> AuthResult:
    """As `package_create`."""
    return next_auth(context, _without_themes(data_dict))


def _without_themes(data_dict: dict[str, Any] | None) -> dict[str, Any]:
    """CKAN asks for membership in each group that is named here; agencies it asks for apart, as `owner_org`."""
    return {key: value for key, value in (data_dict or {}).items() if key != "groups"}
