"""Versions of a dataset and their files at lasting addresses, and what stands at the address of one that was withdrawn."""

from __future__ import annotations

import re
from http import HTTPStatus

from ckan.plugins import toolkit as tk
from flask import Response, make_response, request

from ckanext.edomex.adapters import storage
from ckanext.edomex.adapters.callers import NO_PAGE, call
from ckanext.edomex.adapters.pages import Page
from ckanext.edomex.release.views.frame import release

#: Addresses below a dataset, whatever the language; its id or name is the first group.
_DATASET = re.compile(
    r"^(?:/[a-z]{2}(?:_[A-Za-z]{2,4})?)?/dataset/(?:activity/|groups/|followers/)?([A-Za-z0-9_-]{2,100})(?:[/.].*)?$"
)
#: A withdrawal must reach every copy: each reader asks again, and is answered from the hash.
REVALIDATE = "no-cache"
SANDBOX = "default-src 'none'; sandbox"


@release.get("/dataset/<dataset_id>/versiones")
def versions(dataset_id: str) -> Page:
    """Every version of a dataset, the newest first."""
    try:
        dataset = call("package_show", id=dataset_id)
        found = call("edomex_release_version_list", dataset_id=dataset["id"])
    except (tk.ObjectNotFound, tk.NotAuthorized):
        return tk.abort(HTTPStatus.NOT_FOUND, NO_PAGE)
    return tk.render("edomex_release/versions.html", {"dataset": dataset, "versions": found})


@release.get("/dataset/<dataset_id>/version/<int:number>")
def version(dataset_id: str, number: int) -> Page:
    """One version: its metadata and its files as they were released."""
    try:
        dataset = call("package_show", id=dataset_id)
        found = call("edomex_release_version_show", dataset_id=dataset["id"], version=number)
        every = call("edomex_release_version_list", dataset_id=dataset["id"])
    except (tk.ObjectNotFound, tk.NotAuthorized):
        return tk.abort(HTTPStatus.NOT_FOUND, NO_PAGE)
    return tk.render("edomex_release/version.html", {"dataset": dataset, "version": found, "newest": every[0]["version"]})


@release.get("/dataset/<dataset_id>/version/<int:number>/archivo/<resource_id>/<filename>")
def version_file(dataset_id: str, number: int, resource_id: str, filename: str) -> Page:
    """A file of a version, by its bytes: what was at this address stays there."""
    try:
        found = call("edomex_release_version_show", dataset_id=dataset_id, version=number)
    except (tk.ObjectNotFound, tk.ValidationError):
        return tk.abort(HTTPStatus.NOT_FOUND, NO_PAGE)
    file = next((each for each in found["files"] if (each["resource_id"], each["name"]) == (resource_id, filename)), None)
    size = storage.size_of(file["sha256"]) if file else None
    if file is None or size is None:
        return tk.abort(HTTPStatus.NOT_FOUND, NO_PAGE)
    response = Response(storage.read(file["sha256"]), content_type="application/octet-stream")
    response.content_length = size
    response.set_etag(file["sha256"])
    response.headers["Cache-Control"] = REVALIDATE
    response.headers["Content-Security-Policy"] = SANDBOX
    response.headers.set("Content-Disposition", "attachment", filename=filename)
    response.make_conditional(request, accept_ranges=True, complete_length=size)
    return response


@release.after_app_request
def tombstone(response: Response) -> Response:
    """Say of a withdrawn dataset that it is gone and why, where a stranger's address would be answered with 404."""
    asked = _DATASET.match(request.path) if response.status_code == HTTPStatus.NOT_FOUND else None
    if asked is None:
        return response
    try:
        stone = call("edomex_release_tombstone", dataset_id=asked[1])
    except (tk.ObjectNotFound, tk.ValidationError):
        return response
    gone = make_response(tk.render("edomex_release/tombstone.html", {"tombstone": stone}), HTTPStatus.GONE)
    gone.headers["Cache-Control"] = REVALIDATE
    return gone
