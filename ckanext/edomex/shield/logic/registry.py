"""Actions and their rules, gathered before anybody asks.

CKAN gathers them at the first request, core's first and the plugins' after, in dictionaries that all threads of a
process share: a second request at that moment meets core's actions without what closes them (seen: `package_create`
without a rule at all). So they are gathered before the process serves.
"""

from __future__ import annotations

from ckan import authz
from ckan.plugins import toolkit as tk


def gather() -> None:
    """Fill CKAN's two registries; nothing if they are full."""
    tk.get_action("package_show")
    authz.auth_functions_list()
