"""Chained actions: sources are on the web, and CKAN's index keeps all of what a source is."""

from __future__ import annotations

from typing import Any

from ckan import logic, model
from ckan.plugins import toolkit as tk
from ckan.types import Action, Context
from ckanext.harvest.logic import HarvestJobExists
from ckanext.harvest.model import HarvestSource

from ckanext.edomex.adapters import index
from ckanext.edomex.adapters.unit_of_work import unit_of_work
from ckanext.edomex.federation.domain.addresses import problem
from ckanext.edomex.federation.domain.trials import TRIABLE
from ckanext.edomex.federation.logic import approvals
from ckanext.edomex.federation.model import forget, packages_of

Data = dict[str, Any]
#: The type that ckanext-harvest gives to a source, which is a package like any other: its form, `package_create`
#: and `harvest_source_create` all end in the same two actions.
SOURCE = "harvest"


class NotApprovedError(tk.ValidationError, HarvestJobExists):
    """The source waits to be approved. The stock scheduler passes over a source whose job cannot be made for the second reason."""

    def __init__(self) -> None:
        super().__init__({"source_id": ["La fuente espera aprobación: pídala a quien revisa. Se aprueba en Autoservicio, Fuentes."]})


@tk.chained_action
def package_create(up_func: Action, context: Context, data_dict: Data) -> Any:
    """A source begins with an address on the web."""
    if data_dict.get("type") == SOURCE:
        _refuse_bad_address(data_dict)
    return up_func(context, data_dict)


@tk.chained_action
def package_update(up_func: Action, context: Context, data_dict: Data) -> Any:
    """And keeps one."""
    ref = data_dict.get("id") or data_dict.get("name")
    package = model.Package.get(ref) if isinstance(ref, str) else None
    if data_dict.get("type") == SOURCE or (package is not None and package.type == SOURCE):
        _refuse_bad_address(data_dict)
    return up_func(context, data_dict)


@tk.side_effect_free
@logic.auth_audit_exempt
@tk.chained_action
def harvest_source_reindex(up_func: Action, context: Context, data_dict: Data) -> Any:
    """Index a source as CKAN indexes any package.

    The stock action of ckanext-harvest 1.6.3 puts the dictionary from before validation in the index as the one from
    after it; `package_show` then answers without `source_type`, `frequency` and `config`, and the next job fails.
    Unlike it, this also asks whether a caller from outside may. `up_func` is not called on purpose.
    """
    source = model.Package.get(tk.get_or_bust(data_dict, "id"))
    if source is None or source.type != SOURCE:
        raise tk.ObjectNotFound("No existe esa fuente.")
    if context.get("api_version"):
        tk.check_access("harvest_source_reindex", context, {"id": source.id})
    logic.index_update_package(Context(ignore_auth=True), source.id, bool(context.get("defer_commit")))
    return True


@tk.chained_action
def harvest_job_create(up_func: Action, context: Context, data_dict: Data) -> Any:
    """A source of a type that cannot be tried starts when it is approved; a job of one that can is its trial until then."""
    source: Any = HarvestSource.get(str(data_dict.get("source_id") or ""))
    if source is not None and source.type not in TRIABLE and not approvals.may_start(source):
        tk.check_access("harvest_job_create", context, data_dict)
        raise NotApprovedError
    return up_func(context, data_dict)


@tk.chained_action
def harvest_source_clear(up_func: Action, context: Context, data_dict: Data) -> Any:
    """Forget a source's records with its datasets: the next harvest makes them anew.

    The stock action takes out of the index what it finds there under the source's id. Ours are indexed before they have one.
    """
    source = model.Package.get(tk.get_or_bust(data_dict, "id"))
    source_id = source.id if source is not None else data_dict["id"]
    made = packages_of(model.Session, source_id)
    found = up_func(context, data_dict)
    with unit_of_work() as session:
        forget(session, source_id)
    gone = [each for each in made if model.Package.get(each) is None]
    if gone:
        index.remove(gone)
    return found


def _refuse_bad_address(data_dict: Data) -> None:
    """An empty address is left to the schema, which says that it is missing."""
    wrong = problem(data_dict["url"]) if data_dict.get("url") else None
    if wrong:
        raise tk.ValidationError({"url": [wrong]})


CHAINED = (package_create, package_update, harvest_source_reindex, harvest_job_create, harvest_source_clear)
