"""Chained actions of stock extensions, each with the fault that it mends."""

from __future__ import annotations

from typing import Any

from ckan import model
from ckan.plugins import toolkit as tk
from ckan.types import Action, Context

#: The state of a loading job that a newer file has overtaken.
SUPERSEDED = "superseded"


@tk.chained_action
def xloader_submit(up_func: Action, context: Context, data_dict: dict[str, Any]) -> Any:
    """Let a file be replaced while its predecessor still waits to be loaded.

    ckanext-xloader 2.5.2 looks for the waiting job in a description that it no longer writes so, and fails with an
    AttributeError inside the commit of the new file. A job that is overtaken is not asked for: the newer one loads.
    """
    waiting = model.Session.query(model.TaskStatus).filter_by(
        entity_id=data_dict.get("resource_id"), task_type="xloader", key="xloader", state="pending"
    )
    # No flush of our own making: we are inside the commit of whoever uploads.
    with model.Session.no_autoflush:
        for task in waiting:
            task.state = SUPERSEDED
    return up_func(context, data_dict)
