"""Tables of inventories and plans, and the queries that more than one action needs.

They have no foreign key into CKAN's metadata: CKAN's tests delete whatever they find there (docs/adr/0004-own-tables.md).
"""

from ckanext.edomex.planning.model.queries import documents_of, hold, item_named, items_of, lines_of, plan_of
from ckanext.edomex.planning.model.tables import Base, Document, Event, Item, Line, Plan, new_id

__all__ = [
    "Base", "Document", "Event", "Item", "Line", "Plan", "documents_of", "hold", "item_named", "items_of", "lines_of", "new_id",
    "plan_of",
]
