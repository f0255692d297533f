"""What can be wrong with a step of a release. Each text, in Spanish, says what to do about it."""

from __future__ import annotations


class ReleaseError(Exception):
    """Root of this room's errors."""


class MoveForbiddenError(ReleaseError):
    """The release's state does not allow this move; `allowed` names those that it does."""

    def __init__(self, state: str, move: str, allowed: list[str], explanation: str) -> None:
        super().__init__(explanation)
        self.state, self.move, self.allowed = state, move, allowed
        #: What else a program may want to know.
        self.details: dict[str, object] = {}


class PendingError(MoveForbiddenError):
    """Observations have to be settled before the release is approved; `details` has their ids."""

    def __init__(self, state: str, allowed: list[str], explanation: str, ids: list[str]) -> None:
        super().__init__(state, "approve", allowed, explanation)
        self.details = {"observations": ids}


class OtherSubmissionError(MoveForbiddenError):
    """Another content was sent since the caller looked; `details` has the number of the newest submission."""

    def __init__(self, state: str, allowed: list[str], submission: int) -> None:
        explanation = "La dependencia envió otra vez el conjunto mientras usted lo revisaba. Vea qué cambió y apruébelo después."
        super().__init__(state, "approve", allowed, explanation)
        self.details = {"submission": submission}


class StaleError(MoveForbiddenError):
    """Somebody else moved what was answered meanwhile: nothing is lost, nothing overwritten. `details` has the newer version."""

    def __init__(self, state: str, move: str, allowed: list[str], version: int) -> None:
        super().__init__(
            state, move, allowed,
            "Otra persona escribió en esta observación mientras usted la leía. Lea lo nuevo y envíe otra vez lo suyo, si aplica.",
        )  # fmt: skip
        self.details = {"version": version}


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
