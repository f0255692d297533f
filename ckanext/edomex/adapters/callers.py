"""With whose rights something is done: those of whoever asks, or the site's own."""

from __future__ import annotations

from typing import Any

from ckan import model
from ckan.plugins import toolkit as tk
from ckan.types import Context

#: What a page says that is not there, or not for this reader: one sentence for both.
NO_PAGE = "No existe esa página, o no puede verla con esta cuenta."


def caller(context: Context) -> model.User | None:
    """The user who asks; None for anonymous and for the machine itself."""
    user = context.get("user")
    return model.User.get(user) if user else None


def call(action: str, **data: Any) -> Any:
    """An action with the rights of whoever looks at the page."""
    return tk.get_action(action)(Context(user=tk.current_user.name, auth_user_obj=tk.current_user), data)


def call_as_site(action: str, **data: Any) -> Any:
    """An action in the name of the site's own account, which may do everything."""
    site = tk.get_action("get_site_user")(Context(ignore_auth=True, user=""), {})
    return tk.get_action(action)(Context(ignore_auth=True, user=site["name"]), data)
