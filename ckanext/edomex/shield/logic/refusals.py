"""One answer for what is hidden and what does not exist, whichever page or action was asked.

Stock pages and actions refuse each in their own way: 403 for what is there, 404 or 409 for what is not, with ids and
names in the text. Here the refusals of all of them become one, in the one place that every answer passes.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from http import HTTPStatus
from types import MappingProxyType
from typing import Any

from ckan import model
from ckan.lib.plugins import get_permission_labels
from ckan.plugins import toolkit as tk
from ckan.types import Context
from flask import Response, current_app, jsonify, make_response, request
from werkzeug.exceptions import Forbidden, NotFound

UNSEEN = "No existe, o no puede verlo con esta cuenta."
#: Addresses that name a dataset or something of it, and the arguments that do.
PAGES = re.compile(r"^/(dataset|harvest|datastore)/")
ARGUMENTS = frozenset({"id", "ref", "source", "package_id", "dataset_id", "resource_id", "view_id"})
#: Parameters of an action that name something.
NAMING = re.compile(r"(^|_)id2?$|^(name_or_id|subject|object)$")
#: Our own actions give one answer by themselves, each with its remedy.
OURS = re.compile(r"^edomex_")
#: Actions that tell of a dataset that is not there by a validation error.
OF_DATASETS = re.compile(r"^(package|dataset|resource|datastore|xloader|bulk)_|_dataset$")
REFUSED = frozenset({HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND})
#: (asked by id, it is there) → statements that the other refusal sends more, and rows that it loads more; counted in both.
LOOK_UPS = MappingProxyType({(True, True): 3, (True, False): 0, (False, True): 0, (False, False): 0})
LOADS = MappingProxyType({(True, True): 0, (True, False): 1, (False, True): 0, (False, False): 2})
_ID = re.compile(r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
#: A reference is a short text; so many of them are looked at in one question.
LONGEST, MOST = 200, 20


def one_answer(response: Response) -> Response:
    """Replace a refusal that depends on whether something hidden exists."""
    if response.status_code < HTTPStatus.BAD_REQUEST or _is_sysadmin():
        return response
    if request.endpoint == "api.action":
        return _of_action(response)
    rule = request.url_rule.rule if request.url_rule else ""
    if response.status_code in REFUSED and PAGES.match(rule) and not all(_may_see(each) for each in _arguments()):
        return make_response(current_app.handle_user_exception(NotFound(UNSEEN)))
    return response


def forbidden(_error: tk.NotAuthorized) -> Any:
    """Answer 403 where a stock view had not thought that its action may refuse."""
    return current_app.handle_user_exception(Forbidden())


def _of_action(response: Response) -> Response:
    name = (request.view_args or {}).get("logic_function", "")
    conflict = response.status_code == HTTPStatus.CONFLICT and OF_DATASETS.search(name)
    if OURS.match(name) or not (conflict or response.status_code in REFUSED):
        return response
    # No `or`: both are asked, so that what exists is not answered sooner.
    if all(_may_see(each) | _is_known(each) for each in _parameters()):
        return response
    error = {"__type": "Not Found Error", "message": UNSEEN}
    # CKAN's own address of the action's help: it is the same whatever was asked.
    told = (response.get_json(silent=True) or {}).get("help")
    answer = jsonify({"help": told, "success": False, "error": error})
    answer.status_code = HTTPStatus.NOT_FOUND
    for header, value in response.headers.items():
        if header.startswith("Access-Control-"):
            answer.headers[header] = value
    return answer


def _arguments() -> Iterator[str]:
    return (value for name, value in (request.view_args or {}).items() if name in ARGUMENTS and isinstance(value, str))


def _parameters() -> list[str]:
    """References that the caller sent, as JSON, as a form or in the address."""
    body = request.get_json(silent=True)
    sent: dict[str, Any] = {**request.args.to_dict(), **request.form.to_dict(), **(body if isinstance(body, dict) else {})}
    named = [value for name, value in sent.items() if NAMING.search(name) and isinstance(value, str) and 0 < len(value) <= LONGEST]
    return list(dict.fromkeys(named))[:MOST]


def _may_see(reference: str) -> bool:
    """Whether this names a dataset, or a resource or view of one, that the caller may see."""
    return may_see(Context(user=tk.current_user.name), package_of(reference))


def may_see(context: Context, package: model.Package | None) -> bool:
    """Whether the caller may read this dataset. The answer takes as long for one that does not exist."""
    if package is None:
        _judge_stand_in(context)
        return False
    try:
        tk.check_access("package_show", Context(user=context.get("user", "")), {"id": package.id})
    except (tk.NotAuthorized, tk.ObjectNotFound):
        return False
    return True


def _judge_stand_in(context: Context) -> None:
    """The work of CKAN's permission, whose result nobody needs: the caller's labels and those of a dataset."""
    name = context.get("user") or ""
    user = context.get("auth_user_obj") or model.User.get(name) if name else None
    labels = get_permission_labels()
    labels.get_user_dataset_labels(user)  # type: ignore[arg-type]  # None is an anonymous visitor
    labels.get_dataset_labels(stand_in())
    # The way through CKAN's permissions, as a visitor: it costs no statement.
    tk.check_access("package_list", Context(user=""), {})


def stand_in() -> model.Package:
    """A private dataset of an agency, neither of which exists; it is in no session."""
    return model.Package(id=str(uuid.uuid4()), type="dataset", state="active", private=True, owner_org=str(uuid.uuid4()), name="")


def look_again(reference: Any, *, is_there: bool) -> None:
    """Make up for CKAN's look-ups, so that both refusals send as many statements and load as many rows.

    It takes an id for a name where nothing has that id, and asks anew for what it had found by a name; what it finds it loads.
    """
    by_id = isinstance(reference, str) and bool(_ID.match(reference))
    for _ in range(LOOK_UPS[by_id, is_there]):
        model.Package.by_name(str(reference))
    for _ in range(LOADS[by_id, is_there]):
        model.Session.query(model.Package).populate_existing().first()


def package_of(reference: str) -> model.Package | None:
    """The dataset of this name or id, or that of the resource or view with this id. All are looked for, whatever is found first."""
    by_id, by_name = model.Session.get(model.Package, reference), model.Package.by_name(reference)
    package = by_id or by_name
    view = model.Session.get(model.ResourceView, reference)
    resource = model.Resource.get(view.resource_id if view is not None else reference)
    if package is not None or resource is None:
        return package
    return model.Package.get(resource.package_id)


def _is_known(reference: str) -> bool:
    """Agencies, themes and accounts: their own permissions speak of them."""
    return (model.Group.get(reference) is not None) | (model.User.get(reference) is not None)


def _is_sysadmin() -> bool:
    return bool(getattr(tk.current_user, "sysadmin", False))
