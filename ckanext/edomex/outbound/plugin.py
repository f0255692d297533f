"""`edomex_outbound`: wiring only."""

from __future__ import annotations

from typing import Any

import ckan.plugins as p
from ckan.plugins import toolkit as tk

from ckanext.edomex.adapters import duties, figures, outbox
from ckanext.edomex.outbound.jobs import following, syncing
from ckanext.edomex.outbound.logic import bundles, comparing, copies, targets

FIGURES = figures.Figures(
    room="targets", status=targets.figures,
    gauges={"enabled": "Other portals that are kept in step", "alarmed": "Those that need a person"},
)  # fmt: skip


def _actions() -> dict[str, Any]:
    modules = (targets, copies, comparing, bundles)
    return {name: function for module in modules for name, function in vars(module).items() if name.startswith("edomex_")}


@tk.blanket.actions(_actions)
@tk.blanket.auth_functions
@tk.blanket.blueprints
@tk.blanket.cli
@tk.blanket.config_declarations
@tk.blanket.helpers
class OutboundPlugin(p.IConfigurer, p.SingletonPlugin):
    """Copies of public datasets at other portals, in step with this one."""

    def update_config(self, config: Any) -> None:
        """Pages of this room, what it hears, and what loops do for it."""
        tk.add_template_directory(config, "templates")
        outbox.register(following.FOLLOW_UP)
        duties.register(syncing.DUTY)
        figures.register(FIGURES)
