"""Load the demonstration catalogue through the portals' own doors: accounts, actions, review and release."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from stack.demo.api import Api
from stack.demo.catalogue import Catalogue, Dataset, Organization, Resource, load_catalogue
from stack.demo.inventory import load_inventories
from stack.programs import StackError
from stack.sites import SITES, url

if TYPE_CHECKING:
    from stack.running import Running

MEDIA_TYPES = {"CSV": "text/csv", "GeoJSON": "application/geo+json"}
#: Requests at a time: as many as the portal has workers.
AT_ONCE = 3
RELEASE_TIMEOUT_S = 120


def load_portal(here: Running) -> None:
    """Give the portal its agencies, themes, inventories, plans and 43 public datasets; what is there already stays as it is."""
    accounts = here.stack.accounts["portal"]
    base = url(here.stack, SITES["portal"])
    clerk, reviewer = Api(base, accounts["sysadmin_token"]), Api(base, accounts["reviewer_token"])
    catalogue = load_catalogue()
    make_groups(clerk, catalogue)
    load_inventories(clerk, reviewer)
    present = titles(clerk)
    missing = [dataset for dataset in catalogue.datasets if dataset.title not in present]
    each(missing, lambda dataset: release(register(Api(base, accounts["sysadmin_token"]), dataset), clerk, reviewer))
    wait_until_public(Api(base), len(catalogue.datasets))


def load_peer(here: Running) -> None:
    """Give the vanilla CKAN the same datasets as far as its schema goes, public at once."""
    base, token = url(here.stack, SITES["peer"]), here.stack.accounts["peer"]["sysadmin_token"]
    clerk, catalogue = Api(base, token), load_catalogue()
    make_groups(clerk, catalogue, ours=False)
    present = titles(clerk)
    missing = [dataset for dataset in catalogue.datasets if dataset.title not in present]
    each(missing, lambda dataset: register(Api(base, token), dataset, vanilla=True))


def make_groups(clerk: Api, catalogue: Catalogue, *, ours: bool = True) -> None:
    """Create the agencies and themes that are not there, with what only our schemas know where that is wanted."""
    for org in catalogue.organizations:
        if not clerk.exists("organization_show", org.name):
            fields: dict[str, Any] = {"title": org.title, "description": org.description, **(of_agency(org) if ours else {})}
            clerk.call("organization_create", name=org.name, **fields)
    for theme in catalogue.themes:
        if not clerk.exists("group_show", theme.slug):
            mapping = {"federal_2015": theme.federal_2015, "pnda": theme.pnda, "eu_theme": theme.eu_theme}
            more: dict[str, Any] = mapping if ours else {}
            clerk.call("group_create", name=theme.slug, title=theme.title, **more)


def register(clerk: Api, dataset: Dataset, *, vanilla: bool = False) -> str:
    """Create one dataset with its files; returns its id."""
    fields = described(dataset)
    if vanilla:
        fields["name"] = f"demo-{dataset.key}"
    else:
        fields |= ours(dataset)
    created = clerk.call("package_create", **fields)
    for resource in dataset.resources:
        clerk.call(
            "resource_create",
            package_id=created["id"], name=resource.name, description=resource.description, format=resource.format,
            **({} if vanilla else {"charset": "UTF-8", **dictionary(resource)}),
            file=(resource.filename, resource.content(), MEDIA_TYPES[resource.format]),
        )  # fmt: skip
    return created["id"]


def described(dataset: Dataset) -> dict[str, Any]:
    """Fields that any CKAN has."""
    return {
        "title": dataset.title,
        "notes": dataset.notes,
        "owner_org": dataset.organization,
        "license_id": dataset.license_id,
        "groups": [{"name": dataset.theme}],
        "tags": [{"name": tag} for tag in dataset.tags],
    }


def dictionary(resource: Resource) -> dict[str, str]:
    """The data dictionary as the form sends it, for it travels beside a file."""
    rows = [{"name": column.name, "type": column.type, "meaning": column.description or column.title} for column in resource.columns()]
    return {f"dictionary-{number}-{key}": value for number, row in enumerate(rows) for key, value in row.items()}


def of_agency(org: Organization) -> dict[str, str | None]:
    """What our schema knows of an agency; its datasets are filled in from it."""
    return {"kind": org.kind, "cvegeo": org.cvegeo, "contact_unit": org.contact_unit, "contact_email": org.contact_email}


def ours(dataset: Dataset) -> dict[str, Any]:
    """Fields that only our schema has; contact and language fill themselves."""
    return {
        "frequency": dataset.frequency,
        "temporal_start": dataset.temporal_start,
        "temporal_end": dataset.temporal_end,
        "spatial_keys": [dataset.spatial],
        "disaggregation": dataset.disaggregation,
    }


def release(dataset_id: str, clerk: Api, reviewer: Api) -> None:
    """Send to review and approve for at once: two people, as for any dataset."""
    sent = clerk.call("edomex_release_submit", dataset_id=dataset_id)
    reviewer.call("edomex_release_approve", id=sent["id"], release_at="now")


def titles(clerk: Api) -> set[str]:
    """Titles of everything registered, public or not."""
    found = clerk.call("package_search", rows=1000, include_private=True, fl="title")
    return {row["title"] for row in found["results"]}


def each(datasets: list[Dataset], work: Callable[[Dataset], Any]) -> None:
    """Do the work for every dataset, a few at a time; the first failure is the caller's."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(work, datasets))


def wait_until_public(visitor: Api, count: int) -> None:
    """Return once anybody's search finds them all: the loops released them, and the index knows."""
    deadline = time.monotonic() + RELEASE_TIMEOUT_S
    while visitor.call("package_search", rows=0)["count"] < count:
        if time.monotonic() > deadline:
            raise StackError("el catálogo de demostración no llegó a publicarse; revise los registros de release-1 y release-2.")
        time.sleep(0.2)
