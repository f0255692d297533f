"""Chained actions: each closes a row of the leak list (docs/security.md).

Free tags, formats and memberships are counted by CKAN over every dataset; here only over what the caller finds.
"""

from __future__ import annotations

from typing import Any

from ckan.lib.search.common import SearchQueryError
from ckan.plugins import toolkit as tk
from ckan.types import Action, Context

from ckanext.edomex.shield.domain.queries import QueryError, narrowed
from ckanext.edomex.shield.logic import refusals

Data = dict[str, Any]
#: Facet values asked of Solr at most.
MOST_VALUES = 10_000
#: The kind of member that is a dataset; CKAN answers with the word translated.
PACKAGE = "package"
NO_RELATIONSHIPS = "Las relaciones de CKAN no se usan en este portal: revelarían conjuntos que aún no son públicos."


@tk.side_effect_free
@tk.chained_action
def package_show(up_func: Action, context: Context, data_dict: Data) -> Any:
    """One answer for what is hidden and what does not exist."""
    return _not_found_when_refused(up_func, context, data_dict)


@tk.side_effect_free
@tk.chained_action
def resource_show(up_func: Action, context: Context, data_dict: Data) -> Any:
    """As `package_show`."""
    return _not_found_when_refused(up_func, context, data_dict)


@tk.side_effect_free
@tk.chained_action
def package_search(up_func: Action, context: Context, data_dict: Data) -> Any:
    """Without the parameters by which Solr tells of datasets that the caller does not find."""
    try:
        search = narrowed(data_dict)
    except QueryError as error:
        raise SearchQueryError(str(error)) from None
    return up_func(context, search)


@tk.side_effect_free
@tk.chained_action
def tag_list(up_func: Action, context: Context, data_dict: Data) -> Any:
    """Only tags of datasets that the caller finds; vocabularies are the administrator's and stay as they are."""
    found = up_func(context, data_dict)
    if data_dict.get("vocabulary_id"):
        return found
    visible = _visible(context, "tags")
    return [tag for tag in found if (tag["name"] if isinstance(tag, dict) else tag) in visible]


@tk.side_effect_free
@tk.chained_action
def tag_search(up_func: Action, context: Context, data_dict: Data) -> Any:
    """As `tag_list`."""
    found = up_func(context, data_dict)
    if data_dict.get("vocabulary_id"):
        return found
    visible = _visible(context, "tags")
    results = [tag for tag in found["results"] if tag["name"] in visible]
    return {"count": len(results), "results": results}


@tk.side_effect_free
@tk.chained_action
def tag_autocomplete(up_func: Action, context: Context, data_dict: Data) -> Any:
    """As `tag_list`."""
    found = up_func(context, data_dict)
    return found if data_dict.get("vocabulary_id") else [tag for tag in found if tag in _visible(context, "tags")]


@tk.side_effect_free
@tk.chained_action
def format_autocomplete(up_func: Action, context: Context, data_dict: Data) -> Any:
    """Only formats of resources that the caller finds."""
    visible = {value.lower() for value in _visible(context, "res_format")}
    return [value for value in up_func(context, data_dict) if value in visible]


@tk.side_effect_free
@tk.chained_action
def member_list(up_func: Action, context: Context, data_dict: Data) -> Any:
    """Datasets of a group or agency only as far as the caller finds them."""
    found = up_func(context, data_dict)
    if data_dict.get("object_type") not in {None, PACKAGE}:
        return found
    words = {PACKAGE, tk._(PACKAGE).lower()}
    packages = [entity for entity, kind, _capacity in found if str(kind).lower() in words]
    visible = _visible_packages(context, packages)
    return [row for row in found if row[0] not in set(packages) or row[0] in visible]


@tk.side_effect_free
@tk.chained_action
def organization_list(up_func: Action, context: Context, data_dict: Data) -> Any:
    """CKAN's order by number of datasets counts private ones; the public number is in `package_count`."""
    _no_count_order(data_dict)
    return up_func(context, data_dict)


@tk.side_effect_free
@tk.chained_action
def group_list(up_func: Action, context: Context, data_dict: Data) -> Any:
    """As `organization_list`."""
    _no_count_order(data_dict)
    return up_func(context, data_dict)


def _without_views(up_func: Action, context: Context, data_dict: Data) -> Any:
    """Activities of resource views carry no label: they name hidden datasets' views to anybody."""
    return [activity for activity in up_func(context, data_dict) if "resource view" not in activity["activity_type"]]


@tk.side_effect_free
@tk.chained_action
def user_activity_list(up_func: Action, context: Context, data_dict: Data) -> Any:
    """What somebody did, but for views."""
    return _without_views(up_func, context, data_dict)


@tk.side_effect_free
@tk.chained_action
def group_activity_list(up_func: Action, context: Context, data_dict: Data) -> Any:
    """What happened in a theme, but for views."""
    return _without_views(up_func, context, data_dict)


@tk.side_effect_free
@tk.chained_action
def organization_activity_list(up_func: Action, context: Context, data_dict: Data) -> Any:
    """What happened in an agency, but for views."""
    return _without_views(up_func, context, data_dict)


@tk.side_effect_free
@tk.chained_action
def dashboard_activity_list(up_func: Action, context: Context, data_dict: Data) -> Any:
    """What those did whom one follows, but for views."""
    return _without_views(up_func, context, data_dict)


#: Of an extension that may not be there.
OF_ACTIVITY = (user_activity_list, group_activity_list, organization_activity_list, dashboard_activity_list)


@tk.chained_action
def package_relationship_create(up_func: Action, context: Context, data_dict: Data) -> Any:
    """A relationship shows the name of its hidden end."""
    tk.check_access("package_relationship_create", context, data_dict)
    raise tk.ValidationError({"message": [NO_RELATIONSHIPS]})


def _not_found_when_refused(up_func: Action, context: Context, data_dict: Data) -> Any:
    try:
        return up_func(context, data_dict)
    except tk.NotAuthorized:
        refusals.look_again(data_dict.get("id"), is_there=True)
        raise tk.ObjectNotFound from None
    except tk.ObjectNotFound:
        # What does not exist is judged as well: the two refusals take as long.
        refusals.may_see(context, None)
        refusals.look_again(data_dict.get("id"), is_there=False)
        raise


def _visible(context: Context, field: str) -> set[str]:
    """Values of a facet over what the caller finds."""
    search = {"rows": 0, "facet.field": [field], "facet.limit": MOST_VALUES, "include_private": True, "include_drafts": True}
    found = tk.get_action("package_search")(_of_caller(context), search)
    return set(found["facets"].get(field, ()))


def _visible_packages(context: Context, ids: list[str]) -> set[str]:
    visible: set[str] = set()
    for start in range(0, len(ids), 500):
        wanted = " OR ".join(f'"{package_id}"' for package_id in ids[start : start + 500])
        search = {"fq": f"id:({wanted})", "fl": "id", "rows": 500, "include_private": True, "include_drafts": True}
        visible |= {row["id"] for row in tk.get_action("package_search")(_of_caller(context), search)["results"]}
    return visible


def _no_count_order(data_dict: Data) -> None:
    for key in ("sort", "order_by"):
        if str(data_dict.get(key) or "").split(" ")[0] in {"package_count", "packages"}:
            data_dict[key] = "title asc" if key == "sort" else "title"


def _of_caller(context: Context) -> Context:
    """The caller's rights in a fresh context."""
    return Context(user=context.get("user", ""), auth_user_obj=context.get("auth_user_obj"), ignore_auth=False)
