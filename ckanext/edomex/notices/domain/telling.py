"""From a happening to who is told of it, and how: one notice for each person, in the most urgent way that the table knows for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ckanext.edomex.notices.domain.kinds import KINDS, URGENCY, Delivery
from ckanext.edomex.notices.domain.people import MAILTO, As, Standing

People = Mapping[As, frozenset[str]]


@dataclass(frozen=True, kw_only=True)
class Happening:
    """Something that people have to know of."""

    kind: str
    #: Its own for each happening: nobody is told twice of one.
    key: str
    agency_id: str | None
    #: Ids and instants, never content: `{release, dataset, plan, moment}`.
    facts: Mapping[str, Any]
    #: Accounts that are concerned by name: who sent it, who approved it.
    named: People = field(default_factory=dict[As, frozenset[str]])
    #: Who did it, and so need not be told.
    actor: str | None = None


def told(
    happening: Happening, people: People, standings: Mapping[str, Standing], chosen: Mapping[tuple[str, str], Delivery]
) -> dict[str, Delivery]:
    """Recipient → how they are told of a happening.

    Args:
        happening: what happened.
        people: as what → accounts, or operators' addresses.
        standings: account → what it may know. Whoever is not there is told nothing.
        chosen: account and topic → what they chose.
    """
    kind = KINDS[happening.kind]
    found: dict[str, Delivery] = {}
    for who, default in kind.concerned.items():
        for recipient in people.get(who, frozenset()):
            if recipient == happening.actor or not _may_know(recipient, standings, happening.agency_id):
                continue
            how = default if kind.fixed else chosen.get((recipient, kind.topic), default)
            found[recipient] = min(how, found.get(recipient, how), key=URGENCY.index)
    return found


def _may_know(recipient: str, standings: Mapping[str, Standing], agency_id: str | None) -> bool:
    return recipient.startswith(MAILTO) or (recipient in standings and standings[recipient].may_know(agency_id))
