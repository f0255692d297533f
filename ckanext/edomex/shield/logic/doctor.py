"""Look at everything, and say what is wrong: the configuration always, and of the services whatever answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import redis
import requests
from ckan import model
from ckan.lib.search.common import SearchIndexError
from sqlalchemy.exc import DBAPIError

from ckanext.edomex.shield.domain import configuration
from ckanext.edomex.shield.domain.findings import Finding
from ckanext.edomex.shield.logic import facts, parts
from ckanext.edomex.shield.logic.checks import database, engine, files, index, queues, rooms

#: Seconds for one question: the doctor looks at every dataset, and nobody waits for it with a page open.
PATIENCE_S = 30.0


def examine() -> list[Finding]:
    """Every finding, in the order of the checks. A service that is down is one finding, and ends no other check."""
    found = configuration.examine(facts.gather())
    found += files.look()
    for code, failure, look in SERVICES:
        found += _unless_down(code, failure, look)
    return found


def _unless_down(code: str, failure: tuple[type[Exception], ...], look: Callable[[], Iterable[Finding]]) -> Iterator[Finding]:
    try:
        yield from look()
    except failure as error:
        # The text of such an error may hold an address with its password.
        yield Finding(code=code, seen=type(error).__name__)


def _of_database() -> Iterator[Finding]:
    """With migrations missing, the other questions would be asked of tables that are not there."""
    with parts.engine(limit_s=PATIENCE_S).connect() as connection:
        missing = list(database.behind(connection))
        yield from missing
        if not missing:
            yield from database.look(connection)
            yield from engine.look(connection)
            yield from rooms.look()
    model.Session.remove()


def _of_index() -> Iterator[Finding]:
    """A database that is down is reported once, and not as the index's fault."""
    parts.solr()
    try:
        with parts.engine(limit_s=PATIENCE_S).connect() as connection:
            yield from index.look(connection)
    except DBAPIError:
        return


def _of_queues() -> Iterator[Finding]:
    parts.valkey()
    yield from queues.look()


SERVICES: tuple[tuple[str, tuple[type[Exception], ...], Callable[[], Iterable[Finding]]], ...] = (
    ("database_down", (DBAPIError,), _of_database),
    ("index_down", (requests.RequestException, SearchIndexError), _of_index),
    ("queue_down", (redis.RedisError,), _of_queues),
)
