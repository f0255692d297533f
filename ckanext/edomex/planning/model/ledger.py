"""The history of inventories and plans, as the audit seals and shows it."""

from __future__ import annotations

from types import MappingProxyType

from ckanext.edomex.adapters.ledgers import As, Ledger
from ckanext.edomex.planning.domain.plan import EVENT_NAMES

LEDGER = Ledger(
    name="planning",
    title="Inventario y plan",
    table="edomex_planning_event",
    forms=(
        MappingProxyType({
            "id": As.NUMBER, "subject_id": As.TEXT, "kind": As.TEXT, "agency_id": As.TEXT, "move": As.TEXT, "version": As.NUMBER,
            "changes": As.JSON, "reason": As.TEXT, "actor": As.TEXT, "at": As.INSTANT,
        }),
    ),
    joins="""
        LEFT JOIN edomex_planning_line l ON e.kind = 'line' AND l.id = e.subject_id
        LEFT JOIN edomex_planning_plan q ON q.id = CASE e.kind WHEN 'plan' THEN e.subject_id ELSE l.plan_id END
        LEFT JOIN edomex_planning_item i ON i.id = CASE e.kind WHEN 'item' THEN e.subject_id ELSE l.item_id END
    """,
    agency="e.agency_id",
    subject="e.subject_id",
    path="COALESCE('/autoservicio/plan/' || q.id, '/autoservicio/inventario/renglon/' || i.id)",
    # Whoever may read the log of an agency may read its inventory too. What was deleted keeps its name in its event.
    called="concat_ws(' · ', 'Plan de apertura ' || q.year, COALESCE(i.name, e.changes -> 'name' ->> 0, e.changes -> 'name' ->> 1))",
    content="e.changes -> 'content_sha256' ->> 1",
    moves=EVENT_NAMES,
)  # fmt: skip
