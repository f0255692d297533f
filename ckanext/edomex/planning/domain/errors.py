"""What can be wrong with an inventory or a plan. Each text, in Spanish, says what to do about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


class PlanningError(Exception):
    """Root of this room's errors."""


class FieldError(PlanningError):
    """Fields that cannot be kept: each with its remedy."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(" ".join(errors.values()))
        self.errors = dict(errors)


class StaleError(PlanningError):
    """What was sent was written over something that somebody else has changed since: nothing is lost, nothing overwritten."""

    def __init__(self, version: int, *, by: str | None) -> None:
        who = f" ({by})" if by else ""
        super().__init__(f"Otra persona{who} cambió esto mientras usted escribía. Revise lo que dice ahora y guarde otra vez.")
        self.version, self.by = version, by


class MoveForbiddenError(PlanningError):
    """The plan's state does not allow this move; `allowed` names those that it does."""

    def __init__(self, state: str, allowed: Sequence[str], explanation: str) -> None:
        super().__init__(explanation)
        self.state, self.allowed = state, list(allowed)


class SamePersonError(PlanningError):
    """Who sent a plan tried to approve it. Four eyes are needed, whatever rights the account has."""
