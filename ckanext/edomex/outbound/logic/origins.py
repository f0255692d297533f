"""Where a dataset of ours came from: what is theirs is not sent back to them, or they would harvest it again for ever."""

from __future__ import annotations

from ckan.plugins import plugin_loaded
from ckan.plugins import toolkit as tk
from ckan.types import Context

from ckanext.edomex.domain.addresses import site_of


def came_from(address: str, package_id: str) -> bool:
    """Whether a harvester brought the dataset from that portal. Where the room that harvests is not loaded, none did."""
    site = site_of(address)
    if not site or not plugin_loaded("edomex_federation"):
        return False
    try:
        origin = tk.get_action("edomex_federation_origin_show")(Context(ignore_auth=True, user=""), {"id": package_id})
    except tk.ObjectNotFound:
        return False
    return origin["source_site"] == site
