"""Windows and what was promised within them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.types import AlchemySession as Session

from ckanext.edomex.domain.clock import aware
from ckanext.edomex.release.domain.lifecycle import State
from ckanext.edomex.release.domain.windows import Effect, Window
from ckanext.edomex.release.model.tables import Blackout, Release

#: Where a window is over in fact.
OVER_AT = sa.func.least(Blackout.ends_at, sa.func.coalesce(Blackout.ended_at, Blackout.ends_at))


def blackouts(*, after: datetime, before: datetime | None = None, agencies: Sequence[str] | None = None) -> Any:
    """A query of windows that are not over at `after`: everybody's, and those of these agencies; of all for None."""
    query = sa.select(Blackout).where(after < OVER_AT, Blackout.starts_at < OVER_AT)
    if before is not None:
        query = query.where(Blackout.starts_at < before)
    if agencies is not None:
        query = query.where(sa.or_(Blackout.agency_id.is_(None), Blackout.agency_id.in_(agencies)))
    return query.order_by(Blackout.starts_at, Blackout.id)


def windows_of(session: Session, agency_id: str | None, after: datetime) -> list[Window]:
    """What bears on an agency's dates from an instant on."""
    rows = session.execute(blackouts(after=after, agencies=[agency_id] if agency_id else [])).scalars()
    return [
        Window(
            effect=Effect(row.effect), reason=row.reason, starts_at=aware(row.starts_at),
            ends_at=min(aware(row.ends_at), aware(row.ended_at or row.ends_at)),
        )
        for row in rows
    ]  # fmt: skip


def promised_within(window: Blackout) -> Any:
    """A query of confirmed releases, with their datasets, whose date lies in a window that bears on them."""
    query = sa.select(Release, model.Package).join(model.Package, model.Package.id == Release.package_id)
    end = min(window.ends_at, window.ended_at or window.ends_at)
    query = query.where(Release.state == State.SCHEDULED, Release.release_at >= window.starts_at, Release.release_at < end)
    if window.agency_id:
        query = query.where(model.Package.owner_org == window.agency_id)
    return query.order_by(Release.release_at, Release.id)
