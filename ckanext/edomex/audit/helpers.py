"""What templates ask of the audit."""

from __future__ import annotations

from typing import Any

from ckan.plugins import toolkit as tk

from ckanext.edomex.adapters.callers import reader
from ckanext.edomex.adapters.groups import agencies
from ckanext.edomex.audit.logic import access

#: Steps that the page of a release or plan shows; the rest are in the log.
MOST = 100


def edomex_audit_receipts(ledger: str, subject: str) -> list[dict[str, Any]]:
    """The sealed steps of a release or a plan, the newest first; none for who may not read its log."""
    try:
        found = tk.get_action("edomex_audit_list")(reader(), {"ledger": ledger, "subject": subject, "limit": MOST})
    except (tk.NotAuthorized, tk.ObjectNotFound):
        return []
    return found["steps"]


def edomex_audit_may_read() -> bool:
    """Whether there is any agency whose log the reader may see."""
    return access.agencies(reader()) != []


def edomex_audit_agencies() -> list[dict[str, str]]:
    """Agencies whose log the reader may see, by title."""
    mine = agencies(access.agencies(reader()))
    return [{"name": group.name, "title": group.title or group.name} for group in mine]
