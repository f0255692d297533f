"""What the portal that runs offers to programs, as a document that their tools read."""

from __future__ import annotations

import inspect
from importlib.metadata import version
from typing import Any

import ckan.plugins as p
from ckan.plugins import toolkit as tk

from ckanext.edomex.domain import openapi

OURS = "edomex_"


def openapi_document() -> dict[str, Any]:
    """Our actions, those of every room that is loaded, by name."""
    names = {name for plugin in p.PluginImplementations(p.IActions) for name in plugin.get_actions() if name.startswith(OURS)}
    title, server = (str(tk.config[f"ckan.site_{word}"]).rstrip("/") for word in ("title", "url"))
    return openapi.document(map(_described, sorted(names)), title=title, server=server, version=version("ckanext-edomex"))


def _described(name: str) -> openapi.Description:
    action: Any = tk.get_action(name)
    return openapi.description(name, inspect.getdoc(action) or name, reads=bool(getattr(action, "side_effect_free", False)))
