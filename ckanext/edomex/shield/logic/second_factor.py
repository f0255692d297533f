"""Second factors: who needs one, making one, showing a code, resetting it."""

from __future__ import annotations

import logging
from typing import Any

from ckan import model
from ckan.plugins import toolkit as tk
from ckan.types import Context
from flask import has_request_context, session

from ckanext.edomex.adapters.callers import state_roles
from ckanext.edomex.adapters.unit_of_work import unit_of_work
from ckanext.edomex.shield import config
from ckanext.edomex.shield.domain import second_factor as rules
from ckanext.edomex.shield.model import factors, sessions, vault
from ckanext.edomex.shield.model.tables import Factor, Recovery

log = logging.getLogger(__name__)
Data = dict[str, Any]
#: In a session: that its owner has not shown a second factor yet, and that they have.
PENDING, SHOWN = "_edomex_pending", "_edomex_shown"
NOT_THERE = "No existe esa cuenta, o no tiene un segundo factor."


def is_needed(user: model.User) -> bool:
    """Whether an account has to have a second factor, by the roles that it has now."""
    wanted = config.second_factor_roles()
    if not wanted:
        return False
    roles = {"sysadmin"} if user.sysadmin else set()
    if wanted - {"sysadmin"}:
        roles |= state_roles(user)
    return rules.is_needed(wanted=wanted, roles=frozenset(roles))


def begin(user: model.User) -> str:
    """The secret that an authenticator program has to learn; the same until a code of it is shown."""
    found = factors.find(user.id)
    if found is not None:
        return vault.unlock(found.secret)
    secret = rules.new_secret()
    with unit_of_work() as work:
        work.add(Factor(user_id=user.id, secret=vault.lock(secret)))
    return secret


def confirm(user: model.User, code: str) -> list[str] | None:
    """Begin to ask for codes, once the first one is right; returns the recovery codes, which are shown this once."""
    if factors.is_confirmed(user.id) or not _take_code(user, code):
        return None
    codes = rules.new_recovery_codes()
    with unit_of_work() as work:
        work.add_all(Recovery(user_id=user.id, code_hash=vault.seal(user.id, str(rules.plain_recovery(each)))) for each in codes)
    log.info("second factor set up: %s", user.name, extra={"event": "factor.set_up", "user": user.name})
    return codes


def check(user: model.User, code: str) -> bool:
    """Whether a code, or a recovery code, is right; either is right once."""
    if _take_code(user, code):
        return True
    recovery = rules.plain_recovery(code)
    if recovery is not None:
        with unit_of_work():
            used = factors.take_recovery(user.id, vault.seal(user.id, recovery))
        if used:
            log.warning("recovery code used: %s", user.name, extra={"event": "factor.recovered", "user": user.name})
            return True
    log.warning("second factor refused: %s", user.name, extra={"event": "factor.refused", "user": user.name})
    return False


def _take_code(user: model.User, code: str) -> bool:
    found = factors.find(user.id)
    if found is None:
        return False
    step = rules.matching_step(vault.unlock(found.secret), code, factors.seconds_now(), found.last_step)
    if step is None:
        return False
    with unit_of_work():
        return factors.take_step(user.id, step)


def was_shown(user: model.User) -> bool:
    """Whether this is a browser's session in which the account has shown its second factor."""
    return has_request_context() and session.get("_user_id") == user.id and bool(session.get(SHOWN))


def edomex_second_factor_reset(context: Context, data_dict: Data) -> Data:
    """Take an account's second factor away, for who lost telephone and recovery codes; its sessions end.

    :param user: id or name of the account
    :returns: `{user, sessions}`, the account's name and how many sessions ended
    """
    tk.check_access("edomex_second_factor_reset", context, data_dict)
    user = model.User.get(tk.get_or_bust(data_dict, "user"))
    if user is None:
        raise tk.ObjectNotFound(NOT_THERE)
    with unit_of_work():
        if not factors.forget(user.id):
            raise tk.ObjectNotFound(NOT_THERE)
    ended = sessions.end_all(user.id)
    log.warning("second factor reset: %s", user.name, extra={"event": "factor.reset", "user": user.name, "by": context.get("user")})
    return {"user": user.name, "sessions": ended}
