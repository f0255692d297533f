"""Who somebody is to a happening, and who may know of it: asked anew whenever something is told."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

#: Beginning of a recipient that is an operator's address and no account.
MAILTO = "mailto:"


class As(StrEnum):
    """As what somebody is concerned."""

    #: Who sent it.
    SUBMITTER = "submitter"
    #: Who approved it.
    APPROVER = "approver"
    #: Who wrote what was answered.
    AUTHOR = "author"
    #: Of the agency: who registers and sends, and who answers for it (the enlace).
    EDITOR = "editor"
    ADMIN = "admin"
    #: Of the state.
    REVIEWER = "reviewer"
    MANAGER = "manager"
    #: The state's unit: whoever reviews or manages the calendar.
    UNIT = "unit"
    #: The operators' addresses (`alarm_mail`).
    OPERATOR = "operator"


#: Those whose address stands in the operator's file, and who are asked for no right.
WITHOUT_ACCOUNT = frozenset({As.OPERATOR})


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What an account may know: the agencies that it works for, and whether it works for the state."""

    agencies: frozenset[str] = frozenset()
    is_state: bool = False

    def may_know(self, agency_id: str | None) -> bool:
        """Whether notices about this agency are for this account, now. None is an agency that nobody can name any more."""
        return self.is_state or (agency_id is not None and agency_id in self.agencies)
