"""Accounts: who is invited, who leaves, who is closed, and which ones somebody has to look at."""

from __future__ import annotations

import logging
import secrets
from datetime import UTC, date
from typing import Any

from ckan import model
from ckan.plugins import toolkit as tk
from ckan.types import Action, Context

from ckanext.edomex.adapters.callers import caller, state_roles
from ckanext.edomex.adapters.unit_of_work import unit_of_work
from ckanext.edomex.shield.domain import accounts as rules
from ckanext.edomex.shield.model import accounts, factors, sessions

log = logging.getLogger(__name__)
Data = dict[str, Any]
ROLES = ("member", "editor", "admin")
NO_ACCOUNT = "No existe esa cuenta, o ya está cerrada."
ONLY_AGENCIES = "Se invita a una dependencia, con la función member, editor o admin."
NOT_ONESELF = "No puede cerrar su propia cuenta; pídalo a otra persona que administre."
NO_DATE = "Escriba la fecha como 2027-03-31, o déjela vacía si ya no se va."


@tk.chained_action
def user_invite(up_func: Action, context: Context, data_dict: Data) -> Any:
    """An invitation says who, to which agency and as what; nothing else goes through, `sysadmin` least of all."""
    wanted = {name: data_dict.get(name) for name in ("email", "group_id", "role")}
    tk.check_access("user_invite", context, dict(wanted))
    group = model.Group.get(str(wanted["group_id"] or ""))
    if group is None or not group.is_organization or wanted["role"] not in ROLES:
        raise tk.ValidationError({"role": [ONLY_AGENCIES]})
    invited = up_func(context, wanted)
    about = {"event": "account.invited", "user": invited["name"], "by": context.get("user")}
    log.info("account invited: %s, %s of %s", invited["name"], wanted["role"], group.name, extra=about)
    return invited


def edomex_account_close(context: Context, data_dict: Data) -> Data:
    """Close an account: keys, sessions, memberships, roles and second factor go in that moment; what it did stays.

    :param user: id or name of the account
    :returns: `{user, tokens, memberships, sessions}`, how many of each ended
    """
    tk.check_access("edomex_account_close", context, data_dict)
    user = find(data_dict)
    if user.name == context.get("user"):
        raise tk.ValidationError({"user": [NOT_ONESELF]})
    for role in sorted(state_roles(user)):
        tk.get_action("edomex_release_role_revoke")(Context(ignore_auth=True, user=""), {"user": user.name, "role": role})
    with unit_of_work():
        ended = accounts.take_everything(user.id)
        factors.forget(user.id)
        kept = accounts.account(user.id)
        kept.closed_at, kept.closed_by = accounts.now(), context.get("user") or None
        user.state, user.sysadmin = model.State.DELETED, False
        # Whoever opens the account again has to set another password.
        user.password, user.reset_key = secrets.token_urlsafe(32), ""
    name = user.name
    ended["sessions"] = _end_sessions(user)
    about = {"event": "account.closed", "user": name, "by": context.get("user"), **ended}
    log.warning("account closed: %s", name, extra=about)
    return {"user": name, **ended}


def edomex_account_leave(context: Context, data_dict: Data) -> Data:
    """Note the day on which somebody leaves, so that the report asks for their account to be closed.

    :param user: id or name of the account
    :param on: the day, `2027-03-31`; empty if they stay after all
    :returns: `{user, leaves_on}`
    """
    tk.check_access("edomex_account_leave", context, data_dict)
    user, day = find(data_dict), _day(data_dict.get("on"))
    with unit_of_work():
        kept = accounts.account(user.id)
        kept.leaves_on, kept.noted_by = day, context.get("user") or None
    log.info("account leaves: %s", user.name, extra={"event": "account.leaves", "user": user.name, "by": context.get("user")})
    return {"user": user.name, "leaves_on": day.isoformat() if day else None}


@tk.side_effect_free
def edomex_account_report(context: Context, data_dict: Data) -> list[Data]:
    """Open accounts, those first that somebody has to look at: of all agencies, or of those that the caller administers.

    :param only_findings: leave out the others
    :returns: list of `{user, fullname, agencies, state, last_active, leaves_on, second_factor, findings}`; `findings`
        may hold `unused` (90 days) and `leaver_open` (more than 15 days after they left)
    """
    tk.check_access("edomex_account_report", context, data_dict)
    asking = caller(context)
    everything = context.get("ignore_auth") or (asking is not None and asking.sysadmin)
    scope = None if everything or asking is None else accounts.agencies_of(asking.id, as_admin=True)
    now = accounts.now()
    shown = [_present(row, now) for row in accounts.open_accounts(scope) if row.name != tk.config.get("ckan.site_id")]
    if tk.asbool(data_dict.get("only_findings")):
        shown = [row for row in shown if row["findings"]]
    return sorted(shown, key=lambda row: (not row["findings"], row["user"]))


def find(data_dict: Data) -> model.User:
    """The account that is meant. ObjectNotFound if there is none, or it is closed."""
    user = model.User.get(tk.get_or_bust(data_dict, "user"))
    if user is None or user.state == model.State.DELETED:
        raise tk.ObjectNotFound(NO_ACCOUNT)
    return user


def may_manage(asking: model.User | None, user: model.User | None) -> bool:
    """Whether somebody who is no administrator of the portal decides on an account."""
    if asking is None or user is None:
        return False
    return rules.may_manage(
        own_agencies=accounts.agencies_of(asking.id, as_admin=True),
        agencies=accounts.agencies_of(user.id),
        has_state_role=user.sysadmin or bool(state_roles(user)),
    )


def _end_sessions(user: model.User) -> int:
    try:
        return sessions.end_all(user.id)
    except sessions.StoreError as error:
        # They are over all the same: a session looks at its owner's account and password every time.
        log.warning("sessions cannot be ended (%s)", error, extra={"event": "session.store_lost"})
        return 0


def _day(text: Any) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        raise tk.ValidationError({"on": [NO_DATE]}) from None


def _present(row: Any, now: Any) -> Data:
    created, last = row.created.replace(tzinfo=UTC), row.last_active and row.last_active.replace(tzinfo=UTC)
    return {
        "user": row.name,
        "fullname": row.fullname,
        "agencies": sorted(row.agencies or []),
        "state": row.state,
        "last_active": last.isoformat() if last else None,
        "leaves_on": row.leaves_on.isoformat() if row.leaves_on else None,
        "second_factor": row.confirmed_at is not None,
        "findings": rules.findings(now=now, created=created, last_active=last, leaves_on=row.leaves_on),
    }
