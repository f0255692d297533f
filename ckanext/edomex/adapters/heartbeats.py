"""Signs of life of processes that keep no record of themselves, in the queue's server: a key that expires by itself."""

from __future__ import annotations

import contextlib
import os
import socket
import threading

import redis
from ckan.lib.redis import connect_to_redis
from ckan.plugins import toolkit as tk

#: Seconds between two beats, and after which a process counts as gone.
EVERY_S, EXPIRES_S = 15.0, 90


def start(role: str) -> threading.Event:
    """Beat for as long as this process lives, or until the event is set. Work that takes hours does not stop it."""
    stopping = threading.Event()
    threading.Thread(target=_beat, args=(f"{_prefix(role)}{socket.gethostname()}:{os.getpid()}", stopping), daemon=True).start()
    return stopping


def alive(role: str) -> list[str]:
    """Processes of a role that beat lately, as `host:pid`."""
    found = connect_to_redis().scan_iter(match=f"{_prefix(role)}*", count=1000)
    return sorted(key.decode().removeprefix(_prefix(role)) for key in found)


def _beat(key: str, stopping: threading.Event) -> None:
    while not stopping.is_set():
        # A server that is away gets the next one.
        with contextlib.suppress(redis.RedisError):
            connect_to_redis().set(key, "1", ex=EXPIRES_S)
        stopping.wait(EVERY_S)


def _prefix(role: str) -> str:
    return f"ckan:{tk.config['ckan.site_id']}:edomex:beat:{role}:"
