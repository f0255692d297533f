"""Documents of the feed: the catalogue, a page of it, and a dataset by itself. Each is whole or not at all."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, BinaryIO, TypeVar

from ckan import model as ckan_model
from sqlalchemy.exc import SQLAlchemyError

from ckanext.edomex.feed import model, profile
from ckanext.edomex.feed.domain.errors import MovedError, UnavailableError
from ckanext.edomex.feed.domain.keys import Listed, etag
from ckanext.edomex.feed.domain.triples import Triple
from ckanext.edomex.feed.domain.writing import FORMS
from ckanext.edomex.feed.logic import fragments, pieces
from ckanext.edomex.feed.logic import state as states
from ckanext.edomex.feed.logic.pieces import Pieces
from ckanext.edomex.feed.logic.state import State

#: Times that the list is read anew because a dataset changed under our hands.
ATTEMPTS = 4
T = TypeVar("T")
#: Writes to a file what the catalogue says of itself, and of its datasets.
Writer = Callable[[BinaryIO, Mapping[str, str], Iterator[dict[str, Any]]], None]


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Part of a catalogue: which datasets, and the statements that say how it hangs together with the rest."""

    listed: Sequence[Listed]
    head: Sequence[Triple] = field(default_factory=tuple)


@dataclass(frozen=True, kw_only=True)
class Document:
    """What is sent, once somebody wants its body."""

    etag: str
    changed_at: datetime | None
    #: Name for a copy that is kept; nothing for what is not worth it.
    name: str
    #: Writes it. False if something in it is said in short for now: then it is nothing to keep, nor to know again.
    write: Callable[[BinaryIO], bool]


def catalogue(form: str) -> Document:
    """The whole catalogue.

    Raises:
        UnavailableError: PostgreSQL does not answer, or the datasets change faster than they are read.
        ShrunkError: more is missing than was withdrawn.
    """

    def read() -> Document:
        state = states.current()
        tag = etag(form, [state.mark])

        def write(file: BinaryIO) -> bool:
            head = profile.catalogue_triples(state.itself, [one.id for one in state.listed])
            with pieces.newest(form) as kept:
                whole = _write(form, file, head, state.listed, kept)
            if not states.still(state):
                # Making many fragments takes a while; what was hidden meanwhile must not be sent.
                raise MovedError
            if whole:
                kept.keep(name)
            return whole

        name = f"{tag}.{form}"
        return Document(etag=tag, changed_at=state.changed_at, name=name, write=write)

    return read()


def part(form: str, select: Callable[[State], Selection]) -> Document:
    """The catalogue's own node with some of its datasets. The rest as `catalogue`."""

    def read() -> Document:
        state = states.current()
        chosen = select(state)
        own = [f"{key}={value}" for key, value in state.itself.items()]
        tag = etag(form, [profile.fingerprint(), *own, repr(list(chosen.head)), *(one.stamp for one in chosen.listed)])

        def write(file: BinaryIO) -> bool:
            head = profile.catalogue_triples(state.itself, [one.id for one in chosen.listed])
            whole = _write(form, file, [*head, *chosen.head], chosen.listed)
            _refuse_moved(chosen.listed)
            return whole

        return Document(etag=tag, changed_at=None, name="", write=write)

    return read()


def dataset(form: str, ref: str) -> Document | None:
    """One public dataset by its id or name; None if there is none that everybody may see. The rest as `catalogue`."""

    def read() -> Document | None:
        listed = model.public_dataset(ckan_model.Session, ref)
        if listed is None:
            return None

        def write(file: BinaryIO) -> bool:
            whole = _write(form, file, [], [listed])
            _refuse_moved([listed])
            return whole

        tag = etag(form, [profile.fingerprint(), listed.stamp])
        return Document(etag=tag, changed_at=listed.modified, name="", write=write)

    return read()


def listing(kind: str, chosen: Callable[[State], Sequence[Listed]], write_all: Writer, *, more: str = "") -> Document:
    """A document that is written from the datasets themselves: another JSON, a map of the site.

    Args:
        kind: names the kind of document.
        chosen: which datasets are in it.
        write_all: writes it, from the catalogue's own words and the datasets one after another.
        more: whatever else the document depends on.
    """

    def read() -> Document:
        state = states.current()
        listed = chosen(state)
        tag = etag(kind, [profile.fingerprint(), more, *state.itself.values(), *(one.stamp for one in listed)])

        def write(file: BinaryIO) -> bool:
            write_all(file, state.itself, read_all(listed))
            _refuse_moved(listed)
            return True

        return Document(etag=tag, changed_at=None, name=f"{tag}.{kind}", write=write)

    return read()


def read_all(listed: Sequence[Listed]) -> Iterator[dict[str, Any]]:
    """These datasets one after another, never all in memory. MovedError if one has gone."""
    for start in range(0, len(listed), fragments.BATCH):
        yield from fragments.read(listed[start : start + fragments.BATCH])


def _refuse_moved(listed: Sequence[Listed]) -> None:
    """What was hidden or changed while it was read must not be sent."""
    if model.public_some(ckan_model.Session, [one.id for one in listed]) != {one.id: one for one in listed}:
        raise MovedError


def _write(form: str, file: BinaryIO, head: Sequence[Triple], listed: Sequence[Listed], kept: Pieces | None = None) -> bool:
    """Write a document, with what `kept` has of an older one; whether it says all that it should."""
    frame, whole = FORMS[form], True
    file.write(frame.opening.encode())
    joint = b""
    if head:
        file.write(frame.write(head).encode())
        joint = frame.joint.encode()
    position = file.tell()
    for fragment in fragments.stream(form, listed, kept):
        file.write(joint + fragment.body)
        if kept is not None:
            kept.add(fragment.key, position + len(joint), len(fragment.body))
        position += len(joint) + len(fragment.body)
        joint = frame.joint.encode()
        whole = whole and fragment.complete
    file.write(frame.closing.encode())
    return whole


def steadily(read: Callable[[], T]) -> T:
    """Try again while datasets move under our hands; UnavailableError in the place of the database's errors."""
    for _ in range(ATTEMPTS):
        with contextlib.suppress(MovedError), _database_errors():
            return read()
        ckan_model.Session.rollback()
        ckan_model.Session.expire_all()
    raise UnavailableError("the datasets change faster than they are read")


@contextlib.contextmanager
def _database_errors() -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as error:
        with contextlib.suppress(SQLAlchemyError):
            ckan_model.Session.rollback()
        raise UnavailableError(type(error).__name__) from error
