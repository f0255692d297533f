"""Chained actions of stock extensions, each with the fault that it mends."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import ckan.plugins as p
import sqlalchemy as sa
from ckan import logic, model
from ckan.lib import datapreview
from ckan.plugins import toolkit as tk
from ckan.types import Action, Context
from ckanext.scheming.plugins import expand_form_composite

from ckanext.edomex.adapters import packages
from ckanext.edomex.adapters.themes import file_under
from ckanext.edomex.domain.limits import exceeded

#: The state of a loading job that a newer file has overtaken.
SUPERSEDED = "superseded"
#: CKAN looks for what is wrong with single items at the lists themselves.
_SAID_AT = {"tags": "tag_string", "resources": "message"}
_OVERTAKE = sa.text(
    "UPDATE task_status SET state = :state"
    " WHERE entity_id = :resource_id AND task_type = 'xloader' AND key = 'xloader' AND state = 'pending'"
)


@tk.chained_action
def xloader_submit(up_func: Action, context: Context, data_dict: dict[str, Any]) -> Any:
    """Let a file be replaced while its predecessor still waits to be loaded.

    ckanext-xloader 2.5.2 looks for the waiting job in a description that it no longer writes so, and fails with an
    AttributeError inside the commit of the new file. A job that is overtaken is not asked for: the newer one loads.
    """
    # In a transaction of its own, as xloader itself does: we are inside the commit of whoever uploads.
    assert model.meta.engine is not None
    with model.meta.engine.begin() as connection:
        connection.execute(_OVERTAKE, {"resource_id": data_dict.get("resource_id"), "state": SUPERSEDED})
    return up_func(context, data_dict)


@tk.chained_action
def package_create(up_func: Action, context: Context, data_dict: dict[str, Any]) -> Any:
    """Refuse, before anything is looked at, more keywords, files or columns than anybody reads."""
    _refuse_what_has_no_end(data_dict)
    made = up_func(context, data_dict)
    packages.written(made if isinstance(made, str) else made["id"])
    return made


@tk.side_effect_free
@tk.chained_action
def package_show(up_func: Action, context: Context, data_dict: dict[str, Any]) -> Any:
    """Say again what was read within one reading, as CKAN says again what is in the index, to whom it asks for no right."""
    may = context.get("ignore_auth") and context.get("use_cache", True) and "schema" not in context
    found = packages.noted(str(data_dict.get("id"))) if may and not data_dict.get("use_default_schema") else None
    if found is None:
        return up_func(context, data_dict)
    tk.check_access("package_show", context, data_dict)
    return found


@tk.chained_action
def package_update(up_func: Action, context: Context, data_dict: dict[str, Any]) -> Any:
    """File a dataset under its themes, whoever of its agency writes.

    CKAN drops, without a word, a theme that the writer is not a member of, and takes a change of nothing else for none.
    """
    _refuse_what_has_no_end(data_dict)
    result = up_func(context, data_dict)
    packages.written(result if isinstance(result, str) else result["id"])
    groups = data_dict.get("groups")
    if groups is None or context.get("ignore_auth") or context.get("defer_commit"):
        return result
    package = model.Package.get(data_dict["id"])
    if package is None or package.type != "dataset" or not file_under(package.id, groups):
        return result
    package.metadata_modified = datetime.now(UTC).replace(tzinfo=None)
    for plugin in p.PluginImplementations(p.IPackageController):
        plugin.after_dataset_update(context, {"id": package.id, "type": package.type})
    logic.index_update_package(Context(ignore_auth=True), package.id)
    model.repo.commit()
    shown = tk.get_action("package_show")(logic.fresh_context(context), {"id": package.id})
    return shown if isinstance(result, dict) else result


@tk.chained_action
def package_patch(up_func: Action, context: Context, data_dict: dict[str, Any]) -> Any:
    """Take the rows of a form's page for what they are.

    A page of the form is a patch. CKAN lays it over what is stored, and ckanext-scheming then sees the stored rows alone.
    """
    fields = tk.h.scheming_get_dataset_schema("dataset")["dataset_fields"]
    expand_form_composite(data_dict, {each["field_name"] for each in fields if "repeating_subfields" in each})
    return up_func(context, data_dict)


@tk.chained_action
def package_create_default_resource_views(up_func: Action, context: Context, data_dict: dict[str, Any]) -> Any:
    """Look for a dataset's views only if there is one to be made.

    CKAN reads the views that each file has before it asks whether any plugin shows such a file: of an import, 8 % of its time.
    """
    tk.check_access("package_create_default_resource_views", context, data_dict)
    package = tk.get_or_bust(data_dict, "package")
    views = datapreview.get_default_view_plugins(tk.asbool(data_dict.get("create_datastore_views", False)))
    files = ({"resource": resource, "package": package} for resource in package.get("resources", []))
    return up_func(context, data_dict) if any(view.can_view(file) for file in files for view in views) else []


def _refuse_what_has_no_end(data_dict: dict[str, Any]) -> None:
    if (data_dict.get("type") or "dataset") == "dataset" and (found := exceeded(data_dict)):
        errors: Any = {_SAID_AT.get(name, name): said for name, said in found.items()}
        raise tk.ValidationError(errors)
