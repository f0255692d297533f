"""Pages of the audit: the log of an agency, its file, and the receipt of one step. They work without scripts; actions decide."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from ckan.plugins import toolkit as tk
from flask import Blueprint, request

from ckanext.edomex.adapters import ledgers
from ckanext.edomex.adapters.answers import field_errors_are_400
from ckanext.edomex.adapters.callers import call
from ckanext.edomex.adapters.pages import CSV, Errors, Page, explained, for_staff, in_one, sent_file
from ckanext.edomex.audit import config
from ckanext.edomex.audit.domain.folios import FolioError, parsed

LOG, RECEIPT = "/autoservicio/bitacora", "/autoservicio/folios/<folio>"
#: Field of the filter's form → parameter of the actions.
FILTERS = {"dependencia": "agency", "ambito": "ledger", "objeto": "subject", "desde": "from", "hasta": "to"}

audit = Blueprint("edomex_audit", __name__)
audit.after_app_request(field_errors_are_400)


@audit.get(LOG)
@for_staff("edomex_audit.log")
def log() -> Page:
    """Sealed steps, the newest first, with filters; a folio that is typed leads to its receipt."""
    asked = {name: request.args.get(name, "").strip() for name in (*FILTERS, "antes", "folio")}
    found: dict[str, Any] = {"steps": [], "next": None}
    errors: Errors = {}
    try:
        if asked["folio"]:
            return tk.redirect_to("edomex_audit.receipt", folio=str(parsed(asked["folio"], config.folio_prefix())))
        found = call("edomex_audit_list", **_chosen(asked), before=asked["antes"])
    except FolioError as error:
        errors = {"folio": [str(error)]}
    except tk.ValidationError as error:
        wrong = explained(error)[1]
        errors = {name: wrong[parameter] for name, parameter in FILTERS.items() if parameter in wrong}
    shown = {**found, "asked": asked, "kept": {name: asked[name] for name in FILTERS if asked[name]}, "errors": errors}
    shown["scopes"] = {name: ledger.title for name, ledger in ledgers.known().items()}
    shown["agencies"] = tk.h.edomex_audit_agencies()
    return tk.render("edomex_audit/log.html", shown), HTTPStatus.BAD_REQUEST if errors else HTTPStatus.OK


@audit.get(f"{LOG}.csv")
@for_staff("edomex_audit.log")
def log_file() -> Page:
    """The same steps as a table, the oldest first."""
    asked = {name: request.args.get(name, "").strip() for name in FILTERS}
    try:
        found = call("edomex_audit_export", **_chosen(asked))
    except tk.ValidationError as error:
        return tk.abort(HTTPStatus.BAD_REQUEST, in_one(explained(error)[1]))
    return sent_file(found["content"].encode(), CSV, found["filename"])


@audit.get(RECEIPT)
@for_staff("edomex_audit.log")
def receipt(folio: str) -> Page:
    """The receipt of one step, to be printed."""
    try:
        found = call("edomex_audit_show", folio=folio)
    except tk.ValidationError as error:
        raise tk.ObjectNotFound(folio) from error
    return tk.render("edomex_audit/receipt.html", {"step": found})


def _chosen(asked: dict[str, str]) -> dict[str, str]:
    return {parameter: asked[name] for name, parameter in FILTERS.items() if asked[name]}
