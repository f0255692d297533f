"""A document's statements by their subject, on disk: a catalogue of any size takes the same memory."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from typing import Self

from ckanext.edomex.adapters.rdf import Statement
from ckanext.edomex.federation.domain.dcat import DATASET, TYPE, Saying

HYDRA = "http://www.w3.org/ns/hydra/core#"
#: Kibibytes of the database that stay in memory.
_CACHE = 16_384
#: Statements about one node that are looked at: more than any dataset has files.
MOST_OF_A_NODE = 10_000
#: Nodes that are kept as they were found, each of so few statements: agencies, themes and licences that every dataset leads to.
#: A catalogue that is made of its datasets says all of them again for each.
KEPT, FEW = 500, 20


class Shelf:
    """One document: fill it once, then look. Use it in a `with`."""

    def __init__(self) -> None:
        # Without a name: a file of its own that goes away with the connection.
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.execute(f"PRAGMA cache_size = -{_CACHE}")
        self._database.execute("PRAGMA journal_mode = OFF")
        self._database.execute("PRAGMA synchronous = OFF")
        self._database.execute("CREATE TABLE said (subject TEXT, predicate TEXT, kind TEXT, value TEXT, language TEXT)")
        #: Datasets in the document's order, and what it says in Hydra's words.
        self.datasets: list[str] = []
        self.hydra: list[tuple[str, str, str]] = []
        self._kept: dict[str, list[Saying]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._database.close()

    def fill(self, statements: Iterable[Statement]) -> None:
        """Put a document's statements in; errors of whoever reads it pass through."""
        self._database.execute("BEGIN")
        self._database.executemany("INSERT INTO said VALUES (?, ?, ?, ?, ?)", self._noted(statements))
        self._database.execute("CREATE INDEX by_subject ON said (subject)")
        self._database.execute("COMMIT")
        self.datasets = list(dict.fromkeys(self.datasets))

    def look(self, node: str) -> list[Saying]:
        """What is said of a node, in the document's order, each once."""
        if node in self._kept:
            return self._kept[node]
        query = "SELECT predicate, kind, value, language FROM said WHERE subject = ? ORDER BY rowid LIMIT ?"
        rows = dict.fromkeys(self._database.execute(query, (node, MOST_OF_A_NODE)))
        found: list[Saying] = [(predicate, (kind, value, language)) for predicate, kind, value, language in rows]
        if len(found) <= FEW:
            if len(self._kept) >= KEPT:
                self._kept.clear()
            self._kept[node] = found
        return found

    def _noted(self, statements: Iterable[Statement]) -> Iterator[tuple[str, str, str, str, str]]:
        for subject, predicate, node in statements:
            if predicate == TYPE and node.value == DATASET:
                self.datasets.append(subject)
            elif predicate.startswith(HYDRA):
                self.hydra.append((subject, predicate, node.value))
            yield subject, predicate, node.kind, _storable(node.value), node.language


def _storable(text: str) -> str:
    """Half a character, which a hostile document can hold, is none to SQLite."""
    return text.encode("utf-8", "replace").decode()
