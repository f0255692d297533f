"""Counters of attempts, in Valkey. An attempt is counted before it is looked at, so a hundred at once gain nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from ckan.lib.redis import connect_to_redis
from redis import RedisError

from ckanext.edomex.shield.domain.brake import FORGET_S, KNOWN_S, Counter, wait_s

_COUNT, _GATE, _KNOWN = "edomex:brake:count:", "edomex:brake:gate:", "edomex:brake:known:"


class BrakeError(Exception):
    """Valkey did not answer; its name says why."""


def take(counters: Iterable[Counter]) -> int:
    """Count one attempt; returns 0 if it may be made, else the seconds to wait. What has to wait is not counted.

    BrakeError if nobody can tell: the caller has to refuse, for without counting anybody could guess for ever.
    """
    wanted = list(counters)
    try:
        connection = connect_to_redis()
        waits = [connection.pttl(_GATE + _hidden(counter.name)) for counter in wanted]
        longest = max(-(-wait // 1000) for wait in waits)
        if longest > 0:
            return longest
        return max(_pass(counter) for counter in wanted)
    except RedisError as error:
        raise BrakeError(type(error).__name__) from error


def _pass(counter: Counter) -> int:
    """Take one counter's next place; of several at once that have to wait for one another, one passes."""
    connection, name = connect_to_redis(), _hidden(counter.name)
    with connection.pipeline() as steps:
        steps.incr(_COUNT + name)
        steps.expire(_COUNT + name, FORGET_S + counter.rule.longest_s)
        attempt = steps.execute()[0]
    wait = wait_s(attempt, counter.rule)
    if wait == 0 or connection.set(_GATE + name, "1", ex=wait, nx=True):
        return 0
    return wait


def forget(counters: Iterable[Counter]) -> None:
    """What was counted does not matter any more: somebody proved who they are."""
    names = [prefix + _hidden(counter.name) for counter in counters for prefix in (_COUNT, _GATE)]
    try:
        connect_to_redis().delete(*names)
    except RedisError as error:
        raise BrakeError(type(error).__name__) from error


def give_back(counters: Iterable[Counter]) -> None:
    """Take one attempt off: it was no guess. An office that shares an address may log in as often as it likes."""
    try:
        for counter in counters:
            connect_to_redis().decr(_COUNT + _hidden(counter.name))
    except RedisError as error:
        raise BrakeError(type(error).__name__) from error


def know(account: str, address: str) -> None:
    """Remember that this account has logged in from this address."""
    try:
        connect_to_redis().set(_KNOWN + _hidden(f"{account}@{address}"), "1", ex=KNOWN_S)
    except RedisError as error:
        raise BrakeError(type(error).__name__) from error


def knows(account: str, address: str) -> bool:
    """Whether this account has logged in from this address."""
    try:
        return bool(connect_to_redis().exists(_KNOWN + _hidden(f"{account}@{address}")))
    except RedisError as error:
        raise BrakeError(type(error).__name__) from error


def _hidden(name: str) -> str:
    """Names and addresses are nobody's business who reads the store."""
    return hashlib.sha256(name.encode()).hexdigest()[:40]
