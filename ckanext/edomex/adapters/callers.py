"""With whose rights something is done: those of whoever asks, or the site's own."""

from __future__ import annotations

from typing import Any

from ckan import model
from ckan.plugins import plugin_loaded
from ckan.plugins import toolkit as tk
from ckan.types import AuthResult, Context

#: What anonymous callers are told, whatever they name: no oracle of what exists.
LOG_IN = "Inicie sesión, o envíe su clave de API, para continuar."
#: What a page says that is not there, or not for this reader: one sentence for both.
NO_PAGE = "No existe esa página, o no puede verla con esta cuenta."


def caller(context: Context) -> model.User | None:
    """The user who asks; None for anonymous and for the machine itself."""
    user = context.get("user")
    known = context.get("auth_user_obj")
    if user and isinstance(known, model.User) and known.name == user:
        # Read when the request came in; a page asks a dozen times who that is.
        return known
    return model.User.get(user) if user else None


def need_account(context: Context) -> model.User:
    """The user who asks. NotAuthorized for anonymous callers."""
    user = caller(context)
    if user is None:
        raise tk.NotAuthorized(LOG_IN)
    return user


def with_account(context: Context) -> AuthResult:
    """The answer of an authorization for which an account is enough."""
    return {"success": True} if caller(context) else {"success": False, "msg": LOG_IN}


def state_roles(user: model.User) -> set[str]:
    """Roles of the state's that an account has; none where the room that grants them is not loaded."""
    if not plugin_loaded("edomex_release"):
        return set()
    grants = tk.get_action("edomex_release_role_list")(Context(ignore_auth=True, user=""), {"user": user.name})
    return {grant["role"] for grant in grants}


def call(action: str, **data: Any) -> Any:
    """An action with the rights of whoever looks at the page."""
    return tk.get_action(action)(reader(), data)


def may_use(action: str, **data: Any) -> bool:
    """Whether whoever looks at the page may use an action."""
    try:
        return tk.check_access(action, reader(), data)
    except (tk.NotAuthorized, tk.ObjectNotFound):
        return False


def site_user() -> str:
    """Name of the site's own account, which may do everything."""
    return tk.get_action("get_site_user")(Context(ignore_auth=True, user=""), {})["name"]


def call_as_site(action: str, **data: Any) -> Any:
    """An action in the name of the site's own account."""
    return tk.get_action(action)(Context(ignore_auth=True, user=site_user()), data)


def reader() -> Context:
    """The rights of whoever looks at the page, as an action's context."""
    return Context(user=tk.current_user.name, auth_user_obj=tk.current_user)
