"""Pages of notices: the inbox, and how one wants to be told. They work without scripts; actions decide."""

from __future__ import annotations

from http import HTTPStatus

from ckan.plugins import toolkit as tk
from flask import Blueprint, request

from ckanext.edomex.adapters.answers import field_errors_are_400
from ckanext.edomex.adapters.callers import call
from ckanext.edomex.adapters.pages import Page, explained, for_staff, see_other
from ckanext.edomex.notices.domain.kinds import DELIVERY_NAMES, TOPICS
from ckanext.edomex.notices.logic.wording import INBOX, PREFERENCES

#: Notices of one page.
ROWS = 20

notices = Blueprint("edomex_notices", __name__)
notices.after_app_request(field_errors_are_400)


@notices.get(INBOX)
@for_staff("edomex_notices.inbox")
def inbox() -> Page:
    """One's notices, the newest first; `sin_leer` for those that were not read."""
    page, unread = max(request.args.get("pagina", 1, type=int), 1), "sin_leer" in request.args
    found = call("edomex_notice_list", unread=unread, limit=ROWS, offset=(page - 1) * ROWS)
    shown = {"page": page, "pages": -(-found["total"] // ROWS), "only_unread": unread, **found}
    return tk.render("edomex_notices/inbox.html", shown)


@notices.post(INBOX)
@for_staff("edomex_notices.inbox")
def read() -> Page:
    """Mark one notice as read, and go to its page if asked; or mark all."""
    notice_id = request.form.get("id", "")
    if request.form.get("accion") == "todos":
        done = call("edomex_notice_read", all=True)["read"]
        tk.h.flash_success("Todos los avisos quedaron como leídos." if done else "No había avisos sin leer.")
        return see_other("edomex_notices.inbox")
    done = call("edomex_notice_read", id=notice_id)
    if request.form.get("accion") == "abrir":
        response = tk.redirect_to(done["paths"][notice_id])
        response.status_code = HTTPStatus.SEE_OTHER
        return response
    back = {name: request.form[name] for name in ("pagina", "sin_leer") if request.form.get(name)}
    return see_other("edomex_notices.inbox", **back)


@notices.get(PREFERENCES)
@for_staff("edomex_notices.preferences")
def preferences() -> Page:
    """How one wants to be told."""
    return _form(call("edomex_notice_preference_show"), {}), HTTPStatus.OK


@notices.post(PREFERENCES)
@for_staff("edomex_notices.preferences")
def choose() -> Page:
    """Keep what was chosen."""
    chosen = {topic: request.form.get(topic, "") for topic, about in TOPICS.items() if not about.fixed}
    try:
        call("edomex_notice_preference_update", **chosen)
    except tk.ValidationError as error:
        status, errors = explained(error)
        return _form(chosen, errors), status
    tk.h.flash_success("Sus preferencias quedaron guardadas.")
    return see_other("edomex_notices.preferences")


def _form(chosen: dict[str, str], errors: dict[str, list[str]]) -> str:
    page = {"topics": TOPICS, "deliveries": DELIVERY_NAMES, "chosen": chosen, "errors": errors, "address": tk.current_user.email}
    return tk.render("edomex_notices/preferences.html", page)
