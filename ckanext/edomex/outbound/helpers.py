"""What templates of targets and copies ask for."""

from __future__ import annotations

from collections.abc import Mapping

from ckanext.edomex.outbound.domain.copies import CAN_BE_RETRIED, OPERATION_NAMES, STATE_NAMES
from ckanext.edomex.outbound.domain.targets import KIND_NAMES


def edomex_outbound_states() -> Mapping[str, str]:
    """State of a copy → words for it."""
    return STATE_NAMES


def edomex_outbound_kinds() -> Mapping[str, str]:
    """Kind of a target → words for it."""
    return KIND_NAMES


def edomex_outbound_operation(operation: str) -> str:
    """What is done, for people."""
    return OPERATION_NAMES.get(operation, operation)


def edomex_outbound_can_retry(state: str) -> bool:
    """Whether a copy in this state can be tried again by hand."""
    return state in CAN_BE_RETRIED
