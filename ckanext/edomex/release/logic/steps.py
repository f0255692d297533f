"""What every step of a release has in common: the move, its event, its follow-up, its error's way out."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from ckan import model
from ckan.plugins import toolkit as tk
from ckan.types import Context

from ckanext.edomex.adapters.outbox import Moment
from ckanext.edomex.domain.clock import aware, iso
from ckanext.edomex.release import config
from ckanext.edomex.release.domain import errors, lifecycle
from ckanext.edomex.release.domain.windows import HeldError
from ckanext.edomex.release.logic import access
from ckanext.edomex.release.model import Event, Release, Subjects, announce, now, wake_loops


@contextlib.contextmanager
def domain_errors() -> Iterator[None]:
    """Turn the domain's errors into what CKAN answers them with: 409, 400, 403."""
    try:
        yield
    except errors.MoveForbiddenError as error:
        told = {"message": str(error), "state": str(error.state), "allowed": error.allowed, **error.details}
        raise tk.ValidationError(told, error_summary={"Estado": str(error)}) from error
    except HeldError as error:
        held: Any = {error.field: [str(error)], "next_allowed": [iso(error.next_allowed)]}
        raise tk.ValidationError(held) from error
    except errors.FieldError as error:
        raise tk.ValidationError({error.field: [str(error)]}) from error
    except errors.SamePersonError as error:
        raise tk.NotAuthorized(str(error)) from error


def check(release: Release, move: str) -> None:
    """MoveForbiddenError, before anything else is looked at, where the state does not allow the move."""
    lifecycle.after(lifecycle.State(release.state), move, lifecycle.Kind(release.kind))


def take(context: Context, release: Release, move: str, *, reason: str | None = None, details: dict[str, Any] | None = None) -> None:
    """Make a move in the caller's transaction: state, event, and whoever has to know of it afterwards."""
    session = model.Session
    before = lifecycle.State(release.state)
    release.state = lifecycle.after(before, move, lifecycle.Kind(release.kind))
    release.modified_at = now(session)
    user = access.caller(context)
    session.add(
        Event(
            release_id=release.id, move=move, from_state=before, to_state=release.state,
            actor=user.id if user else None, reason=reason, details=details,
        )
    )
    session.flush()
    # Reviewers see a dataset while it is under review: the index has to learn of it.
    announce(session, Moment.CHANGED, [Subjects(release.id, release.content_id)])
    wake_loops(session)


def present(release: Release) -> dict[str, Any]:
    """A release as the contract shows it, with the moves that its state allows."""
    lateness = None
    if release.released_at and release.release_at:
        lateness = (aware(release.released_at) - aware(release.release_at)).total_seconds()
    return {
        "id": release.id,
        "dataset_id": release.package_id,
        "draft_id": release.content_id,
        "kind": release.kind,
        "state": str(release.state),
        "calendar_status": release.calendar_status,
        "release_at": iso(release.release_at),
        "released_at": iso(release.released_at),
        "lateness_s": lateness,
        "submitted_by": login(release.submitted_by),
        "approved_by": login(release.approved_by),
        "version": release.version,
        "created_at": iso(release.created_at),
        "modified_at": iso(release.modified_at),
        "announced": release.announced,
        "promised_at": iso(release.promised_at),
        "allowed": allowed(release),
        "problems": release.problems or [],
        "legal_ground": release.legal_ground,
        "note": last_note(release),
        "last_error": release.last_error,
    }


def allowed(release: Release) -> list[str]:
    """Names of the moves that somebody may ask for, as far as the state goes."""
    names = lifecycle.allowed(lifecycle.State(release.state), lifecycle.Kind(release.kind))
    return [name for name in names if lifecycle.TRANSITIONS[name].role.is_human]


def plan(release: Release, release_at: datetime | None) -> None:
    """Set the promised instant, and with it when the engine tries and when it rehearses; None takes the promise back."""
    release.release_at = release.due_at = release_at
    if release_at:
        release.promised_at = release_at
    release.warm_at = release_at - timedelta(seconds=config.warm_up_s()) if release_at and config.warm_up_s() else None
    release.attempts, release.problems, release.last_error = 0, None, None


def last_note(release: Release) -> str | None:
    """The reason given with the newest event of this release that has one."""
    query = model.Session.query(Event.reason).filter(Event.release_id == release.id, Event.reason.isnot(None))
    row = query.order_by(Event.id.desc()).first()
    return row.reason if row else None


def login(user_id: str | None) -> str | None:
    """Name of an account, for those who may see it; an id that is none is given back."""
    user = model.User.get(user_id) if user_id else None
    return user.name if user else user_id
