"""Withdrawals: a public dataset is hidden, with a reason that stays public. Two people are needed."""

from __future__ import annotations

import logging
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.lib.search.common import SearchIndexError
from ckan.plugins import plugin_loaded
from ckan.plugins import toolkit as tk
from ckan.types import AlchemySession, Context

from ckanext.edomex.adapters import index, parameters
from ckanext.edomex.adapters.callers import need_account
from ckanext.edomex.adapters.outbox import Moment
from ckanext.edomex.adapters.unit_of_work import unit_of_work
from ckanext.edomex.domain.clock import iso
from ckanext.edomex.release.domain.errors import FieldError, SamePersonError
from ckanext.edomex.release.domain.lifecycle import Calendar, Kind
from ckanext.edomex.release.logic import access, schema, steps
from ckanext.edomex.release.model import (
    Release,
    Subjects,
    announce,
    content_hashes,
    current_release,
    hold,
    now,
    open_edition,
    version_count,
    withdrawal_of,
)

log = logging.getLogger(__name__)
Data = dict[str, Any]
SAME_PERSON = "Usted propuso este retiro; otra persona tiene que confirmarlo."
EDITION_ENDED = "El conjunto se retiró; esta edición ya no tiene dónde publicarse."

_LABELS = sa.text("UPDATE activity SET permission_labels = CAST(:labels AS text[]) WHERE object_id = :id")


def edomex_release_withdraw(context: Context, data_dict: Data) -> Data:
    """Propose to withdraw a public dataset. Nothing is hidden until another person confirms.

    :param dataset_id: id or name of the dataset
    :param reason: why; public once confirmed
    :param legal_ground: the article of law; public once confirmed
    :returns: the release
    """
    need_account(context)
    data = parameters.read(schema.withdraw(), data_dict)
    with steps.domain_errors(), unit_of_work() as session:
        package = access.find_package(context, data["dataset_id"])
        tk.check_access("edomex_release_withdraw", context, {"dataset_id": package.id})
        access.lock_package(package.id)
        current = current_release(session, package.id, lock=True)
        if current is None:
            raise FieldError("dataset_id", "Este conjunto no es público; no hay nada que retirar.")
        _refuse_second(session, package.id)
        release = Release(
            package_id=package.id, content_id=package.id, kind=Kind.WITHDRAWAL, version=current.version,
            legal_ground=data["legal_ground"], submitted_by=access.user_id(context),
        )  # fmt: skip
        session.add(release)
        session.flush()
        steps.take(context, release, "propose", reason=data["reason"])
        return steps.present(release)


def edomex_release_withdraw_confirm(context: Context, data_dict: Data) -> Data:
    """Confirm a withdrawal that another person proposed: the dataset is hidden at once, a note with the reason stays.

    :param id: id of the withdrawal's release
    :returns: the release
    """
    need_account(context)
    data = parameters.read(schema.only_id(), data_dict)
    with steps.domain_errors(), unit_of_work() as session:
        release, package = access.find_release(context, data["id"], lock=True)
        tk.check_access("edomex_release_withdraw_confirm", context, {"id": release.id})
        if release.submitted_by == access.user_id(context):
            raise SamePersonError(SAME_PERSON)
        steps.check(release, "confirm")
        reason = steps.last_note(release) or ""
        release.approved_by, release.content_hash = access.user_id(context), content_hashes(session, [package.id])[package.id]
        release.calendar_status = Calendar.DONE
        release.release_at = release.due_at = release.released_at = now(session)
        _end_edition(context, session, package.id)
        current = current_release(session, package.id, lock=True)
        if current is not None:
            steps.take(context, current, "withdraw", reason=reason)
        steps.take(context, release, "confirm", details={"content_hash": release.content_hash})
        package.private = True
        package.metadata_modified = now(session).replace(tzinfo=None)
        session.flush()
        _close_activities(session, package)
        announce(session, Moment.WITHDRAWN, [Subjects(release.id, package.id)])
        _hide_first(session, package.id)
        return steps.present(release)


@tk.side_effect_free
def edomex_release_tombstone(context: Context, data_dict: Data) -> Data:
    """What stays of a withdrawn dataset for everybody: when and why, never what it held.

    :param dataset_id: id or name of the dataset
    :returns: `{dataset_id, agency, withdrawn_at, reason, legal_ground, versions}`
    """
    tk.check_access("edomex_release_tombstone", context, data_dict)
    data = parameters.read(schema.submit(), data_dict)
    package = model.Package.get(data["dataset_id"])
    # Asked for in any case, so that what exists is not answered later than what does not.
    release = withdrawal_of(model.Session, package.id if package is not None else data["dataset_id"])
    if package is None or not package.private or release is None:
        raise tk.ObjectNotFound("No hay ningún retiro con esa clave.")
    agency = model.Group.get(package.owner_org)
    return {
        "dataset_id": package.id,
        "agency": {"name": agency.name, "title": agency.title} if agency else None,
        "withdrawn_at": iso(release.released_at),
        "reason": steps.last_note(release),
        "legal_ground": release.legal_ground,
        "versions": version_count(model.Session, package.id),
    }


def _refuse_second(session: AlchemySession, package_id: str) -> None:
    waiting = session.query(Release).filter_by(package_id=package_id, kind=Kind.WITHDRAWAL, state="in_review").first()
    if waiting is not None:
        raise FieldError("dataset_id", "Ya hay un retiro propuesto; otra persona tiene que confirmarlo o cancelarlo.")


def _end_edition(context: Context, session: AlchemySession, package_id: str) -> None:
    edition = open_edition(session, package_id)
    if edition is not None:
        steps.take(context, edition, "cancel", reason=EDITION_ENDED)
        edition.calendar_status = Calendar.CANCELLED


def _close_activities(session: AlchemySession, package: model.Package) -> None:
    """Old activities carry the whole dataset, under the label of the day they were written; views' carry none at all."""
    if not plugin_loaded("activity"):
        return
    from ckan.lib.plugins import get_permission_labels

    labels = get_permission_labels().get_dataset_labels(package)
    session.execute(_LABELS, {"labels": labels, "id": package.id})


def _hide_first(session: AlchemySession, package_id: str) -> None:
    """Out of the index before the commit. Nobody else writes this document until then: its key is held.

    A search server that does not answer shows nothing either; the outbox tells it when it is back.
    """
    hold(session, "index", package_id)
    try:
        index.remove([package_id])
    except SearchIndexError as error:
        extra = {"event": "withdrawal.index_lost", "package": package_id}
        log.error("withdrawn, but the index did not answer: %s", error, extra=extra)  # noqa: TRY400  # its cause is its name
