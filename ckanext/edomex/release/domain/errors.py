"""What can be wrong with a step of a release. Each text, in Spanish, says what to do about it."""

from __future__ import annotations


class ReleaseError(Exception):
    """Root of this room's errors."""


class MoveForbiddenError(ReleaseError):
    """The release's state does not allow this move; `allowed` names those that it does."""

    def __init__(self, state: str, move: str, allowed: list[str], explanation: str) -> None:
        super().__init__(explanation)
        self.state, self.move, self.allowed = state, move, allowed


class FieldError(ReleaseError):
    """One parameter is wrong: `field` and, in the message, its remedy."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class SamePersonError(ReleaseError):
    """The submitter tried to approve. Four eyes are needed, whatever rights the account has."""


class FrozenContentError(ReleaseError):
    """Content of a released dataset was about to change outside a release; `fields` names what."""

    def __init__(self, fields: list[str], message: str) -> None:
        super().__init__(message)
        self.fields = fields
