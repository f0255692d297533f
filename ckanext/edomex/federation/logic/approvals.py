"""Whether a source may start: somebody saw what it would bring, and approved it under the terms that it has now."""

from __future__ import annotations

from typing import Any

from ckan import model as ckan_model
from ckan.types import AlchemySession as Session

from ckanext.edomex.federation import config
from ckanext.edomex.federation.domain.trials import Standing, standing_of, terms_of
from ckanext.edomex.federation.model import Approval, Trial, now


def may_start(source: Any) -> bool:
    """Whether a source's datasets may come in. Every one may where the operator asks for no approval."""
    return not config.approve_sources() or is_enough(standing(ckan_model.Session, source))


def is_enough(standing: Standing) -> bool:
    """Whether a source that stands so may start."""
    return standing == Standing.APPROVED or not config.approve_sources()


def standing(session: Session, source: Any) -> Standing:
    """Where a source stands."""
    approval, trial = session.get(Approval, source.id), session.get(Trial, source.id)
    return standing_of(
        terms(source), approved=approval.terms if approval is not None else None,
        tried=trial.terms if trial is not None else None, readable=trial is not None and trial.problem is None,
    )  # fmt: skip


def terms(source: Any) -> str:
    """The terms that a source (of ckanext-harvest) has now."""
    return terms_of(source.type, source.url, source.config, agency_of(source))


def agency_of(source: Any) -> str | None:
    """Id of the organization that a source belongs to, and its datasets with it."""
    package = ckan_model.Package.get(source.id)
    return package.owner_org if package is not None else None


def approver_of(session: Session, source: Any) -> str | None:
    """Name of the account that approved a source as it is now; None where nobody did."""
    approval = session.get(Approval, source.id)
    return approval.approved_by if approval is not None and approval.terms == terms(source) else None


def approve(session: Session, source: Any, user: str | None) -> None:
    """Note that a source is approved as it is."""
    approval = session.get(Approval, source.id)
    if approval is None:
        approval = Approval(source_id=source.id)
        session.add(approval)
    approval.terms, approval.approved_by, approval.approved_at = terms(source), user, now(session)
