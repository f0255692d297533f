"""`edomex_audit`: wiring only."""

from __future__ import annotations

from typing import Any

import ckan.plugins as p
from ckan.plugins import toolkit as tk

from ckanext.edomex.adapters import duties, figures
from ckanext.edomex.adapters.callers import call_as_site
from ckanext.edomex.audit.jobs import sealer
from ckanext.edomex.audit.logic import action

FIGURES = figures.Figures(
    room="audit", status=lambda: call_as_site("edomex_audit_status"),
    gauges={
        "sealed": "Steps with a folio", "unsealed": "Steps that have waited too long for theirs",
        "oldest_s": "Seconds that the oldest of them waits", "faults": "Faults that the last verification found",
    },
)  # fmt: skip


def _actions() -> dict[str, Any]:
    return {name: function for name, function in vars(action).items() if name.startswith("edomex_")}


@tk.blanket.actions(_actions)
@tk.blanket.auth_functions
@tk.blanket.blueprints
@tk.blanket.cli
@tk.blanket.config_declarations
@tk.blanket.helpers
class AuditPlugin(p.IConfigurer, p.SingletonPlugin):
    """Seals what other rooms wrote down, and gives each step its folio."""

    def update_config(self, config: Any) -> None:
        """Pages of this room, and what loops do for it."""
        tk.add_template_directory(config, "templates")
        duties.register(sealer.DUTY)
        figures.register(FIGURES)
