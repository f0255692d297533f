"""`edomex`: schemas, theme and what all rooms need. No table, no job."""

from __future__ import annotations

from typing import Any

import ckan.plugins as p
from ckan.lib import webassets_tools
from ckan.plugins import toolkit as tk
from ckan.types import Context

from ckanext.edomex import validators
from ckanext.edomex.adapters import loader, pictures, storage
from ckanext.edomex.adapters.assets import OncePerProcess
from ckanext.edomex.adapters.themes import file_under
from ckanext.edomex.adapters.vocabularies import licence_register
from ckanext.edomex.logic import action, catalogue, schemas


def _actions() -> dict[str, Any]:
    loader = {"xloader_submit": action.xloader_submit} if p.plugin_loaded("xloader") else {}
    own = (
        schemas.edomex_dataset_check, schemas.edomex_vocabulary_list, schemas.edomex_vocabulary_show,
        catalogue.edomex_catalogue_import, catalogue.edomex_catalogue_rows,
    )  # fmt: skip
    stock = (
        action.package_create, action.package_update, action.package_patch, action.package_show,
        action.package_create_default_resource_views,
    )  # fmt: skip
    return {**loader, **{function.__name__: function for function in stock}, **{function.__name__: function for function in own}}


def _validators() -> dict[str, Any]:
    return {name: function for name, function in vars(validators).items() if name.startswith("edomex_")}


@tk.blanket.actions(_actions)
@tk.blanket.auth_functions
@tk.blanket.blueprints
@tk.blanket.cli
@tk.blanket.config_declarations
@tk.blanket.helpers
@tk.blanket.validators(_validators)
class EdomexPlugin(p.IConfigurable, p.IConfigurer, p.IPackageController, p.IUploader, p.SingletonPlugin):
    """The portal's face, its files, its datasets' themes."""

    def update_config(self, config: Any) -> None:
        """Templates, styles and the closed list of licences."""
        tk.add_template_directory(config, "templates")
        tk.add_public_directory(config, "public")
        tk.add_resource("assets", "edomex")
        if not config.get("debug"):
            webassets_tools.env.updater = OncePerProcess()
        storage.declare(config)
        # No picture from elsewhere: it would tell another company who reads what.
        config["ckan.gravatar_default"] = "disabled"
        config["licenses_group_url"] = f"file://{licence_register()}"

    def configure(self, config: Any) -> None:
        """Mend the loader of tables."""
        if p.plugin_loaded("xloader"):
            loader.keep_its_word()

    def after_dataset_create(self, context: Context, pkg_dict: dict[str, Any]) -> None:
        """File the dataset under its themes within CKAN's transaction, before it indexes."""
        if pkg_dict.get("groups") is not None and pkg_dict.get("type") == "dataset":
            file_under(pkg_dict["id"], pkg_dict["groups"])

    def after_dataset_update(self, context: Context, pkg_dict: dict[str, Any]) -> None:
        """As `after_dataset_create`; a change of nothing but themes is no change to CKAN, see `logic/action.py`."""
        if pkg_dict.get("groups") is not None and not context.get("ignore_auth") and pkg_dict.get("type", "dataset") == "dataset":
            file_under(pkg_dict["id"], pkg_dict["groups"])

    def get_resource_uploader(self, data_dict: dict[str, Any]) -> Any:
        """Files are kept by their hash."""
        return storage.uploader(data_dict)

    def get_uploader(self, upload_to: str, old_filename: str | None = None) -> Any:
        """Logos and avatars are drawn anew."""
        return pictures.uploader(upload_to, old_filename)
