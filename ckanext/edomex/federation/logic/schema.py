"""Parameters of the actions, with their validators."""

from __future__ import annotations

from typing import Any

from ckan.logic.schema import validator_args


@validator_args
def only_id(not_missing: Any, not_empty: Any, unicode_safe: Any) -> Any:
    """Actions on one source, or one dataset."""
    return {"id": [not_missing, not_empty, unicode_safe]}


@validator_args
def accepting(not_missing: Any, not_empty: Any, unicode_safe: Any, natural_number_validator: Any) -> Any:
    """`edomex_federation_missing_accept`: how many were missing when the person looked."""
    return {"id": [not_missing, not_empty, unicode_safe], "missing": [not_missing, natural_number_validator]}


@validator_args
def trying(not_missing: Any, not_empty: Any, unicode_safe: Any, ignore_missing: Any, natural_number_validator: Any) -> Any:
    """`edomex_federation_trial_show`: some of its records, perhaps of one outcome."""
    number = [ignore_missing, natural_number_validator]
    return {"id": [not_missing, not_empty, unicode_safe], "outcome": [ignore_missing, unicode_safe], "limit": number, "offset": number}


@validator_args
def approving(not_missing: Any, not_empty: Any, unicode_safe: Any) -> Any:
    """`edomex_federation_source_approve`: the terms that the person looked at."""
    return {"id": [not_missing, not_empty, unicode_safe], "terms": [not_missing, not_empty, unicode_safe]}
