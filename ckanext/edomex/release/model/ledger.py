"""The history of releases, as the audit seals and shows it."""

from __future__ import annotations

from types import MappingProxyType

from ckanext.edomex.adapters.ledgers import As, Ledger
from ckanext.edomex.release.domain.lifecycle import EVENT_NAMES

LEDGER = Ledger(
    name="release",
    title="Publicación",
    table="edomex_release_event",
    forms=(
        MappingProxyType({
            "id": As.NUMBER, "release_id": As.TEXT, "move": As.TEXT, "from_state": As.TEXT, "to_state": As.TEXT, "actor": As.TEXT,
            "at": As.INSTANT, "reason": As.TEXT, "details": As.JSON,
        }),
    ),
    joins="""
        LEFT JOIN edomex_release r ON r.id = e.release_id LEFT JOIN package p ON p.id = r.package_id
        LEFT JOIN edomex_release_version v ON v.release_id = e.release_id AND e.move = 'release'
    """,
    agency="p.owner_org",
    subject="e.release_id",
    path="'/autoservicio/liberacion/' || e.release_id",
    datasets="ARRAY[r.content_id, r.package_id]",
    content="COALESCE(e.details ->> 'content_hash', v.content_hash)",
    moves=EVENT_NAMES,
)  # fmt: skip
