"""`edomex_shield`: wiring only."""

from __future__ import annotations

import configparser
from typing import Any

import ckan.plugins as p
from ckan.plugins import toolkit as tk

from ckanext.edomex.shield.config import harden


@tk.blanket.actions
@tk.blanket.auth_functions
@tk.blanket.blueprints
class ShieldPlugin(p.IConfigurer, p.SingletonPlugin):
    """No light before the release, no stranger inside."""

    def update_config(self, config: Any) -> None:
        """Close what the operator left at CKAN's defaults."""
        harden(config, _written(config.get("__file__")))


def _written(path: str | None) -> dict[str, str]:
    """What the operator's file says, defaults left out."""
    parser = configparser.RawConfigParser(strict=False)
    parser.read(path or [])
    return dict(parser["app:main"]) if parser.has_section("app:main") else {}
