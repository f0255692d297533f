"""Settings that the shield decides, whatever the file says, and those that it only defaults."""

from __future__ import annotations

from collections.abc import MutableMapping
from types import MappingProxyType
from typing import Any

#: Any other value shows unreleased data or people. Source: docs/security.md, row by row.
FORCED = MappingProxyType({
    "ckan.auth.public_user_details": False,
    "ckan.auth.public_activity_stream_detail": False,
    "ckan.auth.reveal_private_datasets": False,
    "ckan.auth.create_unowned_dataset": False,
    "ckan.auth.anon_create_dataset": False,
    "ckan.datastore.sqlsearch.enabled": False,
    "ckan.datastore.public_table_search": [],
})
#: Accounts are closed: the state's administrators make them.
DEFAULTS = MappingProxyType({
    "ckan.auth.create_user_via_web": False,
    "ckan.auth.create_user_via_api": False,
    "ckan.auth.user_create_organizations": False,
    "ckan.auth.user_create_groups": False,
    "ckan.auth.user_delete_organizations": False,
    "ckan.auth.user_delete_groups": False,
})


def harden(config: MutableMapping[str, Any], written: MutableMapping[str, Any]) -> None:
    """Apply both tables; `written` is what the operator's file says."""
    config.update(FORCED)
    config.update({key: value for key, value in DEFAULTS.items() if key not in written})
