"""Documents of the feed: the catalogue, and a dataset by itself. Each is whole or not at all."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from ckan import model as ckan_model
from sqlalchemy.exc import SQLAlchemyError

from ckanext.edomex.domain.clock import iso
from ckanext.edomex.feed import config, model, profile
from ckanext.edomex.feed.domain.description import AUTHORITY, SPANISH
from ckanext.edomex.feed.domain.errors import MovedError, UnavailableError
from ckanext.edomex.feed.domain.keys import Listed, etag
from ckanext.edomex.feed.domain.writing import FORMS
from ckanext.edomex.feed.logic import fragments

#: Times that the list is read anew because a dataset changed under our hands.
ATTEMPTS = 4
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Document:
    """What is sent. Without an `etag` if something in it is said in short for now."""

    etag: str | None
    pieces: list[str]


def catalogue(form: str, known: Callable[[str], bool], *, wants_body: bool) -> Document:
    """The whole catalogue.

    Args:
        form: name of one of `FORMS`.
        known: whether the reader has the document of this ETag already; then `pieces` stay empty.
        wants_body: False for a reader that asks for the headers only.

    Raises:
        UnavailableError: PostgreSQL does not answer, or the datasets change faster than they are read.
    """

    def read() -> Document:
        listed = model.public_datasets(ckan_model.Session)
        itself = _itself(listed)
        tag = _tag(form, listed, [f"{key}={value}" for key, value in itself.items()])
        if known(tag) or not wants_body:
            return Document(etag=tag, pieces=[])
        bodies, whole = fragments.of(form, listed)
        if model.public_datasets(ckan_model.Session) != listed:
            # Making many fragments takes a while; what was hidden meanwhile must not be sent.
            raise MovedError
        head = FORMS[form].write(profile.catalogue_triples(itself, [one.id for one in listed]))
        return Document(etag=tag if whole else None, pieces=_framed(form, [head, *bodies]))

    return _steadily(read)


def dataset(form: str, ref: str, known: Callable[[str], bool], *, wants_body: bool) -> Document | None:
    """One public dataset by its id or name; None if there is none that everybody may see. The rest as `catalogue`."""

    def read() -> Document | None:
        listed = model.public_dataset(ckan_model.Session, ref)
        if listed is None:
            return None
        tag = _tag(form, [listed], [])
        if known(tag) or not wants_body:
            return Document(etag=tag, pieces=[])
        bodies, whole = fragments.of(form, [listed])
        if model.public_dataset(ckan_model.Session, ref) != listed:
            raise MovedError
        return Document(etag=tag if whole else None, pieces=_framed(form, bodies))

    return _steadily(read)


def _itself(listed: list[Listed]) -> dict[str, str]:
    """What the catalogue says of itself. Its dates are those of what is in it."""
    base = profile.surroundings().base
    found = {
        "title": config.title(),
        "description": config.description(),
        # With the slash: the page about the catalogue is not the catalogue.
        "homepage": f"{base}/",
        "language": f"{AUTHORITY}language/{SPANISH}",
        "publisher_name": config.publisher_name(),
        "license": config.license_url(),
        "issued": iso(min((one.created for one in listed), default=None)),
        "modified": iso(max((one.modified for one in listed), default=None)),
    }
    return {key: value for key, value in found.items() if value}


def _tag(form: str, listed: list[Listed], more: list[str]) -> str:
    return etag(form, [profile.fingerprint(), *more, *(one.stamp for one in listed)])


def _framed(form: str, bodies: list[str]) -> list[str]:
    frame = FORMS[form]
    pieces = [frame.opening]
    for number, body in enumerate(bodies):
        pieces += [frame.joint, body] if number else [body]
    return [*pieces, frame.closing]


def _steadily(read: Callable[[], T]) -> T:
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
