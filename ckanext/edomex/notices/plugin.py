"""`edomex_notices`: wiring only."""

from __future__ import annotations

from typing import Any

import ckan.plugins as p
from ckan.plugins import toolkit as tk

from ckanext.edomex.adapters import duties, figures, outbox, signals
from ckanext.edomex.adapters.callers import call_as_site
from ckanext.edomex.notices import subscriptions
from ckanext.edomex.notices.jobs import daily, happenings, sender
from ckanext.edomex.notices.logic import action, letters

FIGURES = figures.Figures(
    room="letters", status=lambda: call_as_site("edomex_notice_status"),
    gauges={
        "waiting": "Letters that the mail server has not taken", "oldest_s": "Seconds that the oldest of them waits",
        "dead": "Letters that were given up",
    },
)  # fmt: skip


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
        figures.register(FIGURES)

    def get_signal_subscriptions(self) -> Any:
        """What other rooms tell: of plans, observations and sources."""
        return {
            signals.PLAN_MOVED: [subscriptions.plan_moved],
            signals.OBSERVATION_ANSWERED: [subscriptions.observation_answered],
            signals.SOURCE_MOVED: [subscriptions.source_moved],
        }
