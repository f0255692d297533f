"""What can be wrong with the chain, and how it is found: seal by seal, each compared with the one before and with its event."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from ckanext.edomex.audit.domain.chain import GENESIS, Head, Seal


class Wrong(StrEnum):
    """One kind of fault."""

    EVENT_CHANGED = "event_changed"
    EVENT_GONE = "event_gone"
    SEAL_CHANGED = "seal_changed"
    GAP = "gap"
    UNSEALED = "unsealed"
    HEAD_LOST = "head_lost"


_RESTORE = (
    "Guarde una copia de la base tal como está, averigüe quién entró a ella como dueño y compare ese renglón con el respaldo"
    " anterior (ckan edomex backup)."
)
#: Kind → what it is called, and what to do.
WORDS: Mapping[Wrong, tuple[str, str]] = MappingProxyType({
    Wrong.EVENT_CHANGED: ("el evento no es el que se selló", _RESTORE),
    Wrong.EVENT_GONE: ("el evento sellado ya no existe", _RESTORE),
    Wrong.SEAL_CHANGED: ("el sello fue alterado, o falta lo que iba antes", _RESTORE),
    Wrong.GAP: ("faltan sellos", _RESTORE),
    Wrong.UNSEALED: (
        "hay eventos sin sellar",
        "Revise que haya un ciclo de publicación activo (ckan edomex release status) o ejecute ckan edomex audit seal.",
    ),
    Wrong.HEAD_LOST: (
        "la cadena ya no contiene el valor anotado",
        "La cadena se rehízo o se le quitó el final después de anotarlo. " + _RESTORE,
    ),
})


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One thing that is wrong, and where."""

    kind: Wrong
    #: Of the seal; None where there is none.
    position: int | None = None
    ledger: str | None = None
    event_id: int | None = None
    #: What was seen: a number, a hash, never what an event says.
    seen: str = ""

    @property
    def text(self) -> str:
        """What a person reads."""
        said, remedy = WORDS[self.kind]
        place = ", ".join(
            part for part in (
                f"posición {self.position}" if self.position is not None else "",
                f"evento {self.event_id} de {self.ledger}" if self.event_id is not None else self.ledger or "",
                self.seen,
            ) if part
        )  # fmt: skip
        return f"{said} ({place}). {remedy}" if place else f"{said}. {remedy}"


@dataclass(frozen=True, kw_only=True)
class Looked:
    """A seal as it is in the database, beside its event as that is now."""

    seal: Seal
    chain: str
    #: Hash of the event now; None if it is gone.
    found: str | None
    #: Whether the room that keeps the event is installed: what nobody can read is neither good nor bad.
    known: bool = True


@dataclass
class Walk:
    """A walk along the chain: what is wrong comes out as it is met, and little is kept."""

    #: Where it begins: the seal before the first one that is looked at.
    at: Head = field(default_factory=lambda: Head(position=0, chain=GENESIS))
    #: Values that have to be met on the way.
    wanted: list[Head] = field(default_factory=list[Head])
    looked: int = 0
    unknown: int = 0

    def over(self, seals: Iterable[Looked]) -> Iterator[Fault]:
        """What is wrong with these, which come in the order of their positions."""
        for each in seals:
            yield from self._one(each)

    def end(self) -> Iterator[Fault]:
        """What was to be met and was not."""
        for head in self.wanted:
            if head.position > self.at.position:
                yield Fault(kind=Wrong.HEAD_LOST, position=head.position, seen=f"la cadena termina en {self.at.position}")

    def _one(self, each: Looked) -> Iterator[Fault]:
        seal, position = each.seal, each.seal.position
        if position != self.at.position + 1:
            # Without the one before, nothing can be said of this one's place in the chain.
            yield Fault(kind=Wrong.GAP, position=self.at.position + 1, seen=f"hasta {position - 1}")
            yield from self._event(each)
        elif seal.chained(self.at.chain) != each.chain:
            yield Fault(kind=Wrong.SEAL_CHANGED, position=position, ledger=seal.ledger, event_id=seal.event_id)
        else:
            yield from self._event(each)
        for head in self.wanted:
            if head.position == position and head.chain != each.chain:
                yield Fault(kind=Wrong.HEAD_LOST, position=position, seen="ahí hay otro valor")
        self.looked += 1
        self.at = Head(position=position, chain=each.chain)

    def _event(self, each: Looked) -> Iterator[Fault]:
        seal = each.seal
        if not each.known:
            self.unknown += 1
        elif each.found != seal.event_hash:
            kind = Wrong.EVENT_GONE if each.found is None else Wrong.EVENT_CHANGED
            yield Fault(kind=kind, position=seal.position, ledger=seal.ledger, event_id=seal.event_id)
