"""Sessions, kept in Valkey so that they can be ended: by their owner, by an administrator, by time.

Only a hash of the cookie is a key there: who reads the store, or a copy of it, cannot take a session over.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Callable
from typing import Any

from ckan.lib.redis import connect_to_redis
from flask.json.tag import TaggedJSONSerializer
from redis import RedisError

from ckanext.edomex.shield.config import Limits

_RECORD, _INDEX = "edomex:session:", "edomex:sessions-of:"
#: Marks and dates of CKAN's flash messages survive it.
_serializer = TaggedJSONSerializer()


class StoreError(Exception):
    """Valkey did not answer; its name says why."""


def new_id() -> str:
    """What a cookie holds."""
    return secrets.token_urlsafe(32)


def read(session_id: str, limits: Limits) -> dict[str, Any] | None:
    """A session's content, kept alive by being read; nothing if it is over. StoreError if nobody can tell."""
    found = _answered(lambda: connect_to_redis().getex(_key(session_id), ex=limits.idle))
    if not found:
        return None
    content = _serializer.loads(found)
    if time.time() - content.get("_born", 0) > limits.life:
        end(session_id)
        return None
    return content


def write(session_id: str, content: dict[str, Any], limits: Limits, *, known: bool) -> None:
    """Keep a session. One that was `known` and has been ended meanwhile stays ended."""
    text = _serializer.dumps(content)
    _answered(lambda: connect_to_redis().set(_key(session_id), text, ex=limits.idle, xx=known))


def end(session_id: str) -> None:
    """Forget one session."""
    _answered(lambda: connect_to_redis().delete(_key(session_id)))


def note(user_id: str, session_id: str, limits: Limits) -> None:
    """Remember that this session is this person's, so that all of theirs can be found."""

    def write_down() -> None:
        with connect_to_redis().pipeline() as steps:
            steps.zadd(_INDEX + user_id, {_key(session_id): time.time()})
            steps.zremrangebyscore(_INDEX + user_id, 0, time.time() - limits.life)
            steps.expire(_INDEX + user_id, limits.life)
            steps.execute()

    _answered(write_down)


def end_all(user_id: str) -> int:
    """End every session of a person; returns how many there were."""

    def forget() -> int:
        connection = connect_to_redis()
        keys: Any = connection.zrange(_INDEX + user_id, 0, -1)
        ended = connection.delete(*keys) if keys else 0
        connection.delete(_INDEX + user_id)
        return int(ended)

    return _answered(forget)


def _key(session_id: str) -> str:
    return _RECORD + hashlib.sha256(session_id.encode()).hexdigest()


def _answered(call: Callable[[], Any]) -> Any:
    try:
        return call()
    except RedisError as error:
        raise StoreError(type(error).__name__) from error
