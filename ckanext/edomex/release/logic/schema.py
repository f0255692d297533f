"""Parameters of the actions, with their validators."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time
from typing import Any

from ckan.logic.schema import validator_args
from ckan.plugins import toolkit as tk

from ckanext.edomex.domain.clock import ZONE
from ckanext.edomex.release.domain.calendar import Status
from ckanext.edomex.release.domain.lifecycle import OPEN, State
from ckanext.edomex.release.domain.months import Month, MonthError, parse_month
from ckanext.edomex.release.domain.windows import Effect

#: Longer reasons are documents, and belong into a file.
LONGEST_TEXT = 2000
#: Datasets that one question may be about.
MOST_IDS = 2000


def words(empty: str) -> Callable[[Any], str]:
    """A validator of a person's words: trimmed, of printable characters and lines, not too long; `empty` asks for them."""

    def check(value: Any) -> str:
        words = str(value).strip() if isinstance(value, str) else ""
        if not words:
            raise tk.Invalid(empty)
        if len(words) > LONGEST_TEXT:
            raise tk.Invalid(f"El texto tiene {len(words)} caracteres y caben {LONGEST_TEXT}; acórtelo.")
        if any(not (character.isprintable() or character in "\n\t\r") for character in words):
            raise tk.Invalid("El texto tiene caracteres de control; escríbalo de nuevo sin ellos.")
        return words

    return check


text = words("Escriba el motivo: quedará registrado.")


def instant(value: Any) -> Any:
    """An ISO 8601 instant with zone, or a date taken as midnight in the state's zone."""
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise tk.Invalid("No se entiende la fecha; escríbala como 2027-03-01 o 2027-03-01T09:00:00-06:00.") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=ZONE)


@validator_args
def submit(not_missing: Any, unicode_safe: Any) -> Any:
    """`edomex_release_submit`."""
    return {"dataset_id": [not_missing, unicode_safe]}


@validator_args
def with_reason(not_missing: Any, unicode_safe: Any) -> Any:
    """`edomex_release_cancel` and, with a date, `edomex_release_reschedule`."""
    return {"id": [not_missing, unicode_safe], "reason": [not_missing, text]}


@validator_args
def request_changes(not_missing: Any, unicode_safe: Any, ignore_empty: Any) -> Any:
    """`edomex_release_request_changes`; with observations written down the note may be left out."""
    return {"id": [not_missing, unicode_safe], "note": [ignore_empty, text]}


@validator_args
def approve(not_missing: Any, unicode_safe: Any, ignore_missing: Any, ignore_empty: Any, boolean_validator: Any) -> Any:
    """`edomex_release_approve`; the date is read by the domain."""
    return {
        "id": [not_missing, unicode_safe],
        "release_at": [ignore_missing],
        "announced": [ignore_missing, boolean_validator],
        "reason": [ignore_empty, text],
        "confirm": [ignore_missing, boolean_validator],
    }


@validator_args
def only_id(not_missing: Any, unicode_safe: Any) -> Any:
    """Actions on one release that need nothing else."""
    return {"id": [not_missing, unicode_safe]}


@validator_args
def withdraw(not_missing: Any, unicode_safe: Any) -> Any:
    """`edomex_release_withdraw`; both texts become public."""
    return {"dataset_id": [not_missing, unicode_safe], "reason": [not_missing, text], "legal_ground": [not_missing, text]}


@validator_args
def version(not_missing: Any, unicode_safe: Any, natural_number_validator: Any) -> Any:
    """`edomex_release_version_show`."""
    return {"dataset_id": [not_missing, unicode_safe], "version": [not_missing, natural_number_validator]}


@validator_args
def outbox(ignore_empty: Any, unicode_safe: Any, natural_number_validator: Any, default: Any, boolean_validator: Any) -> Any:
    """`edomex_release_outbox_list` and `_replay`."""
    return {
        "kind": [ignore_empty, unicode_safe],
        "dead": [default("true"), boolean_validator],
        "id": [ignore_empty, natural_number_validator],
        "limit": [default(100), natural_number_validator],
    }


@validator_args
def role_list(ignore_empty: Any, unicode_safe: Any) -> Any:
    """`edomex_release_role_list`."""
    return {"user": [ignore_empty, unicode_safe]}


@validator_args
def reschedule(not_missing: Any, unicode_safe: Any, ignore_missing: Any, boolean_validator: Any) -> Any:
    """`edomex_release_reschedule`."""
    return {
        "id": [not_missing, unicode_safe],
        "release_at": [ignore_missing],
        "reason": [not_missing, text],
        "confirm": [ignore_missing, boolean_validator],
    }


@validator_args
def listing(
    ignore_empty: Any, unicode_safe: Any, natural_number_validator: Any, limit_to_configured_maximum: Any, default: Any
) -> Any:
    """`edomex_release_list`."""
    return {
        "dataset_id": [ignore_empty, unicode_safe],
        "state": [ignore_empty, unicode_safe],
        "agency": [ignore_empty, unicode_safe],
        "from": [ignore_empty, instant],
        "to": [ignore_empty, instant],
        "limit": [default(100), natural_number_validator, limit_to_configured_maximum("ckan.search.rows_max", 1000)],
        "offset": [default(0), natural_number_validator],
    }


def _month(value: Any) -> Month:
    """«2027-03»."""
    try:
        return parse_month(value)
    except MonthError as error:
        raise tk.Invalid(str(error)) from error


@validator_args
def calendar(
    ignore_empty: Any, one_of: Any, boolean_validator: Any, natural_number_validator: Any, limit_to_configured_maximum: Any,
    default: Any,
) -> Any:
    """`edomex_calendar_list`, and what the other readings of the calendar have of it."""
    return {
        **{name: [ignore_empty, tk.get_validator("unicode_safe")] for name in ("dataset_id", "agency")},
        "status": [ignore_empty, one_of([str(status) for status in Status])],
        "moved": [ignore_empty, boolean_validator],
        "from": [ignore_empty, instant],
        "to": [ignore_empty, instant],
        "month": [ignore_empty, _month],
        "sort": [default("date"), one_of(["date", "newest", "changed"])],
        "limit": [default(100), natural_number_validator, limit_to_configured_maximum("ckan.search.rows_max", 1000)],
        "offset": [default(0), natural_number_validator],
        "per_day": [default(4), natural_number_validator],
    }


def _clock_time(value: Any) -> time:
    """«09:30», a whole minute."""
    try:
        return datetime.strptime(value, "%H:%M").time()  # noqa: DTZ007  # a time of the day has no zone
    except (TypeError, ValueError):
        raise tk.Invalid("No se entiende la hora; escríbala como 09:30.") from None


def _weekdays(value: Any) -> list[int]:
    """Numbers from 1 (Monday) to 7, as a list or one after the other."""
    given = value.replace(",", " ").split() if isinstance(value, str) else value
    try:
        days = sorted({int(day) for day in given})
    except (TypeError, ValueError):
        days = []
    if not days or not set(days) <= set(range(1, 8)):
        raise tk.Invalid("Elija al menos un día de la semana, del 1 (lunes) al 7 (domingo).")
    return days


@validator_args
def punctuality(ignore_empty: Any) -> Any:
    """`edomex_calendar_punctuality`."""
    return {"from": [ignore_empty, instant], "to": [ignore_empty, instant]}


@validator_args
def agenda(ignore_empty: Any, unicode_safe: Any, natural_number_validator: Any, limit_to_configured_maximum: Any, default: Any) -> Any:
    """`edomex_release_agenda`."""
    return {
        **{name: [ignore_empty, unicode_safe] for name in ("agency", "state")},
        **{name: [ignore_empty, instant] for name in ("from", "to")},
        "month": [ignore_empty, _month],
        "per_day": [ignore_empty, natural_number_validator],
        "limit": [default(100), natural_number_validator, limit_to_configured_maximum("ckan.search.rows_max", 1000)],
        "offset": [default(0), natural_number_validator],
    }


@validator_args
def updates(
    ignore_empty: Any, unicode_safe: Any, default: Any, natural_number_validator: Any, limit_to_configured_maximum: Any
) -> Any:
    """`edomex_update_due_list`."""
    return {
        "agency": [ignore_empty, unicode_safe],
        "within": [default(14), natural_number_validator],
        "limit": [default(100), natural_number_validator, limit_to_configured_maximum("ckan.search.rows_max", 1000)],
        "offset": [default(0), natural_number_validator],
    }


@validator_args
def queue(
    ignore_empty: Any, unicode_safe: Any, one_of: Any, natural_number_validator: Any, limit_to_configured_maximum: Any, default: Any
) -> Any:
    """`edomex_release_queue`."""
    return {
        "state": [default(str(State.IN_REVIEW)), one_of(sorted(OPEN))],
        "agency": [ignore_empty, unicode_safe],
        "limit": [default(100), natural_number_validator, limit_to_configured_maximum("ckan.search.rows_max", 1000)],
        "offset": [default(0), natural_number_validator],
    }


@validator_args
def blackout(not_missing: Any, not_empty: Any, ignore_empty: Any, unicode_safe: Any, one_of: Any) -> Any:
    """`edomex_blackout_create`."""
    return {
        "starts_at": [not_empty, instant],
        "ends_at": [not_empty, instant],
        "effect": [not_empty, one_of([str(effect) for effect in Effect])],
        "reason": [not_missing, text],
        "agency": [ignore_empty, unicode_safe],
    }


@validator_args
def blackouts(ignore_empty: Any, unicode_safe: Any) -> Any:
    """`edomex_blackout_list`."""
    return {"from": [ignore_empty, instant], "to": [ignore_empty, instant], "agency": [ignore_empty, unicode_safe]}


@validator_args
def schedule(not_empty: Any, unicode_safe: Any) -> Any:
    """`edomex_schedule_update`."""
    return {"agency": [not_empty, unicode_safe], "time": [not_empty, _clock_time], "weekdays": [not_empty, _weekdays]}


@validator_args
def only_agency(not_empty: Any, unicode_safe: Any) -> Any:
    """`edomex_schedule_show` and `_reset`."""
    return {"agency": [not_empty, unicode_safe]}


@validator_args
def role(not_missing: Any, unicode_safe: Any, one_of: Any) -> Any:
    """`edomex_release_role_grant` and `_revoke`."""
    return {"user": [not_missing, unicode_safe], "role": [not_missing, one_of(["reviewer", "manager"])]}


def ids(value: Any) -> list[str]:
    """Some ids, as a list or as text with commas between them."""
    found = value.split(",") if isinstance(value, str) else value
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        raise tk.Invalid("Escriba una lista de identificadores.")
    if len(found) > MOST_IDS:
        raise tk.Invalid(f"Son {len(found)} identificadores y caben {MOST_IDS}; pregunte por partes.")
    return found


@validator_args
def many(not_missing: Any) -> Any:
    """Actions that tell of many datasets at once."""
    return {"dataset_ids": [not_missing, ids]}
