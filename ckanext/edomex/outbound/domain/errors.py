"""What can be wrong with a target. Each text, in Spanish, says what to do about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


class OutboundError(Exception):
    """Root of this room's errors."""


class FieldError(OutboundError):
    """Fields that cannot be kept: each with its remedy."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(" ".join(errors.values()))
        self.errors = dict(errors)


class StateError(OutboundError):
    """What was asked does not fit where the target or the copy stands; `allowed` names what does."""

    def __init__(self, state: str, allowed: Sequence[str], explanation: str) -> None:
        super().__init__(explanation)
        self.state, self.allowed = state, list(allowed)
