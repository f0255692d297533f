"""The steps of a release: submit, request changes, approve, reschedule, cancel. The contract fixes their names."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ckan import model
from ckan.plugins import toolkit as tk
from ckan.types import AlchemySession, Context

from ckanext.edomex.adapters import parameters
from ckanext.edomex.adapters.callers import need_account
from ckanext.edomex.adapters.unit_of_work import unit_of_work
from ckanext.edomex.domain.clock import iso
from ckanext.edomex.release.domain.calendar import APPROVED_ANEW
from ckanext.edomex.release.domain.errors import FieldError
from ckanext.edomex.release.domain.lifecycle import Calendar
from ckanext.edomex.release.domain.observations import State as Standing
from ckanext.edomex.release.domain.observations import summary
from ckanext.edomex.release.domain.schedule import FIELD, parse_release_at
from ckanext.edomex.release.domain.windows import check
from ckanext.edomex.release.logic import access, approval, changes, review_schema, schema, steps
from ckanext.edomex.release.model import (
    Release,
    content_hashes,
    is_released,
    keep_submission,
    newest_submission,
    now,
    open_edition,
    open_release,
    pending,
    version_count,
    windows_of,
)

Data = dict[str, Any]


def edomex_release_submit(context: Context, data_dict: Data) -> Data:
    """Send a dataset to review, as it stands now.

    :param dataset_id: id or name of the dataset
    :returns: the release
    """
    need_account(context)
    data = parameters.read(schema.submit(), data_dict)
    with steps.domain_errors(), unit_of_work() as session:
        package = _what_is_sent(session, access.find_package(context, data["dataset_id"]))
        tk.check_access("edomex_release_submit", context, {"dataset_id": package.id})
        access.lock_package(package.id)
        release = open_release(session, package.id, lock=True)
        if release is None:
            release = Release(package_id=package.id, content_id=package.id, version=version_count(session, package.id) + 1)
            session.add(release)
            session.flush()
        release.submitted_by, release.approved_by = access.user_id(context), None
        steps.plan(release, None)
        release.calendar_status = Calendar.PROVISIONAL
        release.content_hash = content_hashes(session, [package.id])[package.id]
        keep_submission(session, release)
        steps.take(context, release, "submit", details={"content_hash": release.content_hash})
        return steps.present(release)


def edomex_release_request_changes(context: Context, data_dict: Data) -> Data:
    """Send a dataset back to its agency with what has to change.

    :param id: id of the release
    :param note: what has to change, for the people who sent it (optional where observations say it)
    :returns: the release
    """
    need_account(context)
    data = parameters.read(schema.request_changes(), data_dict)
    with steps.domain_errors(), unit_of_work() as session:
        release, _ = access.find_release(context, data["id"], lock=True)
        tk.check_access("edomex_release_request_changes", context, data)
        steps.check(release, "request_changes")
        note = data.get("note") or _note_of([each.number for each in pending(session, release.id) if each.state == Standing.OPEN])
        steps.take(context, release, "request_changes", reason=note)
        # Who decided has gone through it: the next submission is compared with this one.
        changes.note(session, release.id, access.user_id(context), newest_submission(session, release.id))
        return steps.present(release)


def edomex_release_approve(context: Context, data_dict: Data) -> Data:
    """Approve a dataset's content as it was sent, to be public from an instant on.

    :param id: id of the release
    :param release_at: ISO 8601 with zone, or `now`
    :param announced: whether the public calendar may name the dataset before (optional, false)
    :param reason: why the date is another than everybody was told before, for everybody (optional)
    :param confirm: that the date lies in a window that warns is known (optional, false)
    :param submission: number of the submission that the caller has seen; where another was sent since, 409 (optional)
    :returns: the release
    """
    need_account(context)
    data = parameters.read(schema.approve() | review_schema.seen(), data_dict)
    with steps.domain_errors(), unit_of_work() as session:
        release, package = access.find_release(context, data["id"], lock=True)
        tk.check_access("edomex_release_approve", context, data)
        at = approval.check(context, session, release, package, data)
        told, reason = _change_of_promise(release, at, data.get("reason"))
        steps.plan(release, at)
        release.approved_by = access.user_id(context)
        release.calendar_status, release.announced = Calendar.CONFIRMED, bool(data.get("announced"))
        release.announced_title = _title_of(release.content_id) if release.announced else None
        steps.take(context, release, "approve", reason=reason, details={**told, "content_hash": release.content_hash})
        return steps.present(release)


def edomex_release_reschedule(context: Context, data_dict: Data) -> Data:
    """Change a confirmed date; the reason becomes public with it.

    :param id: id of the release
    :param release_at: ISO 8601 with zone, or `now`
    :param reason: why, for everybody
    :param confirm: that the date lies in a window that warns is known (optional, false)
    :returns: the release
    """
    need_account(context)
    data = parameters.read(schema.reschedule(), data_dict)
    with steps.domain_errors(), unit_of_work() as session:
        release, package = access.find_release(context, data["id"], lock=True)
        tk.check_access("edomex_release_reschedule", context, data)
        steps.check(release, "reschedule")
        before, at = release.release_at, parse_release_at(data.get(FIELD), now(session))
        check(at, windows_of(session, package.owner_org, at), confirmed=bool(data.get("confirm")))
        steps.plan(release, at)
        steps.take(context, release, "reschedule", reason=data["reason"], details={"from": iso(before), "to": iso(at)})
        return steps.present(release)


def edomex_release_cancel(context: Context, data_dict: Data) -> Data:
    """End a release that has not happened; the dataset stays private and may be sent again.

    :param id: id of the release
    :param reason: why; public if everybody was told of a date
    :returns: the release
    """
    need_account(context)
    data = parameters.read(schema.with_reason(), data_dict)
    with steps.domain_errors(), unit_of_work():
        release, _ = access.find_release(context, data["id"], lock=True)
        tk.check_access("edomex_release_cancel", context, data)
        steps.take(context, release, "cancel", reason=data["reason"])
        release.calendar_status = Calendar.CANCELLED
        return steps.present(release)


def _note_of(numbers: list[int]) -> str:
    """What a return to the agency says where nobody wrote a note. FieldError where there is nothing to say."""
    if not numbers:
        raise FieldError("note", "Escriba qué hay que cambiar, o anote al menos una observación en el campo o el archivo que toca.")
    return f"Hay que atender {summary(numbers)}."


def _change_of_promise(release: Release, at: datetime, reason: str | None) -> tuple[Data, str | None]:
    """What an approval says of its date in public: a date that was known before moves only with a reason."""
    before = release.promised_at
    if before is None or before == at:
        return {"to": iso(at)}, None
    return {"from": iso(before), "to": iso(at)}, reason or APPROVED_ANEW


def _title_of(package_id: str) -> str | None:
    package = model.Package.get(package_id)
    return (package.title or package.name) if package else None


def _what_is_sent(session: AlchemySession, package: model.Package) -> model.Package:
    """The dataset itself, or the edition of it that is being written."""
    if not is_released(session, package.id):
        return package
    edition = open_edition(session, package.id)
    staged = model.Package.get(edition.content_id) if edition else None
    if staged is None:
        raise FieldError("dataset_id", "Este conjunto ya es público; abra una edición para cambiarlo (edomex_release_edition_open).")
    return staged
