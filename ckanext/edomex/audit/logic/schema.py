"""Parameters of the actions, with their validators."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from ckan.logic.schema import validator_args
from ckan.plugins import toolkit as tk

from ckanext.edomex.adapters.ledgers import known
from ckanext.edomex.domain.clock import ZONE


def from_day(value: Any) -> datetime:
    """The first instant of a day in the state's zone."""
    try:
        return datetime.combine(date.fromisoformat(str(value).strip()), time(), ZONE)
    except ValueError:
        raise tk.Invalid("No se entiende la fecha; escríbala como 2027-03-01.") from None


def to_day(value: Any) -> datetime:
    """The first instant after a day in the state's zone."""
    try:
        return from_day(value) + timedelta(days=1)
    except OverflowError:
        raise tk.Invalid("Esa fecha no está en el calendario.") from None


def ledger(value: Any) -> str:
    """The name of a ledger."""
    if value not in known():
        raise tk.Invalid(f"Elija {', '.join(known())}.")
    return str(value)


def chosen(ignore_empty: Any, unicode_safe: Any) -> Any:
    """Which steps: what list and export have in common."""
    return {
        "agency": [ignore_empty, unicode_safe],
        "ledger": [ignore_empty, ledger],
        "subject": [ignore_empty, unicode_safe],
        "from": [ignore_empty, from_day],
        "to": [ignore_empty, to_day],
    }


@validator_args
def listing(
    ignore_empty: Any, unicode_safe: Any, default: Any, natural_number_validator: Any, limit_to_configured_maximum: Any
) -> Any:
    """`edomex_audit_list`."""
    return {
        **chosen(ignore_empty, unicode_safe),
        "limit": [default(50), natural_number_validator, limit_to_configured_maximum("ckan.search.rows_max", 1000)],
        "before": [ignore_empty, natural_number_validator],
    }


@validator_args
def export(ignore_empty: Any, unicode_safe: Any, default: Any, one_of: Any) -> Any:
    """`edomex_audit_export`."""
    return {**chosen(ignore_empty, unicode_safe), "format": [default("csv"), one_of(["csv", "jsonl"])]}


@validator_args
def show(not_missing: Any, unicode_safe: Any) -> Any:
    """`edomex_audit_show`."""
    return {"folio": [not_missing, unicode_safe]}
