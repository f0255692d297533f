"""Parameters of the actions, with their validators."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from ckan.logic.schema import validator_args
from ckan.plugins import toolkit as tk

from ckanext.edomex.outbound.domain.copies import STATE_NAMES

#: What the federal platform takes (its announcements of 2025).
FEDERAL_FORMATS = ["CSV", "SHP"]
LONGEST = 500


def text(value: Any) -> str:
    """A short text."""
    if not isinstance(value, str) or len(value) > LONGEST:
        raise tk.Invalid(f"Escriba un texto de hasta {LONGEST} letras.")
    return value.strip()


def day(value: Any) -> date | None:
    """A day as `2026-03-01`."""
    if value in (None, "") or isinstance(value, date):
        return value or None
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise tk.Invalid("Escriba la fecha como 2026-03-01.") from None


def words(value: Any) -> list[str]:
    """Formats, as a list or one text with commas, in capitals."""
    found = value.split(",") if isinstance(value, str) else value
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        raise tk.Invalid("Escriba formatos separados por comas, como CSV, SHP.")
    return list(dict.fromkeys(each.strip().upper() for each in found if each.strip()))


def table(value: Any) -> dict[str, str]:
    """Theme → group there, as an object, as its JSON, or as lines «tema = grupo»."""
    found = value
    if isinstance(value, str):
        try:
            found = json.loads(value) if value.lstrip().startswith("{") else _lines(value)
        except ValueError:
            raise tk.Invalid("Escriba un renglón por tema: salud = salud_publica.") from None
    if not isinstance(found, dict) or not all(isinstance(each, str) for pair in found.items() for each in pair):
        raise tk.Invalid("Escriba un renglón por tema: salud = salud_publica.")
    return {key.strip(): group.strip() for key, group in found.items()}


def _lines(value: str) -> dict[str, str]:
    # A line without «=» is a ValueError.
    return dict(line.split("=", 1) for line in value.splitlines() if line.strip())


@validator_args
def target(default: Any, boolean_validator: Any, natural_number_validator: Any) -> Any:
    """`edomex_target_create`."""
    no: Any = False
    texts = ("title", "kind", "url", "organization", "reader", "agreement_number", "agreement_post", "agreement_document")
    return {
        "name": [default(""), text],
        **{name: [default(""), text] for name in texts},
        "agreement_date": [default(""), day],
        "formats": [default(FEDERAL_FORMATS), words],
        "groups": [default({}), table],
        "rate": [default(60), natural_number_validator],
        **{name: [default(no), boolean_validator] for name in ("may_publish", "sends_files", "enabled")},
    }


@validator_args
def change(not_empty: Any, ignore_missing: Any) -> Any:
    """`edomex_target_update`: what is not named stays as it is."""
    whole: Any = target()
    fields = {name: [ignore_missing, *validators[1:]] for name, validators in whole.items() if name != "name"}
    return {"id": [not_empty, text], **fields}


@validator_args
def only_id(not_empty: Any) -> Any:
    """A target's name or id."""
    return {"id": [not_empty, text]}


@validator_args
def of_target(not_empty: Any) -> Any:
    """`edomex_bundle_list`."""
    return {"target": [not_empty, text]}


@validator_args
def receipt(not_empty: Any) -> Any:
    """`edomex_bundle_acknowledge`."""
    return {"id": [not_empty, text], "receipt": [not_empty, text], "delivered_on": [not_empty, day]}


def state(value: Any) -> str:
    """A state of a copy."""
    if value not in STATE_NAMES:
        raise tk.Invalid(f"Elija uno de: {', '.join(STATE_NAMES)}.")
    return str(value)


@validator_args
def copies(
    not_empty: Any, ignore_empty: Any, default: Any, natural_number_validator: Any, limit_to_configured_maximum: Any
) -> Any:
    """`edomex_copy_list`."""
    return {
        "target": [not_empty, text],
        "state": [ignore_empty, state],
        "limit": [default(50), natural_number_validator, limit_to_configured_maximum("ckan.search.rows_max", 1000)],
        "offset": [default(0), natural_number_validator],
    }


@validator_args
def one_copy(not_empty: Any) -> Any:
    """A copy: target and dataset."""
    return {"target": [not_empty, text], "dataset_id": [not_empty, text]}


@validator_args
def retry(not_empty: Any, ignore_empty: Any, default: Any, boolean_validator: Any) -> Any:
    """`edomex_copy_retry`."""
    no: Any = False
    return {"target": [not_empty, text], "dataset_id": [ignore_empty, text], "overwrite": [default(no), boolean_validator]}
