"""What all pages of releases share: their blueprint, who may come in, how an action is called and its error explained."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from ckan.plugins import toolkit as tk
from flask import Blueprint

from ckanext.edomex.adapters import pages
from ckanext.edomex.adapters.answers import field_errors_are_400
from ckanext.edomex.adapters.pages import Errors
from ckanext.edomex.release.domain.errors import FieldError
from ckanext.edomex.release.domain.schedule import FIELD

Data = dict[str, Any]

release = Blueprint("edomex_release", __name__)
release.after_app_request(field_errors_are_400)

for_staff = pages.for_staff("edomex_release.start")


def address_base(endpoint: str, **last: str) -> str:
    """What the addresses of many things of one kind begin with, given «-» for the last part.

    CKAN takes most of a millisecond for an address, and a page may have a hundred.
    """
    return tk.url_for(endpoint, **last).removesuffix("-")


def explained(error: FieldError | tk.ValidationError | tk.NotAuthorized) -> tuple[HTTPStatus, Errors]:
    """As `pages.explained`; a date's error belongs to its field, and the next free minute is in the message in words."""
    if isinstance(error, FieldError):
        return HTTPStatus.BAD_REQUEST, {"date" if error.field == FIELD else error.field: [str(error)]}
    status, found = pages.explained(error)
    places = {FIELD: "date", "dataset_id": ""}
    return status, {places.get(field, field): messages for field, messages in found.items() if field != "next_allowed"}
