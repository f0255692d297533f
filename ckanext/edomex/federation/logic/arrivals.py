"""A trusted source: what comes in is sent to review and approved at once, in the name of whoever approved the source.

The release room's own actions do it, with that person's rights as they are now: a role that was taken away, an embargo, an open
observation or a field that is missing stop it as they stop anybody, and the dataset waits for people. What people withdrew or
cancelled stays a draft, whatever its source says next.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from itertools import chain
from typing import Any

from ckan import model as ckan_model
from ckan.plugins import plugin_loaded
from ckan.plugins import toolkit as tk
from ckan.types import Context

from ckanext.edomex.adapters.callers import call_as_site, site_user
from ckanext.edomex.federation.domain.arrivals import is_left_to_people
from ckanext.edomex.federation.domain.errors import TakenBackError
from ckanext.edomex.federation.domain.settings import Settings
from ckanext.edomex.federation.logic import approvals
from ckanext.edomex.federation.logic.datasets import RELEASE

log = logging.getLogger(__name__)
LISTED = "edomex_release_list"
#: Of one dataset, in one state: more than there ever are.
MOST = 1000


def release(source: Any, settings: Settings, came: Sequence[str], again: Sequence[str] = ()) -> None:
    """Release what came in, if its source says so and somebody approved it as it is now.

    Args:
        source: of ckanext-harvest.
        settings: of the source.
        came: ids of datasets that this batch brought.
        again: of those that a consumer had brought which was killed, maybe before it came to this.
    """
    if settings.arrival != "public" or not (came or again) or not plugin_loaded(RELEASE):
        return
    person = approvals.approver_of(ckan_model.Session, source)
    if person is None:
        return
    for package_id, is_fresh in [*((each, True) for each in came), *((each, False) for each in again)]:
        try:
            _refuse_if_taken_back(package_id)
            release_id = _submitted(package_id) if is_fresh else _left(package_id)
            if release_id is not None:
                tk.get_action("edomex_release_approve")(Context(user=person), {"id": release_id, "release_at": "now"})
        except (TakenBackError, tk.ValidationError, tk.NotAuthorized, tk.ObjectNotFound) as error:
            ckan_model.Session.rollback()
            extra = {"event": "harvest.left_to_people", "source": source.id, "package": package_id}
            log.warning("harvested and not released: %s", type(error).__name__, extra=extra)


def _refuse_if_taken_back(package_id: str) -> None:
    ended = (call_as_site(LISTED, dataset_id=package_id, state=state, limit=MOST) for state in ("released", "cancelled"))
    if is_left_to_people(chain.from_iterable(ended)):
        raise TakenBackError


def _submitted(package_id: str) -> str:
    return call_as_site("edomex_release_submit", dataset_id=package_id)["id"]


def _left(package_id: str) -> str | None:
    """The release that a killed consumer had put forward, or would have; None where it is others' already."""
    releases, site = call_as_site(LISTED, dataset_id=package_id), site_user()
    ours = [each["id"] for each in releases if each["state"] == "in_review" and each["submitted_by"] == site]
    if ours:
        return ours[0]
    is_open = not releases or any(each["state"] == "draft" for each in releases)
    return _submitted(package_id) if is_open else None
