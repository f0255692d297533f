"""The portal's door: what every request and every answer passes. Each module adds its own to one blueprint."""

from __future__ import annotations

from flask import Flask

from ckanext.edomex.shield.views import accounts, brake, door, headers, second_factor, sessions  # noqa: F401  # some only register pages
from ckanext.edomex.shield.views.frame import shield

# CKAN takes every name of this list for a blueprint.
__all__ = ["shield"]

# In this order: nothing reads a form before its size is known.
for check in (door.measure, door.ask_where_it_comes_from, door.close_what_fails, brake.before_letter):
    shield.before_app_request(check)


def install(app: Flask) -> None:
    """Take the place of CKAN's own rules in an application that is otherwise complete."""
    app.session_interface = sessions.StaffSessions()
    sessions.watch(brake.after_log_in)
    door.install(app)
    headers.install(app)
