"""Tables of the audit, and how events of other rooms are read and hashed in SQL.

No foreign key leads into CKAN's metadata or into another room's tables (docs/adr/0004-own-tables.md).
"""

from ckanext.edomex.audit.model.events import described, events_of, is_behind, lagging, newest_sealed, of_subject, pages, unsealed
from ckanext.edomex.audit.model.tables import Base, Check, Seal, as_sealed, head, now

__all__ = [
    "Base", "Check", "Seal", "as_sealed", "described", "events_of", "head", "is_behind", "lagging", "newest_sealed", "now",
    "of_subject", "pages", "unsealed",
]
