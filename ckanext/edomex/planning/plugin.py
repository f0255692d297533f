"""`edomex_planning`: wiring only."""

from __future__ import annotations

from typing import Any

import ckan.plugins as p
from ckan.plugins import toolkit as tk

from ckanext.edomex.adapters import ledgers, storage
from ckanext.edomex.planning.logic import due, inventory, plan, plan_out, plan_steps, promised, taking
from ckanext.edomex.planning.model.ledger import LEDGER

_MODULES = (inventory, taking, plan, plan_steps, plan_out, due, promised)


def _actions() -> dict[str, Any]:
    return {name: function for module in _MODULES for name, function in vars(module).items() if name.startswith("edomex_")}


@tk.blanket.actions(_actions)
@tk.blanket.auth_functions
@tk.blanket.blueprints
@tk.blanket.cli
@tk.blanket.helpers
class PlanningPlugin(p.IConfigurer, p.SingletonPlugin):
    """What each agency holds, and when it will open it."""

    def update_config(self, config: Any) -> None:
        """Pages of this room, that its documents are kept, and its history for the audit."""
        tk.add_template_directory(config, "templates")
        storage.refer("SELECT DISTINCT sha256 FROM edomex_planning_document")
        ledgers.register(LEDGER)
