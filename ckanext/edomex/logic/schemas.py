"""What is asked of a dataset, and what the vocabularies say: read by forms, programs and the check-list."""

from __future__ import annotations

from typing import Any

from ckan import model
from ckan.plugins import toolkit as tk
from ckan.types import Context

from ckanext.edomex.adapters import packages
from ckanext.edomex.adapters.answers import told
from ckanext.edomex.adapters.vocabularies import mapping, vocabulary
from ckanext.edomex.domain.stages import Asked, Gap, Stage, asked, missing
from ckanext.edomex.domain.vocabularies import SPECS

Data = dict[str, Any]


@tk.side_effect_free
def edomex_dataset_check(context: Context, data_dict: Data) -> Data:
    """All that a dataset lacks, or has wrong, at a stage: field by field, in Spanish.

    :param dataset_id: id or name of the dataset
    :param stage: `documentation`, `ready` or `published` (optional, `ready`)
    :returns: `{ready, missing: [{field, message}], wrong: [{field, message}]}`
    """
    package_id, stage = tk.get_or_bust(data_dict, "dataset_id"), data_dict.get("stage") or Stage.READY
    if stage not in set(Stage):
        raise tk.ValidationError({"stage": [f"Elija una etapa: {', '.join(Stage)}."]})
    ignore = context.get("ignore_auth", False)
    who = Context(user=context.get("user", ""), auth_user_obj=context.get("auth_user_obj"), ignore_auth=ignore)
    # What the caller may not see does not exist for them; what they may see and do not work on is refused.
    package_id = tk.get_action("package_show")(who, {"id": package_id})["id"]
    tk.check_access("edomex_dataset_check", context, {"dataset_id": package_id})
    dataset = packages.shown(package_id)
    gaps, wrong = missing(_with_conditions(dataset), *fields_asked(), Stage(stage)), _wrong(dataset)
    found = {"missing": [gap.as_dict() for gap in gaps], "wrong": [gap.as_dict() for gap in wrong]}
    return {"ready": not gaps and not wrong, **found}


@tk.side_effect_free
def edomex_vocabulary_list(context: Context, data_dict: Data) -> list[Data]:
    """The vocabularies of the portal.

    :returns: list of `{name, title, count}`
    """
    tk.check_access("edomex_vocabulary_list", context, data_dict)
    return [{"name": name, "title": spec.title, "count": len(vocabulary(name))} for name, spec in SPECS.items()]


@tk.side_effect_free
def edomex_vocabulary_show(context: Context, data_dict: Data) -> Data:
    """One vocabulary, with its labels and what its codes are called elsewhere.

    :param name: as `edomex_vocabulary_list` gives it
    :returns: `{name, title, key, label, rows}`
    """
    tk.check_access("edomex_vocabulary_show", context, data_dict)
    name = tk.get_or_bust(data_dict, "name")
    if name not in SPECS:
        raise tk.ObjectNotFound("No existe ese vocabulario.")
    spec = SPECS[name]
    return {"name": name, "title": spec.title, "key": spec.key, "label": spec.label, "rows": list(vocabulary(name))}


def fields_asked() -> tuple[list[Asked], list[Asked]]:
    """Fields that are asked of a dataset, and of each of its resources."""
    schema = tk.h.scheming_get_dataset_schema("dataset")
    return asked(schema["dataset_fields"]), asked(schema["resource_fields"])


def _with_conditions(dataset: Data) -> Data:
    levels = mapping("niveles-de-acceso", "needs_ground")
    return {**dataset, "needs_ground": levels.get(dataset.get("access_level") or "") == "yes"}


def _wrong(dataset: Data) -> list[Gap]:
    """What stands there and cannot be so: what the form would refuse today, and what only shows between fields."""
    return [*_refused(dataset), *_mismatched(dataset)]


def _refused(dataset: Data) -> list[Gap]:
    from ckan.lib.plugins import lookup_package_plugin, plugin_validate

    plugin = lookup_package_plugin(dataset["type"])
    package = model.Package.get(dataset["id"])
    context: Any = {"ignore_auth": True, "user": "", "model": model, "session": model.Session, "package": package}
    given = {key: value for key, value in dataset.items() if key not in _NOT_SENT}
    _, errors = plugin_validate(plugin, context, given, plugin.update_package_schema(), "package_update")
    places = ((name if number is None else f"resources-{number}-{name}", message) for number, name, message in told(errors))
    return [Gap(field=field, message=message) for field, message in places if not field.startswith("__")]


#: Keys of a shown dataset that no form sends.
_NOT_SENT = frozenset({
    "organization", "relationships_as_object", "relationships_as_subject", "num_resources", "num_tags", "isopen", "license_title",
    "license_url", "metadata_created", "metadata_modified", "creator_user_id", "tracking_summary", "plugin_data",
})


def _mismatched(dataset: Data) -> list[Gap]:
    level, ground = dataset.get("access_level") or "", dataset.get("access_ground")
    applies = mapping("fundamentos", "applies_to").get(ground or "")
    if level and applies is not None and level not in applies.split():
        return [Gap(field="access_ground", message="Ese fundamento no corresponde al nivel de acceso elegido.")]
    return []
