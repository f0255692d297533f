"""An installation's facts, gathered from CKAN once all plugins are loaded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ckan
import ckan.plugins as p
from ckan.plugins import toolkit as tk

from ckanext.edomex.adapters import storage
from ckanext.edomex.shield import config
from ckanext.edomex.shield.domain.configuration import JWT, Facts


def gather() -> Facts:
    """What `domain/configuration.py` judges."""
    options: dict[str, Any] = {key: tk.config[key] for key in tk.config}
    for option in JWT:
        options[option] = _read(str(options.get(option) or ""))
    return Facts(
        options=options,
        plugins=config.plugins(),
        label_plugins=[plugin.name for plugin in p.PluginImplementations(p.IPermissionLabels)],
        forced=config.FORCED,
        defaults=config.DEFAULTS,
        served=[str(folder) for folder in _served()],
        stored=[str(folder) for folder in stored()],
    )


def stored() -> list[Path]:
    """Folders of uploaded files, ours and CKAN's; none of a storage that is not on a disk."""
    blobs = storage.folder()
    return [(Path(config.storage_path()) / "resources").resolve(), *([blobs.resolve()] if blobs else [])]


def _served() -> list[Path]:
    """Folders that CKAN shows to everybody: its own, plugins', the operator's, and that of pictures."""
    extra = [folder.strip() for folder in str(tk.config.get("extra_public_paths") or "").split(",")]
    own = Path(ckan.__file__).parent / str(tk.config["ckan.base_public_folder"])
    pictures = Path(config.storage_path()) / "storage"
    return [Path(folder).resolve() for folder in (*extra, *tk.config.get("plugin_public_paths", []), own, pictures) if str(folder)]


def _read(secret: str) -> str:
    """The secret, also where the option only names its file; a file that is not there is the weakest of secrets."""
    if not secret.startswith("file:"):
        return secret
    path = Path(secret.removeprefix("file:"))
    return f"string:{path.read_text(encoding='utf-8').strip()}" if path.is_file() else "string:?"
