"""A record's dataset in this CKAN: made, changed and deleted through its actions, within the caller's transaction."""

from __future__ import annotations

import copy
import uuid
from dataclasses import dataclass
from typing import Any

from ckan import model
from ckan.plugins import plugin_loaded
from ckan.plugins import toolkit as tk
from ckan.types import Context

from ckanext.edomex.federation.domain import packages
from ckanext.edomex.federation.domain.errors import FederationError
from ckanext.edomex.federation.domain.intake import address
from ckanext.edomex.federation.domain.records import Record
from ckanext.edomex.federation.domain.settings import Settings
from ckanext.edomex.federation.logic.intake import fit

Data = dict[str, Any]
#: The plugin that brings the state's schema; without it datasets have CKAN's own.
SCHEMA = "edomex"
#: And the one with which what is public changes by an edition only, which people review and date.
RELEASE = "edomex_release"


class OwnerError(FederationError):
    """The dataset is not of the source's agency any more."""


@dataclass(frozen=True, kw_only=True)
class Writer:
    """In whose name a source's datasets are written, and for whom.

    Fields:
        agency: id of the organization that the source belongs to.
        settings: of the source.
        site: the site's own account, of the caller's transaction.
    """

    agency: str | None
    settings: Settings
    site: model.User

    def context(self) -> Context:
        """A new one; whoever calls commits, and indexes."""
        uncached: Any = {"use_cache": False}  # read by package_show
        return Context(
            ignore_auth=True, user=self.site.name, auth_user_obj=self.site, defer_commit=True, return_id_only=True, **uncached
        )


def writer(agency: str | None, settings: Settings) -> Writer:
    """For one transaction."""
    name = tk.get_action("get_site_user")(Context(ignore_auth=True, user="", defer_commit=True), {})["name"]
    site = model.User.get(name)
    assert site is not None, "CKAN has just said its name"
    return Writer(agency=agency, settings=settings, site=site)


def put(writer: Writer, package_id: str, package: model.Package | None, record: Record) -> bool:
    """Make the dataset, or bring it up to date; whether it had to be committed.

    Args:
        writer: for this transaction.
        package_id: the dataset's id, whether it is there or not.
        package: it, if it is there.
        record: what the source says.

    Raises:
        OwnerError: it has become another agency's.
        tk.ValidationError: CKAN refuses it.
    """
    dataset = _written(writer.agency, package_id, package, record)
    if package is None:
        _create(writer, dataset, record)
        return False
    if _is_public_by_release(package):
        _write_edition(dataset, package)
        return True
    _update(writer, dataset, package)
    return False


def try_put(writer: Writer, package_id: str, package: model.Package | None, record: Record) -> tuple[Data, Data, Data]:
    """As `put`, errors included, for a caller who rolls back: the dataset as it is, as it would be, and what is written."""
    before = _shown(package_id) if package is not None and package.state == "active" else {}
    dataset = _written(writer.agency, package_id, package, record)
    # CKAN notes in it what it makes out by itself.
    written = copy.deepcopy(dataset)
    if package is None:
        _create(writer, dataset, record)
    elif _is_public_by_release(package):
        return before, _twin(writer, dataset, record), written
    else:
        _update(writer, dataset, package)
    return before, _shown(package_id), written


def delete(writer: Writer, package_id: str) -> None:
    """Delete the dataset. tk.ValidationError if it is public by a release: it is withdrawn by people, with a reason."""
    tk.get_action("package_delete")(writer.context(), {"id": package_id})


def need_owner(agency: str | None, package: model.Package) -> None:
    """OwnerError unless the dataset is of the source's agency still."""
    if package.owner_org != agency:
        raise OwnerError("el conjunto pasó a otra dependencia; esta fuente ya no lo cambia ni lo borra.")


def _written(agency: str | None, package_id: str, package: model.Package | None, record: Record) -> Data:
    if package is not None:
        need_owner(agency, package)
    # CKAN keeps the files and tags of a dataset that says nothing of them.
    dataset = {"resources": [], "tags": []} | _dataset(record) | {"id": package_id, "owner_org": agency, "type": "dataset"}
    return packages.with_file_ids(dataset, package_id, record)


def _twin(writer: Writer, dataset: Data, record: Record) -> Data:
    """What an edition would become. Opening one commits; a private dataset beside the public one meets the same validators."""
    files = [{**resource, "id": str(uuid.uuid4())} for resource in dataset.get("resources", [])]
    twin = {**dataset, "id": str(uuid.uuid4()), "resources": files}
    _create(writer, twin, record)
    after = _shown(twin["id"])
    for resource, written in zip(after["resources"], dataset.get("resources", []), strict=True):
        resource["id"] = written["id"]
    return after


def _is_public_by_release(package: model.Package) -> bool:
    return plugin_loaded(RELEASE) and not package.private


def _shown(package_id: str) -> Data:
    return tk.get_action("package_show")(Context(ignore_auth=True, user="", use_cache=False), {"id": package_id})  # type: ignore[typeddict-unknown-key]


def _dataset(record: Record) -> Data:
    if not plugin_loaded(SCHEMA):
        return packages.plain(record, _licences())
    return packages.ours(record)


def _create(writer: Writer, dataset: Data, record: Record) -> None:
    if plugin_loaded(SCHEMA):
        # Private under an opaque name, as every dataset begins here.
        fit(dataset)
    else:
        slug = packages.name_of(record, taken=False, seed=dataset["id"])
        taken = model.Session.query(model.Package.id).filter(model.Package.name == slug).first() is not None
        dataset["name"] = packages.name_of(record, taken=taken, seed=dataset["id"])
        dataset["private"] = writer.settings.arrival == "draft"
    tk.get_action("package_create")(writer.context(), dataset)


def _update(writer: Writer, dataset: Data, package: model.Package) -> None:
    dataset |= {"name": package.name, "private": package.private, "state": "active"}
    if plugin_loaded(SCHEMA):
        fit(dataset)
    # Themes are the work of people here; a source says nothing of them.
    dataset["groups"] = [{"id": group.id} for group in package.get_groups("group")]
    tk.get_action("package_update")(writer.context(), dataset)
    session: Any = model.Session()
    nested = session.get_nested_transaction()
    if nested is not None:
        # With a deferred commit CKAN leaves its savepoint open.
        nested.commit()


def _write_edition(dataset: Data, package: model.Package) -> None:
    """Write what changed into the public dataset's edition, opened if there is none; the public one stays as it is.

    Opening commits, and so does this: what the batch did before is done, and would be found done if it were tried again.
    """
    site = tk.get_action("get_site_user")(Context(ignore_auth=True, user=""), {})["name"]
    release = tk.get_action("edomex_release_edition_open")(Context(ignore_auth=True, user=site), {"dataset_id": package.id})
    uncached: Any = {"ignore_auth": True, "user": site, "use_cache": False}
    draft = tk.get_action("package_show")(uncached, {"id": release["draft_id"]})
    # An edition's files have ids of their own, which take the place of the public ones'.
    ids = {resource["url"]: resource["id"] for resource in draft["resources"]}
    for resource in dataset.get("resources", []):
        resource["id"] = ids.pop(resource["url"], resource["id"])
        if resource["id"] in {each.id for each in package.resources}:
            del resource["id"]
    dataset |= {"id": draft["id"], "name": draft["name"], "private": True, "state": "active"}
    fit(dataset)
    dataset["groups"] = [{"id": group["id"]} for group in draft["groups"]]
    tk.get_action("package_update")(Context(ignore_auth=True, user=site), dataset)


def _licences() -> dict[str, str]:
    """Address or id of each licence of this site → its id."""
    found: dict[str, str] = {}
    for licence in model.Package.get_license_register().values():
        found[address(licence.id)] = licence.id
        if licence.url:
            found.setdefault(address(licence.url), licence.id)
    return found
