"""A CKAN site under gunicorn: its application, and gunicorn's own settings."""

from __future__ import annotations

import os
from typing import Any

loglevel = "warning"
timeout = 120
graceful_timeout = 5
# Threads hide slow clients and the loop-back calls that xloader makes to its own site.
worker_class = "gthread"
threads = 4
# Longer than a client keeps a connection that it does not use: a request that meets the door as we close it is lost.
keepalive = 75
preload_app = True


def post_fork(server: Any, worker: Any) -> None:
    """Give each worker database connections of its own: on a forked one, two workers read each other's answers."""
    from ckan import model
    from ckanext.datastore.backend import postgres

    model.Session.remove()
    for engine in (model.meta.engine, *postgres._engines.values()):
        if engine is not None:
            engine.dispose(close=False)


def __getattr__(name: str) -> Any:
    """Build the application when gunicorn asks for it, not when it reads the settings above."""
    if name != "application":
        raise AttributeError(name)
    from ckan.cli import CKANConfigLoader
    from ckan.config.middleware import make_app

    return make_app(CKANConfigLoader(os.environ["CKAN_INI"]).get_config())
