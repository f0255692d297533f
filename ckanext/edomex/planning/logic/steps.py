"""What every change of an inventory or plan has in common: its event, its version, its error's way out."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk
from ckan.types import Context

from ckanext.edomex.adapters.callers import caller
from ckanext.edomex.adapters.vocabularies import choices
from ckanext.edomex.domain.clock import iso
from ckanext.edomex.planning.domain import errors
from ckanext.edomex.planning.domain.inventory import Field, fields_of
from ckanext.edomex.planning.model import Event, Item

FREQUENCIES = "periodicidad"


@contextlib.contextmanager
def domain_errors() -> Iterator[None]:
    """Turn the domain's errors into what CKAN answers them with: 409, 400, 403."""
    try:
        yield
    except errors.StaleError as error:
        # `allowed` is what the contract tells a conflict by.
        told: Any = {"message": str(error), "version": error.version, "by": error.by, "allowed": ["edomex_inventory_show"]}
        raise tk.ValidationError(told, error_summary={"Versión": str(error)}) from error
    except errors.MoveForbiddenError as error:
        forbidden: Any = {"message": str(error), "state": error.state, "allowed": error.allowed}
        raise tk.ValidationError(forbidden, error_summary={"Estado": str(error)}) from error
    except errors.FieldError as error:
        raise tk.ValidationError({name: [message] for name, message in error.errors.items()}) from error
    except errors.SamePersonError as error:
        raise tk.NotAuthorized(str(error)) from error


def known_fields() -> Mapping[str, Field]:
    """The fields of a row, with the portal's frequencies."""
    return fields_of(choices(FREQUENCIES))


def now() -> datetime:
    """The database's clock, the only one that decides."""
    return model.Session.execute(sa.text("SELECT clock_timestamp()")).scalar_one()


def actor(context: Context) -> str | None:
    """Id of the account that acts; None for the machine."""
    user = caller(context)
    return user.id if user else None


def tell(
    context: Context, subject: Any, kind: str, move: str, *, changes: Mapping[str, Any] | None = None, reason: str | None = None
) -> None:
    """Write an event in the caller's transaction."""
    model.Session.add(
        Event(
            subject_id=subject.id, kind=kind, agency_id=subject.agency_id, move=move, version=subject.version,
            changes=dict(changes or {}), reason=reason, actor=actor(context),
        )
    )  # fmt: skip


def values_of(item: Item) -> dict[str, Any]:
    """A row as plain data, field by field."""
    return {name: getattr(item, name) for name in known_fields()}


def present(item: Item) -> dict[str, Any]:
    """A row as the actions show it."""
    agency = model.Group.get(item.agency_id)
    return {
        "id": item.id,
        "agency": {"id": item.agency_id, "name": agency.name, "title": agency.title} if agency else {"id": item.agency_id},
        **values_of(item),
        "version": item.version,
        "created_at": iso(item.created_at),
        "modified_at": iso(item.modified_at),
        "modified_by": login(item.modified_by),
    }


def history(subject_ids: list[str], limit: int = 200) -> list[dict[str, Any]]:
    """Events of these subjects, the newest first."""
    query = model.Session.query(Event).filter(Event.subject_id.in_(subject_ids)).order_by(Event.id.desc()).limit(limit)
    return [
        {
            "kind": event.kind, "subject_id": event.subject_id, "move": event.move, "version": event.version, "changes": event.changes,
            "reason": event.reason, "by": login(event.actor), "at": iso(event.at),
        }
        for event in query
    ]  # fmt: skip


def login(user_id: str | None) -> str | None:
    """Name of an account, for those who may see it; an id that is none is given back."""
    user = model.User.get(user_id) if user_id else None
    return user.name if user else user_id
