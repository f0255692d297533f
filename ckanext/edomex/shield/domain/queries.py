"""Which search parameters may come from outside: none that makes Solr speak of documents which the caller does not find.

CKAN filters the documents of an answer by its reader's rights. Counts of terms, functions of the whole index and facets
without a hit know no such filter.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

#: `name asc, other desc`: names alone. `docfreq(text,"word")` in its place tells whether a hidden dataset has the word.
_ORDER = re.compile(r"^\s*[\w.]+(\s+(asc|desc))?(\s*,\s*[\w.]+(\s+(asc|desc))?)*\s*,?\s*$", re.IGNORECASE)
_NAME = re.compile(r"^[\w.*-]+$")
#: Ways into functions and other parsers from within a query.
_MAGIC = re.compile(r"\b_(val|query)_\s*:", re.IGNORECASE)
#: A word's rarity over all documents, hidden ones included, is in every score.
_SCORE = "score"


class QueryError(Exception):
    """A parameter that would look past the caller's rights: its name, and what to write instead."""

    def __init__(self, parameter: str, remedy: str) -> None:
        super().__init__(f"{parameter}: {remedy}")
        self.parameter, self.remedy = parameter, remedy


def narrowed(search: Mapping[str, Any]) -> dict[str, Any]:
    """The search as it may be asked: facets only of what is found. QueryError for what cannot be narrowed."""
    for names, is_wrong, remedy in RULES:
        for name in names:
            if search.get(name) and is_wrong(search[name]):
                raise QueryError(name, remedy)
    kept = dict(search)
    if kept.get("facet.mincount") is not None:
        kept["facet.mincount"] = max(1, _number(kept["facet.mincount"]))
    return kept


def _texts(value: Any) -> list[str]:
    found: list[Any] = list(value) if isinstance(value, list | tuple) else [value or ""]  # type: ignore[reportUnknownArgumentType]  # from outside
    return [str(each) for each in found]


def _words(value: Any) -> list[str]:
    """Names in a list, in one text with commas or spaces, or in a list's text as a query in an address has it."""
    return [word for text in _texts(value) for word in re.split(r"[\s,\[\]\"']+", text) if word]


def _number(value: Any) -> int:
    try:
        return int(value)
    except (TypeError, ValueError):
        raise QueryError("facet.mincount", "escriba un número.") from None


def _is_no_order(value: Any) -> bool:
    return not _ORDER.match(str(value))


def _is_no_name(value: Any) -> bool:
    return not all(_NAME.match(word) for word in _words(value))


def _asks_for_scores(value: Any) -> bool:
    return _SCORE in {word.lower() for word in _words(value)}


def _calls_functions(value: Any) -> bool:
    return any(_MAGIC.search(text) for text in _texts(value))


ONLY_NAMES = "escriba solo nombres de campos."
#: Parameters, what must not be in them, and what to write instead.
RULES: tuple[tuple[tuple[str, ...], Callable[[Any], bool], str], ...] = (
    (("bf", "boost"), bool, "no se admite; ordene con «sort»."),
    (("sort",), _is_no_order, "escriba nombres de campos con asc o desc, separados por comas."),
    (("fl", "facet.field"), _is_no_name, ONLY_NAMES),
    (("fl",), _asks_for_scores, ONLY_NAMES),
    (("q", "fq", "fq_list", "df", "qf"), _calls_functions, "no se admiten funciones."),
)
