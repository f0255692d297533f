"""CKAN's own code on a connection of ours: whoever commits inside ends a savepoint, and we decide what becomes of all of it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import sqlalchemy as sa
from ckan import model


@contextlib.contextmanager
def session_on(connection: sa.Connection) -> Iterator[None]:
    """CKAN's session of this thread lives on the connection, in whose transaction a savepoint takes the place of its own."""
    model.Session.remove()
    model.Session(bind=connection, join_transaction_mode="create_savepoint")
    try:
        yield
    finally:
        model.Session.remove()
