"""A harvested dataset before CKAN sees it: in our words, without what our schema refuses.

One strange field is no reason to lose a dataset.
"""

from __future__ import annotations

import logging
from typing import Any

from ckanext.edomex.adapters.fitting import drop_refused
from ckanext.edomex.adapters.vocabularies import mapping, vocabulary
from ckanext.edomex.federation.domain.intake import address, in_our_words

log = logging.getLogger(__name__)


def fit(dataset: dict[str, Any]) -> None:
    """Change the dictionary in place; what was left out is logged by the names of its fields."""
    codes = {
        "frequencies": _codes("periodicidad", "eu_frequency"), "languages": _codes("idiomas", "eu_language"),
        "access": _codes("niveles-de-acceso", "eu_access_right"),
    }  # fmt: skip
    licences = {address(row["url"]): row["id"] for row in vocabulary("licencias")}
    dataset.update(in_our_words(dataset, codes, licences))
    dropped = drop_refused(dataset)
    if dropped:
        log.info("harvested without %s", ", ".join(dropped), extra={"event": "harvest.left_out", "fields": dropped})


def _codes(name: str, column: str) -> dict[str, str]:
    return {theirs: ours for ours, theirs in mapping(name, column).items()}
