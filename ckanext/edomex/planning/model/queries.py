"""The few questions that more than one action asks."""

from __future__ import annotations

import sqlalchemy as sa
from ckan.types import AlchemySession as Session

from ckanext.edomex.planning.model.tables import Document, Item, Line, Plan


def hold(session: Session, agency_id: str) -> None:
    """Let nobody else write to this agency's inventory or plans until the transaction ends: names are compared first."""
    session.execute(sa.text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": f"edomex_planning:{agency_id}"})


def item_named(session: Session, agency_id: str, name_key: str) -> Item | None:
    """The row of this name, as names are compared."""
    query = sa.select(Item).where(Item.agency_id == agency_id, Item.name_key == name_key)
    return session.execute(query.execution_options(populate_existing=True)).scalar_one_or_none()


def items_of(session: Session, agency_id: str) -> list[Item]:
    """All rows of an agency by name, as they are in the database now."""
    query = sa.select(Item).where(Item.agency_id == agency_id).order_by(Item.name_key, Item.id)
    return list(session.execute(query.execution_options(populate_existing=True)).scalars())


def plan_of(session: Session, agency_id: str, year: int) -> Plan | None:
    """An agency's plan of a year."""
    return session.execute(sa.select(Plan).where(Plan.agency_id == agency_id, Plan.year == year)).scalar_one_or_none()


def lines_of(session: Session, plan_id: str) -> list[tuple[Line, Item]]:
    """Lines of a plan with their rows of the inventory, by name, as they are in the database now."""
    query = sa.select(Line, Item).join(Item, Item.id == Line.item_id).where(Line.plan_id == plan_id)
    query = query.order_by(Item.name_key, Line.id).execution_options(populate_existing=True)
    return [(line, item) for line, item in session.execute(query).all()]


def documents_of(session: Session, plan_id: str) -> list[Document]:
    """Documents of a plan that were not removed, the oldest first."""
    query = sa.select(Document).where(Document.plan_id == plan_id, Document.removed_at.is_(None))
    return list(session.execute(query.order_by(Document.uploaded_at, Document.id)).scalars())
