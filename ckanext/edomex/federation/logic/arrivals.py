"""A trusted source: what comes in is sent to review and approved at once, in the name of whoever approved the source.

The release room's own actions do it, with that person's rights as they are now: a role that was taken away, an embargo, an open
observation or a field that is missing stop it as they stop anybody, and the dataset waits for people.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from ckan import model as ckan_model
from ckan.plugins import plugin_loaded
from ckan.plugins import toolkit as tk
from ckan.types import Context

from ckanext.edomex.adapters.callers import call_as_site
from ckanext.edomex.federation.domain.settings import Settings
from ckanext.edomex.federation.logic import approvals
from ckanext.edomex.federation.logic.datasets import RELEASE

log = logging.getLogger(__name__)


def release(source: Any, settings: Settings, package_ids: Sequence[str]) -> None:
    """Release what came in, if its source says so and somebody approved it as it is now."""
    if settings.arrival != "public" or not package_ids or not plugin_loaded(RELEASE):
        return
    person = approvals.approver_of(ckan_model.Session, source)
    if person is None:
        return
    for package_id in package_ids:
        try:
            sent = call_as_site("edomex_release_submit", dataset_id=package_id)
            tk.get_action("edomex_release_approve")(Context(user=person), {"id": sent["id"], "release_at": "now"})
        except (tk.ValidationError, tk.NotAuthorized, tk.ObjectNotFound) as error:
            ckan_model.Session.rollback()
            extra = {"event": "harvest.left_to_people", "source": source.id, "package": package_id}
            log.warning("harvested and not released: %s", type(error).__name__, extra=extra)
