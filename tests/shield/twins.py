"""Every question about the canary, asked a second time about something that does not exist: the answers must not differ."""

from __future__ import annotations

import re
import secrets
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import requests

from tests.shield.asking import Asker, readable
from tests.shield.canary import Canary
from tests.shield.inventory import Inventory
from tests.shield.probes import Probe, every, is_read

#: Parameters by which an action that writes may be told what to write to.
TARGETS = ("dataset", "resource", "view")
WRITTEN = ("id", "package_id", "dataset_id", "resource_id", "resource_view_id", "name")
#: So many questions of one route or action are enough.
MOST = 4
#: What differs from one answer to the next, whatever was asked.
PASSING = (
    re.compile(r'name="_csrf_token"[^>]*'),
    re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[.\d]*(Z|\+00:00)?"),
    re.compile(r"nonce[-=]\S+"),
    # The address of a dataset that is being registered, new at each look.
    re.compile(r'name="name" value="ds-[0-9a-z]{12}"'),
)
#: Headers whose value may tell something; others are of the connection.
HEADERS = ("Content-Type", "Cache-Control", "Location", "Vary", "ETag", "Allow")


@dataclass(frozen=True)
class Pair:
    """A question about the canary, and the same about nothing."""

    real: Probe
    absent: Probe
    names: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Difference:
    """Where the two answers differ."""

    pair: Pair
    real: str
    absent: str

    def __str__(self) -> str:
        return f"{self.pair.real}\n    real   {self.real}\n    absent {self.absent}"


def pairs(canary: Canary, inventory: Inventory) -> list[Pair]:
    """Each question that names the canary's dataset, a resource or a view."""
    twins = absent_names(canary)
    asked = [*every(inventory, canary.values), *writes(canary, inventory)]
    found = [probe for probe in asked if any(name in str(probe) for name in twins)]
    counts: Counter[str] = Counter()
    chosen = [probe for probe in found if counts.update([probe.owner]) or counts[probe.owner] <= MOST]
    return [Pair(probe, swapped(probe, twins), tuple(twins.items())) for probe in chosen]


def absent_names(canary: Canary) -> dict[str, str]:
    """For each name of the canary one of the same shape that nothing has."""
    values = canary.values
    ids = [*values["dataset"], *values["resource"], *values.get("view", ())]
    return {name: str(uuid.uuid4()) if is_uuid(name) else f"ds-{secrets.token_hex(6)}" for name in ids}


def writes(canary: Canary, inventory: Inventory) -> Iterator[Probe]:
    """Actions that write, asked by those who may not: existence must not show in how they are refused."""
    for action in inventory.actions:
        if is_read(action):
            continue
        for kind in TARGETS:
            for value in canary.values.get(kind, ())[:1]:
                yield Probe(action.name, "POST", f"/api/3/action/{action.name}", dict.fromkeys(WRITTEN, value))


def swapped(probe: Probe, names: Mapping[str, str]) -> Probe:
    """The probe with every name replaced."""

    def swap(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: swap(each) for key, each in value.items()}
        if isinstance(value, list):
            return [swap(each) for each in value]
        if not isinstance(value, str):
            return value
        for name, other in names.items():
            value = value.replace(name, other)
        return value

    return replace(probe, path=swap(probe.path), body=swap(probe.body), headers=swap(probe.headers))


def differences(asker: Asker, asked: Iterable[Pair], again: int = 2) -> list[Difference]:
    """Ask both of each pair; what is the same is left out. What differs is asked again: the portal lives on meanwhile."""
    found = once(asker, list(asked))
    while found and again:
        found, again = once(asker, [each.pair for each in found]), again - 1
    return found


def once(asker: Asker, asked: list[Pair]) -> list[Difference]:
    """One round of questions."""
    real = asker.answers([pair.real for pair in asked])
    absent = asker.answers([pair.absent for pair in asked])
    compared = [
        (pair, essence(one, dict(pair.names)), essence(other, {value: value for _, value in pair.names}))
        for pair, one, other in zip(asked, real, absent, strict=True)
    ]
    return [Difference(pair, *apart(one, other)) for pair, one, other in compared if one != other]


def essence(answer: requests.Response, names: Mapping[str, str]) -> str:
    """Status, telling headers and body, with what was asked for replaced by its twin."""
    # A document that repeats the question, as a catalogue does in its own address, has that in its tag too; its text is compared.
    repeats = any(name in answer.text for name in names)
    headers = "\n".join(f"{name}: {answer.headers.get(name, '')}" for name in HEADERS if not (repeats and name == "ETag"))
    text = readable(f"{answer.status_code}\n{headers}\n\n{answer.text}")
    for name, other in names.items():
        text = text.replace(name, other)
    for pattern in PASSING:
        text = pattern.sub("…", text)
    return text


def apart(one: str, other: str) -> tuple[str, str]:
    """The first line in which two texts differ, with their statuses."""
    first, second = one.splitlines(), other.splitlines()
    for left, right in zip(first, second, strict=False):
        if left != right:
            return f"{first[0]} {left.strip()[:200]}", f"{second[0]} {right.strip()[:200]}"
    return f"{first[0]}, {len(first)} lines", f"{second[0]}, {len(second)} lines"


def is_uuid(name: str) -> bool:
    """Whether it is an id."""
    return bool(re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", name))
