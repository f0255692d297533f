"""`edomex`: schemas, theme and what all rooms need. No table, no job."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ckan.plugins as p
from ckan.plugins import toolkit as tk

from ckanext.edomex.adapters.file_hash import record_hash
from ckanext.edomex.logic import action

HERE = Path(__file__).parent


def _actions() -> dict[str, Any]:
    return {"xloader_submit": action.xloader_submit} if p.plugin_loaded("xloader") else {}


@tk.blanket.actions(_actions)
@tk.blanket.helpers
class EdomexPlugin(p.IConfigurer, p.IUploader, p.SingletonPlugin):
    """The portal's face and its files' hashes."""

    def update_config(self, config: Any) -> None:
        """Templates, styles and the closed list of licences."""
        tk.add_template_directory(config, "templates")
        tk.add_public_directory(config, "public")
        tk.add_resource("assets", "edomex")
        config["licenses_group_url"] = (HERE / "schemas" / "licenses.json").as_uri()

    def get_resource_uploader(self, data_dict: dict[str, Any]) -> None:
        """Note the file's hash; CKAN's own uploader stores the file."""
        record_hash(data_dict)

    def get_uploader(self, upload_to: str, old_filename: str | None = None) -> None:
        """Logos and avatars are CKAN's business alone."""
