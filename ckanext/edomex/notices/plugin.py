"""`edomex_notices`: wiring only."""

from __future__ import annotations

from typing import Any

import ckan.plugins as p
from ckan.plugins import toolkit as tk

from ckanext.edomex.adapters import duties, outbox, signals
from ckanext.edomex.notices import subscriptions
from ckanext.edomex.notices.jobs import daily, happenings, sender
from ckanext.edomex.notices.logic import action, letters


def _actions() -> dict[str, Any]:
    return {name: function for module in (action, letters) for name, function in vars(module).items() if name.startswith("edomex_")}


@tk.blanket.actions(_actions)
@tk.blanket.auth_functions
@tk.blanket.blueprints
@tk.blanket.cli
@tk.blanket.config_declarations
@tk.blanket.helpers
class NoticesPlugin(p.IConfigurer, p.ISignal, p.SingletonPlugin):
    """Tells people what concerns them, in the portal and by mail."""

    def update_config(self, config: Any) -> None:
        """Pages of this room, what it hears, and what loops do for it."""
        tk.add_template_directory(config, "templates")
        outbox.register(*happenings.FOLLOW_UPS)
        duties.register(sender.DUTY, daily.DUTY)

    def get_signal_subscriptions(self) -> Any:
        """What planning tells of its plans, and federation of its sources."""
        return {signals.PLAN_MOVED: [subscriptions.plan_moved], signals.SOURCE_MOVED: [subscriptions.source_moved]}
