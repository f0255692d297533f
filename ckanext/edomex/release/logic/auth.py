"""Who may call which action of a release. Sysadmins may by CKAN's own rule; four eyes bind them too."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from ckan import model
from ckan.plugins import toolkit as tk
from ckan.types import AuthResult, Context

from ckanext.edomex.adapters.callers import with_account
from ckanext.edomex.release.domain.lifecycle import Role
from ckanext.edomex.release.logic import access
from ckanext.edomex.release.model import Observation, Release

#: What one role alone does with windows, habits and observations → what others are told.
MANAGED: Mapping[str, tuple[Role, str]] = MappingProxyType({
    "edomex_blackout_create": (Role.MANAGER, "Solo quien administra el calendario pone periodos sin publicaciones."),
    "edomex_blackout_end": (Role.MANAGER, "Solo quien administra el calendario termina un periodo sin publicaciones."),
    "edomex_schedule_update": (Role.MANAGER, "Solo quien administra el calendario cambia el horario de una dependencia."),
    "edomex_schedule_reset": (Role.MANAGER, "Solo quien administra el calendario cambia el horario de una dependencia."),
    "edomex_release_look": (Role.REVIEWER, "Solo una persona revisora anota qué envío ya revisó."),
    "edomex_observation_create": (Role.REVIEWER, "Solo una persona revisora escribe observaciones."),
    "edomex_observation_resolve": (Role.REVIEWER, "Solo una persona revisora da por resuelta una observación."),
    "edomex_observation_reopen": (Role.REVIEWER, "Solo una persona revisora abre de nuevo una observación."),
    "edomex_observation_withdraw": (Role.REVIEWER, "Solo una persona revisora retira una observación."),
})


def edomex_release_submit(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    """Editors of the dataset's agency."""
    package = model.Package.get(data_dict.get("dataset_id"))
    return _editor(context, package, "Solo quien edita los datos de la dependencia puede enviarlos a revisión.")


def edomex_release_request_changes(context: Context, _data: dict[str, Any]) -> AuthResult:
    """Reviewers."""
    return _role(context, Role.REVIEWER, "Solo una persona revisora puede pedir cambios.")


def edomex_release_approve(context: Context, _data: dict[str, Any]) -> AuthResult:
    """Reviewers; that it is not the submitter is a rule of the action."""
    return _role(context, Role.REVIEWER, "Solo una persona revisora puede aprobar.")


def edomex_observation_create(context: Context, _data: dict[str, Any]) -> AuthResult:
    """Reviewers."""
    return _role(context, *MANAGED["edomex_observation_create"])


def edomex_observation_answer(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    """Editors of the dataset's agency."""
    observation = model.Session.get(Observation, data_dict.get("id") or "")
    release = model.Session.get(Release, observation.release_id) if observation else None
    package = model.Package.get(release.package_id) if release else None
    return _editor(context, package, "Solo quien edita los datos de la dependencia contesta una observación.")


def edomex_observation_resolve(context: Context, _data: dict[str, Any]) -> AuthResult:
    """Reviewers; that it is not the submitter is a rule of the action."""
    return _role(context, *MANAGED["edomex_observation_resolve"])


def edomex_observation_reopen(context: Context, _data: dict[str, Any]) -> AuthResult:
    """Reviewers."""
    return _role(context, *MANAGED["edomex_observation_reopen"])


def edomex_observation_withdraw(context: Context, _data: dict[str, Any]) -> AuthResult:
    """Reviewers; that it is not the submitter is a rule of the action."""
    return _role(context, *MANAGED["edomex_observation_withdraw"])


def edomex_observation_list(context: Context, _data: dict[str, Any]) -> AuthResult:
    """As `edomex_release_show`."""
    return with_account(context)


def edomex_release_changes(context: Context, _data: dict[str, Any]) -> AuthResult:
    """As `edomex_release_show`."""
    return with_account(context)


def edomex_release_look(context: Context, _data: dict[str, Any]) -> AuthResult:
    """Reviewers."""
    return _role(context, *MANAGED["edomex_release_look"])


def edomex_release_approve_preview(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    """As `edomex_release_approve`."""
    return edomex_release_approve(context, data_dict)


def edomex_release_reschedule(context: Context, _data: dict[str, Any]) -> AuthResult:
    """Release managers."""
    return _role(context, Role.MANAGER, "Solo quien administra el calendario puede cambiar la fecha.")


def edomex_release_cancel(context: Context, _data: dict[str, Any]) -> AuthResult:
    """Release managers."""
    return _role(context, Role.MANAGER, "Solo quien administra el calendario puede cancelar.")


def edomex_release_edition_open(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    """Editors of the dataset's agency."""
    package = model.Package.get(data_dict.get("dataset_id"))
    return _editor(context, package, "Solo quien edita los datos de la dependencia abre una edición.")


def edomex_release_edition_discard(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    """Editors of the dataset's agency."""
    release = model.Session.get(Release, data_dict.get("id") or "")
    package = model.Package.get(release.package_id) if release else None
    return _editor(context, package, "Solo quien edita los datos de la dependencia descarta una edición.")


def edomex_release_withdraw(context: Context, _data: dict[str, Any]) -> AuthResult:
    """Release managers."""
    return _role(context, Role.MANAGER, "Solo quien administra el calendario puede proponer un retiro.")


def edomex_release_withdraw_confirm(context: Context, _data: dict[str, Any]) -> AuthResult:
    """Release managers; that it is not who proposed it is a rule of the action."""
    return _role(context, Role.MANAGER, "Solo quien administra el calendario puede confirmar un retiro.")


def edomex_release_status(context: Context, _data: dict[str, Any]) -> AuthResult:
    """Release managers."""
    return _role(context, Role.MANAGER, "Solo quien administra el calendario ve el estado del motor.")


def edomex_release_happenings(_context: Context, _data: dict[str, Any]) -> AuthResult:
    """The machine itself, and administrators of the portal: it has ids of accounts."""
    return _no("Solo el portal mismo lo consulta.")


def edomex_release_outbox_list(context: Context, _data: dict[str, Any]) -> AuthResult:
    """Release managers."""
    return _role(context, Role.MANAGER, "Solo quien administra el calendario ve las tareas pendientes.")


def edomex_release_outbox_replay(context: Context, _data: dict[str, Any]) -> AuthResult:
    """Release managers."""
    return _role(context, Role.MANAGER, "Solo quien administra el calendario repite las tareas.")


@tk.auth_allow_anonymous_access
def edomex_release_history_list(_context: Context, _data: dict[str, Any]) -> AuthResult:
    """Anyone."""
    return {"success": True}


@tk.auth_allow_anonymous_access
def edomex_release_withdrawal_list(_context: Context, _data: dict[str, Any]) -> AuthResult:
    """Anyone."""
    return {"success": True}


@tk.auth_allow_anonymous_access
def edomex_release_published_at(_context: Context, _data: dict[str, Any]) -> AuthResult:
    """Anyone."""
    return {"success": True}


@tk.auth_allow_anonymous_access
def edomex_release_tombstone(_context: Context, _data: dict[str, Any]) -> AuthResult:
    """Anyone."""
    return {"success": True}


@tk.auth_allow_anonymous_access
def edomex_release_version_list(_context: Context, _data: dict[str, Any]) -> AuthResult:
    """Anyone, of what they may see."""
    return {"success": True}


@tk.auth_allow_anonymous_access
def edomex_release_version_show(_context: Context, _data: dict[str, Any]) -> AuthResult:
    """Anyone, of what they may see."""
    return {"success": True}


def edomex_release_show(context: Context, _data: dict[str, Any]) -> AuthResult:
    """Anyone with an account; the action shows each caller only what they may know of."""
    return with_account(context)


def edomex_release_list(context: Context, _data: dict[str, Any]) -> AuthResult:
    """As `edomex_release_show`."""
    return with_account(context)


@tk.auth_allow_anonymous_access
def edomex_calendar_list(_context: Context, _data: dict[str, Any]) -> AuthResult:
    """Anyone."""
    return {"success": True}


@tk.auth_allow_anonymous_access
def edomex_calendar_month(_context: Context, _data: dict[str, Any]) -> AuthResult:
    """Anyone."""
    return {"success": True}


@tk.auth_allow_anonymous_access
def edomex_calendar_count(_context: Context, _data: dict[str, Any]) -> AuthResult:
    """Anyone."""
    return {"success": True}


@tk.auth_allow_anonymous_access
def edomex_calendar_punctuality(_context: Context, _data: dict[str, Any]) -> AuthResult:
    """Anyone."""
    return {"success": True}


def edomex_release_board(context: Context, _data: dict[str, Any]) -> AuthResult:
    """As `edomex_release_show`."""
    return with_account(context)


def edomex_update_due_list(context: Context, _data: dict[str, Any]) -> AuthResult:
    """As `edomex_release_show`; each is shown what is of the agencies that they work for or review."""
    return with_account(context)


def edomex_blackout_list(context: Context, _data: dict[str, Any]) -> AuthResult:
    """Anyone with an account; the action shows each caller the state's windows and those of their agencies."""
    return with_account(context)


def edomex_schedule_show(context: Context, _data: dict[str, Any]) -> AuthResult:
    """Anyone with an account."""
    return with_account(context)


def edomex_schedule_list(context: Context, _data: dict[str, Any]) -> AuthResult:
    """Anyone with an account."""
    return with_account(context)


def edomex_release_agenda(context: Context, _data: dict[str, Any]) -> AuthResult:
    """As `edomex_release_show`."""
    return with_account(context)


def edomex_release_queue(context: Context, _data: dict[str, Any]) -> AuthResult:
    """As `edomex_release_show`."""
    return with_account(context)


def edomex_blackout_create(context: Context, _data: dict[str, Any]) -> AuthResult:
    """Release managers."""
    return _role(context, *MANAGED["edomex_blackout_create"])


def edomex_blackout_end(context: Context, _data: dict[str, Any]) -> AuthResult:
    """Release managers."""
    return _role(context, *MANAGED["edomex_blackout_end"])


def edomex_schedule_update(context: Context, _data: dict[str, Any]) -> AuthResult:
    """Release managers."""
    return _role(context, *MANAGED["edomex_schedule_update"])


def edomex_schedule_reset(context: Context, _data: dict[str, Any]) -> AuthResult:
    """Release managers."""
    return _role(context, *MANAGED["edomex_schedule_reset"])


def edomex_release_role_grant(_context: Context, _data: dict[str, Any]) -> AuthResult:
    """Sysadmins only."""
    return _no("Solo quien administra el portal reparte estas funciones.")


def edomex_release_role_revoke(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    """Sysadmins only."""
    return edomex_release_role_grant(context, data_dict)


def edomex_release_role_list(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    """Sysadmins only."""
    return edomex_release_role_grant(context, data_dict)


def _editor(context: Context, package: model.Package | None, refusal: str) -> AuthResult:
    return {"success": True} if package and access.may_edit(context, package) else _no(refusal)


def _role(context: Context, role: Role, refusal: str) -> AuthResult:
    return {"success": True} if access.has_role(context, role) else _no(refusal)


def _no(message: str) -> AuthResult:
    return {"success": False, "msg": message}
