"""Tables of inventories and plans, and the queries that more than one action needs.

They have no foreign key into CKAN's metadata: CKAN's tests delete whatever they find there (docs/adr/0004-own-tables.md).
"""

from ckanext.edomex.planning.model.queries import hold, item_named, items_of
from ckanext.edomex.planning.model.tables import Base, Event, Item, new_id

__all__ = ["Base", "Event", "Item", "hold", "item_named", "items_of", "new_id"]
