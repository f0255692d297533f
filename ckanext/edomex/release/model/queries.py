"""The few questions that more than one action asks."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from ckan.types import AlchemySession as Session

from ckanext.edomex.release.domain.lifecycle import OPEN, Kind, State
from ckanext.edomex.release.model.tables import Release, RoleGrant, Version

#: Loops listen here; whoever makes something due sooner notifies.
CHANNEL = "edomex_release"
# Asked of every dataset that is indexed: written once.
_OPEN_WITH = sa.select(Release).where(
    Release.content_id == sa.bindparam("content"), Release.state.in_(sorted(OPEN)), Release.kind != Kind.WITHDRAWAL
)


def now(session: Session) -> datetime:
    """The database's clock, the only one that decides."""
    return session.execute(sa.text("SELECT clock_timestamp()")).scalar_one()


def open_release(session: Session, content_id: str, *, lock: bool = False) -> Release | None:
    """The publication that is under way with this dataset's content."""
    query = _OPEN_WITH.with_for_update() if lock else _OPEN_WITH
    return session.execute(query, {"content": content_id}).scalar_one_or_none()


def open_edition(session: Session, package_id: str) -> Release | None:
    """The edition of a public dataset that is under way."""
    query = sa.select(Release).where(Release.package_id == package_id, Release.state.in_(sorted(OPEN)), Release.kind == Kind.EDITION)
    return session.execute(query).scalar_one_or_none()


def current_release(session: Session, package_id: str, *, lock: bool = False) -> Release | None:
    """The release by which the dataset is public."""
    query = sa.select(Release).where(
        Release.package_id == package_id, Release.state == State.RELEASED, Release.kind != Kind.WITHDRAWAL
    )
    return session.execute(query.with_for_update() if lock else query).scalar_one_or_none()


def is_released(session: Session, package_id: str) -> bool:
    """Whether the dataset is public through a release."""
    return current_release(session, package_id) is not None


def withdrawal_of(session: Session, package_id: str) -> Release | None:
    """The withdrawal by which a dataset is hidden; none once it was published again."""
    newest = sa.select(Release).where(Release.package_id == package_id, Release.state == State.RELEASED)
    found = session.execute(newest.order_by(Release.released_at.desc()).limit(1)).scalar_one_or_none()
    return found if found is not None and found.kind == Kind.WITHDRAWAL else None


def version_count(session: Session, package_id: str) -> int:
    """Number of the newest version of a dataset; 0 for none."""
    newest = sa.select(sa.func.coalesce(sa.func.max(Version.version), 0)).where(Version.package_id == package_id)
    return session.execute(newest).scalar_one()


def roles_of(session: Session, user_id: str) -> set[str]:
    """Names of the roles granted to a user."""
    return set(session.execute(sa.select(RoleGrant.role).where(RoleGrant.user_id == user_id)).scalars())


def wake_loops(session: Session) -> None:
    """Tell every listening loop, once this transaction commits, to look again."""
    session.execute(sa.text(f"NOTIFY {CHANNEL}"))
