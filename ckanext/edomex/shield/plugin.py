"""`edomex_shield`: wiring only."""

from __future__ import annotations

import configparser
import inspect
from typing import Any

import ckan.plugins as p
from ckan.plugins import toolkit as tk

from ckanext.edomex.shield.config import harden
from ckanext.edomex.shield.logic import action, caching, refusals, stock_faults


def _actions() -> dict[str, Any]:
    absent = () if p.plugin_loaded("activity") else {function.__name__ for function in action.OF_ACTIVITY}
    own = {name: value for name, value in vars(action).items() if inspect.isfunction(value) and hasattr(value, "chained_action")}
    return {**{name: function for name, function in own.items() if name not in absent}, **stock_faults.chained()}


@tk.blanket.actions(_actions)
@tk.blanket.auth_functions
@tk.blanket.blueprints
@tk.blanket.helpers
class ShieldPlugin(p.IConfigurer, p.IMiddleware, p.SingletonPlugin):
    """No light before the release, no stranger inside."""

    def update_config(self, config: Any) -> None:
        """Close what the operator left at CKAN's defaults."""
        harden(config, _written(config.get("__file__")))

    def make_middleware(self, app: Any, config: Any) -> Any:
        """What every answer passes. Added after all blueprints, it runs before what they add: a tombstone finds its 404."""
        app.after_request(refusals.one_answer)
        # The first of the list runs last: after CKAN has said how long its answer may be kept.
        app.after_request_funcs.setdefault(None, []).insert(0, caching.bound)
        app.register_error_handler(tk.NotAuthorized, refusals.forbidden)
        return app


def _written(path: str | None) -> dict[str, str]:
    """What the operator's file says, defaults left out."""
    parser = configparser.RawConfigParser(strict=False)
    parser.read(path or [])
    return dict(parser["app:main"]) if parser.has_section("app:main") else {}
