"""Stock actions and pages that fail where they should refuse, or answer where they should be silent. Tables say which, and why.

A failure (500) is logged with its traceback, so anybody could fill the logs; and it differs from a refusal, so it tells.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from types import MappingProxyType
from typing import Any

import ckan.plugins as p
from ckan import model
from ckan.plugins import toolkit as tk
from ckan.types import Action, ChainedAction, Context

from ckanext.edomex.adapters.callers import caller
from ckanext.edomex.shield.logic import clearing, refusals

Data = dict[str, Any]
MISSING = "Falta este dato."
#: Actions by the plugin that brings them; "" is CKAN itself. They end with a KeyError without this parameter.
REQUIRED = MappingProxyType({
    "": {"group_autocomplete": "q", "organization_autocomplete": "q"},
    "harvest": {"harvest_job_list": "source_id", "harvest_source_show_status": "id"},
})
#: They count or follow whatever exists, readable or not. What is hidden is to them as if it did not exist.
OF_ANY_DATASET = MappingProxyType({
    "dataset_follower_count": True, "am_following_dataset": True, "follow_dataset": False, "unfollow_dataset": False,
})  # fmt: skip
#: They say of any account, agency or theme whom it follows and is followed by: for who has no account, an oracle of log-in names.
OF_PEOPLE = (
    "user_follower_count", "user_followee_count", "followee_count", "dataset_followee_count", "group_followee_count",
    "organization_followee_count", "am_following_user",
)  # fmt: skip
#: ckanext-harvest offers every function of its modules as an action, an exception's class and its mailer among them.
INTERNAL = (
    "InactiveSource", "get_mail_extra_vars", "prepare_summary_mail", "prepare_error_mail", "send_summary_email", "send_error_email",
    "send_mail", "harvest_get_notifications_recipients",
)  # fmt: skip


def would_fail(endpoint: str | None, arguments: Data) -> bool:
    """Whether a stock page ends in an exception.

    CKAN has the bulk edit of a theme for organizations alone, and the history of a file in activities that are not of a dataset.
    """
    if endpoint != "activity.resource_history":
        return endpoint == "group.bulk_process"
    from ckanext.activity.model import Activity

    activity = model.Session.get(Activity, arguments.get("activity_id"))
    return activity is not None and "package" not in (activity.data or {})


def chained() -> dict[str, ChainedAction]:
    """All of them, for those plugins that are loaded."""
    return dict(_all())


def _all() -> Iterator[tuple[str, ChainedAction]]:
    for plugin, actions in REQUIRED.items():
        if not plugin or p.plugin_loaded(plugin):
            yield from ((name, _link(_requiring(parameter), reads=True)) for name, parameter in actions.items())
    for name, reads in OF_ANY_DATASET.items():
        yield name, _link(_blind_to_hidden, reads=reads)
    yield from ((name, _link(_with_account, reads=True)) for name in OF_PEOPLE)
    yield "organization_list_for_user", _link(_of_oneself, reads=True)
    if p.plugin_loaded("harvest"):
        yield "harvest_source_clear", clearing.harvest_source_clear
        yield from ((name, _link(_internal, reads=False)) for name in INTERNAL)


def _link(function: Callable[..., Any], *, reads: bool) -> ChainedAction:
    """A link of a chain of its own: CKAN marks the function that it is given."""

    def link(up_func: Action, context: Context, data_dict: Data) -> Any:
        return function(up_func, context, data_dict)

    return tk.chained_action(tk.side_effect_free(link) if reads else link)


def _requiring(parameter: str) -> Callable[..., Any]:
    def checked(up_func: Action, context: Context, data_dict: Data) -> Any:
        if not isinstance(data_dict.get(parameter), str):
            raise tk.ValidationError({parameter: [MISSING]})
        return up_func(context, data_dict)

    return checked


def _blind_to_hidden(up_func: Action, context: Context, data_dict: Data) -> Any:
    reference = data_dict.get("id")
    package = refusals.package_of(reference) if isinstance(reference, str) else None
    if package is not None and not refusals.may_see(context, package):
        data_dict = {**data_dict, "id": str(uuid.uuid4())}
    return up_func(context, data_dict)


def _with_account(up_func: Action, context: Context, data_dict: Data) -> Any:
    _caller(context)
    return up_func(context, data_dict)


def _of_oneself(up_func: Action, context: Context, data_dict: Data) -> Any:
    """CKAN tells anybody which agencies somebody else works for."""
    asked = data_dict.get("id")
    if asked and not context.get("ignore_auth"):
        user = _caller(context)
        if not user.sysadmin and asked not in {user.id, user.name}:
            raise tk.NotAuthorized(refusals.UNSEEN)
    return up_func(context, data_dict)


def _caller(context: Context) -> model.User:
    user = caller(context)
    if user is None:
        raise tk.NotAuthorized(refusals.UNSEEN)
    return user


def _internal(up_func: Action, context: Context, data_dict: Data) -> Any:
    """A caller from outside has an API version in the context; the harvester's own jobs have none."""
    if "api_version" in context:
        raise tk.ObjectNotFound(refusals.UNSEEN)
    return up_func(context, data_dict)
