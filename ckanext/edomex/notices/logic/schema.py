"""Parameters of the actions, with their validators."""

from __future__ import annotations

from typing import Any

from ckan.logic.schema import validator_args
from ckan.plugins import toolkit as tk

from ckanext.edomex.notices.domain.kinds import DELIVERY_NAMES, TOPICS

#: Chosen for a topic: as the portal proposes.
PROPOSED = ""


def ids(value: Any) -> list[str]:
    """One id, or several."""
    found = [value] if isinstance(value, str) else value
    if not isinstance(found, list) or not found or not all(isinstance(each, str) and each for each in found):
        raise tk.Invalid("Escriba el identificador de un aviso, o una lista de ellos.")
    return found


def delivery(value: Any) -> str:
    """A way to be told, or what the portal proposes."""
    if value not in {PROPOSED, *DELIVERY_NAMES}:
        raise tk.Invalid(f"«{value}» no se puede elegir; se puede: {', '.join(DELIVERY_NAMES)}, o nada.")
    return str(value)


@validator_args
def listing(
    ignore_empty: Any, boolean_validator: Any, default: Any, natural_number_validator: Any, limit_to_configured_maximum: Any
) -> Any:
    """`edomex_notice_list`."""
    return {
        "unread": [ignore_empty, boolean_validator],
        "limit": [default(20), natural_number_validator, limit_to_configured_maximum("ckan.search.rows_max", 1000)],
        "offset": [default(0), natural_number_validator],
    }


@validator_args
def read(ignore_missing: Any, boolean_validator: Any) -> Any:
    """`edomex_notice_read`."""
    return {"id": [ignore_missing, ids], "all": [ignore_missing, boolean_validator]}


@validator_args
def preferences(ignore_missing: Any) -> Any:
    """`edomex_notice_preference_update`: a topic that is not named stays as it is."""
    return {topic: [ignore_missing, delivery] for topic, about in TOPICS.items() if not about.fixed}


@validator_args
def letter(ignore_missing: Any, natural_number_validator: Any) -> Any:
    """`edomex_notice_letter_retry`."""
    return {"id": [ignore_missing, natural_number_validator]}
