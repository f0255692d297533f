"""The chain of seals: each one's value depends on all before it, so none can be changed, taken out or put in without a trace.

Anybody can compute it again: it is SHA-256 over lines of text, and nothing else.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime

#: What stands before the first seal.
GENESIS = "0" * 64
_HEAD = re.compile(r"(\d{1,18}):([0-9a-f]{64})")


@dataclass(frozen=True, kw_only=True)
class Seal:
    """One event as it was sealed."""

    position: int
    ledger: str
    #: Which of the ledger's forms the event's hash was made with.
    form: int
    event_id: int
    event_hash: str
    #: Of the event's agency at that time; None for none.
    agency_id: str | None
    event_at: datetime
    sealed_at: datetime

    def text(self, previous: str) -> str:
        """The lines of which the chain's value is the hash, the value before it first."""
        fields = (
            previous, self.position, self.ledger, self.form, self.event_id, self.event_hash, self.agency_id or "",
            written(self.event_at), written(self.sealed_at),
        )  # fmt: skip
        return "\n".join(str(field) for field in fields)

    def chained(self, previous: str) -> str:
        """The chain's value with this seal."""
        return sha256(self.text(previous))


@dataclass(frozen=True, kw_only=True)
class Head:
    """Where the chain ended at some time: to be noted where whoever administers the database cannot change it."""

    position: int
    chain: str

    def __str__(self) -> str:
        return f"{self.position}:{self.chain}"


class HeadError(ValueError):
    """What was given is no head; the text says what one looks like."""


def parsed_head(text: str) -> Head:
    """A head as it was noted, `POSITION:HASH`."""
    found = _HEAD.fullmatch(text.strip().lower())
    if not found:
        raise HeadError("Escriba la posición y los 64 caracteres del valor, como los imprime «ckan edomex audit head»: 123:ab12…")
    return Head(position=int(found[1]), chain=found[2])


def sha256(text: str) -> str:
    """SHA-256 of a text in UTF-8, in lower-case hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def written(instant: datetime) -> str:
    """An instant as it stands in the chain: UTC with six decimals, always."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
