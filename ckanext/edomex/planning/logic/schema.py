"""Parameters of the actions, with their validators. Fields of the inventory and of plans are read by the domain."""

from __future__ import annotations

import re
from typing import Any

from ckan.logic.schema import validator_args
from ckan.plugins import toolkit as tk

from ckanext.edomex.planning.domain.fields import WrongError, text
from ckanext.edomex.planning.domain.plan import DOCUMENTS, FIRST_YEAR, LAST_YEAR


@validator_args
def only_id(not_missing: Any, unicode_safe: Any) -> Any:
    """Actions on one thing that need nothing else."""
    return {"id": [not_missing, unicode_safe]}


@validator_args
def versioned(not_missing: Any, not_empty: Any, unicode_safe: Any, natural_number_validator: Any) -> Any:
    """Changes: of what, and which version of it the caller has seen."""
    return {"id": [not_missing, unicode_safe], "version": [not_empty, natural_number_validator]}


@validator_args
def within(default: Any, natural_number_validator: Any) -> Any:
    """`edomex_plan_due_list`."""
    return {"within": [default(14), natural_number_validator]}


def month(value: Any) -> str:
    """A month as `2027-03`."""
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", value):
        raise tk.Invalid("No se entiende el mes; escríbalo como 2027-03.")
    return value


@validator_args
def promises(ignore_empty: Any, unicode_safe: Any) -> Any:
    """`edomex_plan_promise_list`."""
    return {"agency": [ignore_empty, unicode_safe], "month": [ignore_empty, month]}


@validator_args
def of_agency(not_missing: Any, unicode_safe: Any) -> Any:
    """Actions on an agency."""
    return {"agency": [not_missing, unicode_safe]}


@validator_args
def exporting(not_missing: Any, unicode_safe: Any, default: Any) -> Any:
    """`edomex_inventory_export`."""
    return {"agency": [not_missing, unicode_safe], "layout": [default("full"), unicode_safe]}


@validator_args
def importing(not_missing: Any, unicode_safe: Any, default: Any, boolean_validator: Any) -> Any:
    """`edomex_inventory_import`; the file is read by itself."""
    return {"agency": [not_missing, unicode_safe], "dry_run": [default("false"), boolean_validator]}


@validator_args
def plan_of_year(not_missing: Any, not_empty: Any, unicode_safe: Any, int_validator: Any) -> Any:
    """`edomex_plan_create`."""
    return {"agency": [not_missing, unicode_safe], "year": [not_empty, int_validator, year]}


@validator_args
def plans(ignore_empty: Any, unicode_safe: Any, int_validator: Any) -> Any:
    """`edomex_plan_list`."""
    return {"agency": [ignore_empty, unicode_safe], "year": [ignore_empty, int_validator]}


@validator_args
def plan_export(not_missing: Any, unicode_safe: Any, default: Any) -> Any:
    """`edomex_plan_export`."""
    return {"id": [not_missing, unicode_safe], "layout": [default("pnda"), unicode_safe]}


@validator_args
def of_dataset(not_missing: Any, unicode_safe: Any) -> Any:
    """`edomex_plan_commitment`."""
    return {"dataset_id": [not_missing, unicode_safe]}


@validator_args
def with_reason(not_missing: Any, unicode_safe: Any) -> Any:
    """`edomex_plan_return` and `edomex_plan_reopen`."""
    return {"id": [not_missing, unicode_safe], "reason": [not_missing, reason]}


@validator_args
def document(not_missing: Any, unicode_safe: Any, default: Any, one_of: Any) -> Any:
    """`edomex_plan_document_add`; the file is read by itself."""
    kinds = one_of(list(DOCUMENTS))
    return {"id": [not_missing, unicode_safe], "kind": [default("oficio"), kinds], "title": [default(""), unicode_safe]}


def year(value: Any) -> Any:
    """A year of a plan."""
    # The chain goes on after a validator that refused: what is no number has been told already.
    if isinstance(value, int) and not FIRST_YEAR <= value <= LAST_YEAR:
        raise tk.Invalid(f"El año {value} no es posible; escriba uno entre {FIRST_YEAR} y {LAST_YEAR}.")
    return value


def reason(value: Any) -> str:
    """A person's words, which stay in the history."""
    try:
        return text(2000, needed="Escriba el motivo: quedará en la historia del plan.")(value)
    except WrongError as error:
        raise tk.Invalid(str(error)) from None


@validator_args
def listing(
    ignore_empty: Any, unicode_safe: Any, natural_number_validator: Any, limit_to_configured_maximum: Any, default: Any,
    boolean_validator: Any,
) -> Any:  # fmt: skip
    """`edomex_inventory_list`."""
    return {
        "agency": [ignore_empty, unicode_safe],
        "q": [ignore_empty, unicode_safe],
        "decision": [ignore_empty, unicode_safe],
        "guarded": [ignore_empty, boolean_validator],
        "limit": [default(100), natural_number_validator, limit_to_configured_maximum("ckan.search.rows_max", 1000)],
        "offset": [default(0), natural_number_validator],
    }
