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
