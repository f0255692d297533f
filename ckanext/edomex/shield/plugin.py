"""`edomex_shield`: wiring only."""

from __future__ import annotations

import configparser
import inspect
from typing import Any

import ckan.plugins as p
from ckan.plugins import toolkit as tk

from ckanext.edomex.adapters import logs
from ckanext.edomex.shield import subscriptions, views
from ckanext.edomex.shield.config import harden
from ckanext.edomex.shield.logic import accounts, action, caching, refusals, second_factor, stock_faults
from ckanext.edomex.shield.logic.parts import Watch
from ckanext.edomex.shield.logic.registry import gather
from ckanext.edomex.shield.logic.start import refuse_if_leaking
from ckanext.edomex.shield.middleware import HealthDoor
from ckanext.edomex.shield.views import brake, sessions

_MODULES = (accounts, second_factor)


def _actions() -> dict[str, Any]:
    absent = () if p.plugin_loaded("activity") else {function.__name__ for function in action.OF_ACTIVITY}
    chained = {
        name: value
        for module in (action, accounts)
        for name, value in vars(module).items()
        if inspect.isfunction(value) and hasattr(value, "chained_action")
    }
    own = {name: value for module in _MODULES for name, value in vars(module).items() if name.startswith("edomex_")}
    known = {**chained, **own, **stock_faults.chained()}
    return {name: function for name, function in known.items() if name not in absent}


@tk.blanket.actions(_actions)
@tk.blanket.auth_functions
@tk.blanket.blueprints
@tk.blanket.cli
@tk.blanket.config_declarations
@tk.blanket.helpers
class ShieldPlugin(p.IAuthenticator, p.IConfigurable, p.IConfigurer, p.IMiddleware, p.INotifier, p.SingletonPlugin):
    """No light before the release, no stranger inside."""

    def update_config(self, config: Any) -> None:
        """Close what the operator left at CKAN's defaults."""
        logs.keep_to_one_line()
        harden(config, _written(config.get("__file__")))
        tk.add_template_directory(config, "templates")

    def make_middleware(self, app: Any, config: Any) -> Any:
        """Stand in CKAN's place at the door, the health door before it, with everything in place before the process serves."""
        views.install(app)
        # Added after all blueprints, it runs before what they add: a tombstone finds its 404.
        app.after_request(refusals.one_answer)
        # The first of the list runs last: after CKAN has said how long its answer may be kept.
        app.after_request_funcs.setdefault(None, []).insert(0, caching.bound)
        app.register_error_handler(tk.NotAuthorized, refusals.forbidden)
        app.wsgi_app = HealthDoor(app.wsgi_app, Watch())
        gather()
        return app

    def make_error_log_middleware(self, app: Any, config: Any) -> Any:
        """Nothing."""
        return app

    def notify_recipient(  # noqa: PLR0913, PLR0917  # CKAN's signature
        self,
        already_notified: bool,  # noqa: FBT001
        recipient_name: str,
        recipient_email: str,
        subject: str,
        body: str,
        body_html: str | None = None,
        headers: dict[str, Any] | None = None,
        attachments: Any = None,
    ) -> bool:
        """CKAN's letters, by our mailer."""
        return already_notified or subscriptions.deliver(recipient_email, subject, body, body_html, headers, attachments)

    def authenticate(self, identity: dict[str, Any]) -> None:
        """Hold back who guesses; CKAN looks at the password."""
        brake.before_password(identity)

    def identify_user(self, user_id: str | None = None) -> Any:
        """A session is nobody's once its owner's account or password is another, or before the second factor."""
        return None if user_id is None else sessions.stand_in(user_id)

    def configure(self, config: Any) -> None:
        """Once every plugin has had its say: a production that leaks does not start."""
        refuse_if_leaking()


def _written(path: str | None) -> dict[str, str]:
    """What the operator's file says, defaults left out."""
    parser = configparser.RawConfigParser(strict=False)
    parser.read(path or [])
    return dict(parser["app:main"]) if parser.has_section("app:main") else {}
