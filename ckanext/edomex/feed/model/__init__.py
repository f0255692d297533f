"""Tables and queries of the feed."""

from ckanext.edomex.feed.model.fragments import (
    bodies,
    contents,
    ids_of_agency,
    listed,
    public_dataset,
    public_datasets,
    public_some,
    store,
    sweep,
)
from ckanext.edomex.feed.model.tables import Base, Change, Entry, Fragment, Run

__all__ = [
    "Base", "Change", "Entry", "Fragment", "Run", "bodies", "contents", "ids_of_agency", "listed", "public_dataset", "public_datasets",
    "public_some", "store", "sweep",
]  # fmt: skip
