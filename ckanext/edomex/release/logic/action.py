"""The steps of a release: submit, request changes, approve, reschedule, cancel. The contract fixes their names."""

from __future__ import annotations

from typing import Any

from ckan.plugins import toolkit as tk
from ckan.types import Context

from ckanext.edomex.adapters.unit_of_work import unit_of_work
from ckanext.edomex.domain.clock import iso
from ckanext.edomex.release.domain import lifecycle
from ckanext.edomex.release.domain.errors import FieldError, SamePersonError
from ckanext.edomex.release.domain.lifecycle import Calendar
from ckanext.edomex.release.domain.schedule import FIELD, parse_release_at
from ckanext.edomex.release.logic import access, schema, steps
from ckanext.edomex.release.model import Release, content_hashes, is_released, now, open_release

Data = dict[str, Any]


def edomex_release_submit(context: Context, data_dict: Data) -> Data:
    """Send a dataset to review, as it stands now.

    :param dataset_id: id or name of the dataset
    :returns: the release
    """
    _logged_in(context)
    data = schema.read(schema.submit(), data_dict)
    with steps.domain_errors(), unit_of_work() as session:
        package = access.find_package(context, data["dataset_id"])
        tk.check_access("edomex_release_submit", context, {"dataset_id": package.id})
        access.lock_package(package.id)
        if is_released(session, package.id):
            raise FieldError("dataset_id", "Este conjunto ya es público; no hay nada que enviar a revisión.")
        release = open_release(session, package.id, lock=True)
        if release is None:
            release = Release(package_id=package.id)
            session.add(release)
            session.flush()
        release.submitted_by, release.approved_by = _user_id(context), None
        release.release_at, release.calendar_status = None, Calendar.PROVISIONAL
        release.content_hash, release.last_error = content_hashes(session, [package.id])[package.id], None
        steps.take(context, release, "submit")
        return steps.present(release)


def edomex_release_request_changes(context: Context, data_dict: Data) -> Data:
    """Send a dataset back to its agency with what has to change.

    :param id: id of the release
    :param note: what has to change, for the people who sent it
    :returns: the release
    """
    _logged_in(context)
    data = schema.read(schema.request_changes(), data_dict)
    with steps.domain_errors(), unit_of_work():
        release, _ = access.find_release(context, data["id"], lock=True)
        tk.check_access("edomex_release_request_changes", context, data)
        steps.take(context, release, "request_changes", reason=data["note"])
        return steps.present(release)


def edomex_release_approve(context: Context, data_dict: Data) -> Data:
    """Approve a dataset's content as it was sent, to be public from an instant on.

    :param id: id of the release
    :param release_at: ISO 8601 with zone, or `now`
    :param announced: whether the public calendar may name the dataset before (optional, false)
    :returns: the release
    """
    _logged_in(context)
    data = schema.read(schema.approve(), data_dict)
    with steps.domain_errors(), unit_of_work() as session:
        release, package = access.find_release(context, data["id"], lock=True)
        tk.check_access("edomex_release_approve", context, data)
        if release.submitted_by == _user_id(context):
            raise SamePersonError("Usted envió este conjunto a revisión; otra persona tiene que aprobarlo.")
        lifecycle.after(lifecycle.State(release.state), "approve")
        at = parse_release_at(data.get(FIELD), now(session))
        if content_hashes(session, [package.id])[package.id] != release.content_hash:
            raise FieldError("id", "El contenido cambió después del envío; pida que lo envíen de nuevo.")
        release.release_at, release.approved_by = at, _user_id(context)
        release.calendar_status, release.announced = Calendar.CONFIRMED, bool(data.get("announced"))
        release.attempts, release.next_attempt_at = 0, None
        steps.take(context, release, "approve", details={"to": iso(at)})
        return steps.present(release)


def edomex_release_reschedule(context: Context, data_dict: Data) -> Data:
    """Change a confirmed date; the reason becomes public with it.

    :param id: id of the release
    :param release_at: ISO 8601 with zone, or `now`
    :param reason: why, for everybody
    :returns: the release
    """
    _logged_in(context)
    data = schema.read(schema.reschedule(), data_dict)
    with steps.domain_errors(), unit_of_work() as session:
        release, _ = access.find_release(context, data["id"], lock=True)
        tk.check_access("edomex_release_reschedule", context, data)
        lifecycle.after(lifecycle.State(release.state), "reschedule")
        before, at = release.release_at, parse_release_at(data.get(FIELD), now(session))
        release.release_at, release.attempts, release.next_attempt_at = at, 0, None
        steps.take(context, release, "reschedule", reason=data["reason"], details={"from": iso(before), "to": iso(at)})
        return steps.present(release)


def edomex_release_cancel(context: Context, data_dict: Data) -> Data:
    """End a release that has not happened; the dataset stays private and may be sent again.

    :param id: id of the release
    :param reason: why; public if the date had been confirmed
    :returns: the release
    """
    _logged_in(context)
    data = schema.read(schema.with_reason(), data_dict)
    with steps.domain_errors(), unit_of_work():
        release, _ = access.find_release(context, data["id"], lock=True)
        tk.check_access("edomex_release_cancel", context, data)
        steps.take(context, release, "cancel", reason=data["reason"])
        release.calendar_status = Calendar.CANCELLED
        return steps.present(release)


def _logged_in(context: Context) -> None:
    """Anonymous callers get one answer, whatever they name: no oracle of what exists."""
    if access.caller(context) is None:
        raise tk.NotAuthorized("Inicie sesión, o envíe su clave de API, para continuar.")


def _user_id(context: Context) -> str:
    user = access.caller(context)
    assert user is not None
    return user.id
