"""What has to hold before a release is approved, asked by the approval itself and by whoever wants to know beforehand."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ckan import model
from ckan.plugins import toolkit as tk
from ckan.types import AlchemySession, Context

from ckanext.edomex.adapters import parameters
from ckanext.edomex.domain.clock import iso
from ckanext.edomex.release.domain.errors import FieldError, OtherSubmissionError, PendingError, ReleaseError, SamePersonError
from ckanext.edomex.release.domain.observations import summary
from ckanext.edomex.release.domain.schedule import FIELD, parse_release_at
from ckanext.edomex.release.domain.windows import check as check_windows
from ckanext.edomex.release.logic import access, review_schema, steps
from ckanext.edomex.release.model import Release, content_hashes, newest_submission, now, pending, windows_of

Data = dict[str, Any]


@tk.side_effect_free
def edomex_release_approve_preview(context: Context, data_dict: Data) -> Data:
    """What an approval would do to a release, checked as the approval checks it; nothing changes.

    :param id: id of the release
    :param release_at: ISO 8601 with zone, or `now`
    :param announced: whether the public calendar would name the dataset (optional, false)
    :param confirm: that the date lies in a window that warns is known (optional, false)
    :param submission: number of the submission that the caller has seen (optional)
    :returns: `{id, dataset_id, title, agency, submission, ready, release_at, announced, promised_at, field, message}`; where it is not
        `ready`, `message` says why and `field` which parameter is wrong, if one is
    """
    tk.check_access("edomex_release_approve_preview", context, data_dict)
    data = parameters.read(review_schema.preview(), data_dict)
    release, package = access.find_release(context, data["id"])
    content = model.Package.get(release.content_id) or package
    agency = model.Group.get(package.owner_org)
    found: Data = {
        "id": release.id, "dataset_id": release.package_id, "title": content.title or content.name,
        "agency": {"name": agency.name, "title": agency.title or agency.name} if agency else None,
        "submission": newest_submission(model.Session, release.id), "promised_at": iso(release.promised_at),
        "announced": bool(data.get("announced")), "ready": True, "release_at": None, "field": None, "message": None,
    }  # fmt: skip
    try:
        return {**found, "release_at": iso(check(context, model.Session, release, package, data))}
    except ReleaseError as error:
        field = error.field if isinstance(error, FieldError) else None
        return {**found, "ready": False, "field": field, "message": str(error)}


def check(context: Context, session: AlchemySession, release: Release, package: model.Package, data: Data) -> datetime:
    """The instant of an approval that may be given. ReleaseError, with its remedy, for one that may not."""
    if release.submitted_by == access.user_id(context):
        raise SamePersonError("Usted envió este conjunto a revisión; otra persona tiene que aprobarlo.")
    steps.check(release, "approve")
    _refuse_other_submission(session, release, data.get("submission"))
    _refuse_if_pending(session, release)
    at = parse_release_at(data.get(FIELD), now(session))
    if content_hashes(session, [release.content_id]).get(release.content_id) != release.content_hash:
        raise FieldError("id", "El contenido cambió después del envío; pida que lo envíen de nuevo.")
    check_windows(at, windows_of(session, package.owner_org, at), confirmed=bool(data.get("confirm")))
    return at


def _moves_left(release: Release) -> list[str]:
    return [name for name in steps.allowed(release) if name != "approve"]


def _refuse_other_submission(session: AlchemySession, release: Release, seen: int | None) -> None:
    """OtherSubmissionError where another content was sent since the caller looked: nobody approves what they did not see."""
    newest = newest_submission(session, release.id)
    if seen not in {None, newest}:
        raise OtherSubmissionError(str(release.state), _moves_left(release), newest)


def _refuse_if_pending(session: AlchemySession, release: Release) -> None:
    """PendingError, with what is still to be settled."""
    left = pending(session, release.id)
    if left:
        explanation = f"Antes de aprobar hay que resolver o retirar {summary([each.number for each in left])}."
        raise PendingError(str(release.state), _moves_left(release), explanation, [each.id for each in left])
