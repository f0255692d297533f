"""What rooms raise alarms for, from the figures that they tell of themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from ckanext.edomex.adapters import figures
from ckanext.edomex.shield.domain.findings import Finding

#: Room → its alarm → the finding, and what is told of the room's state with it.
ALARMS: Mapping[str, Mapping[str, tuple[str, str]]] = MappingProxyType({
    # A walk along the chain is `ckan edomex audit verify`.
    "audit": {"broken": ("audit_broken", "{faults}; {verified_at}"), "unsealed": ("audit_unsealed", "{unsealed}; {oldest_s:.0f} s")},
    # Whether the mail server answers is asked by `ckan edomex notices send-test`.
    "sources": {"sources_unread": ("sources_unread", "{unread}"), "sources_held": ("sources_held", "{held}")},
    "letters": {"letters_old": ("letters_old", "{waiting}; {oldest_s:.0f} s"), "letters_dead": ("letters_dead", "{dead}")},
})


def look() -> Iterator[Finding]:
    """A finding for each alarm that a room raises."""
    for room, findings in ALARMS.items():
        status = figures.known()[room].status() if room in figures.known() else {"alarms": []}
        for alarm, (code, seen) in findings.items():
            if alarm in status["alarms"]:
                yield Finding(code=code, seen=seen.format(**status))
