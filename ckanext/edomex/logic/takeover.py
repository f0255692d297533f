"""Another CKAN taken over: its datasets become drafts of our agencies, and its addresses lead to them once they are public."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from ckan import model
from ckan.lib.uploader import get_max_resource_size
from ckan.plugins import toolkit as tk
from ckan.types import Context
from werkzeug.datastructures import FileStorage

from ckanext.edomex.adapters.callers import call_as_site, site_user
from ckanext.edomex.adapters.fitting import drop_refused
from ckanext.edomex.adapters.groups import agency_of
from ckanext.edomex.adapters.portals import PortalError, datasets_of, fetched, is_address
from ckanext.edomex.adapters.vocabularies import choices
from ckanext.edomex.domain.catalogue import Draft, Table
from ckanext.edomex.domain.takeover import Known, Moved, Rules, moved
from ckanext.edomex.logic.catalogue import Taken, fields, formerly, take

OURS = Path(__file__).parent.parent / "schemas" / "takeover.yaml"
COLUMNS = ("titulo", "nombre_anterior", "dependencia", "resultado", "conjunto", "quedo_fuera")
MEGABYTE = 2**20


@dataclass(kw_only=True)
class Outcome:
    """What became of one dataset of theirs."""

    title: str
    former_name: str
    agency: str
    #: `nuevo`, `cambiado`, `como estaba` or `rechazado`.
    result: str = "rechazado"
    dataset_id: str = ""
    #: What stayed behind, or why the whole did.
    left: list[str] = field(default_factory=list)

    def as_row(self) -> tuple[str, ...]:
        """Under `COLUMNS`."""
        return (self.title, self.former_name, self.agency, self.result, self.dataset_id, "; ".join(self.left))


def rules_of(file: Path | None) -> Rules:
    """Our rules, and an operator's over them.

    Raises:
        RulesError: the file is no file of rules.
        yaml.YAMLError: it is no YAML.
    """
    theirs = [yaml.safe_load(file.read_text(encoding="utf-8")) or {}] if file else []
    return Rules.of(yaml.safe_load(OURS.read_text(encoding="utf-8")), *theirs)


def take_over(source: str, rules: Rules, *, agency: str | None = None, files: bool, dry_run: bool) -> Iterator[Outcome]:
    """Take every dataset over, one by one, each whole or not at all; again, only what changed there changes.

    Args:
        source: a portal's address, or the file of a dump.
        rules: how their words become ours.
        agency: name of ours for what belongs to an organization that is none here.
        files: bring the files that the portal keeps; otherwise they stay links to it.
        dry_run: only say what would become of each.

    Raises:
        PortalError: the source cannot be read.
    """
    names, of_resource = fields()
    known = Known(fields=names, resource_fields=of_resource, licences=choices("licencias"), themes=choices("temas"))
    site = Context(user=site_user(), ignore_auth=True)
    for theirs in datasets_of(source):
        one = moved(theirs, rules, known)
        outcome = _taken(one, agency_of(one.agency) or agency_of(agency or ""), site, dry_run=dry_run)
        if outcome.dataset_id and files and is_address(source) and not dry_run:
            outcome.left += list(_bring_files(outcome.dataset_id, theirs, source))
        yield outcome


def current_name(former: str) -> str | None:
    """The name of the public dataset that had this one in a portal that was taken over."""
    query = formerly(former).filter(model.Package.private.is_(False), model.Package.state == "active")
    found = query.order_by(model.Package.metadata_created).first()
    return found.name if found else None


def _taken(one: Moved, agency: model.Group | None, context: Context, *, dry_run: bool) -> Outcome:
    dataset = one.dataset
    outcome = Outcome(title=str(dataset.get("title") or ""), former_name=dataset["former_name"], agency=one.agency)
    if agency is None:
        outcome.left = [f"«{one.agency}» no es una dependencia de aquí: dígala en las reglas, o con --agency"]
        return outcome
    outcome.agency = agency.name
    dataset["owner_org"] = agency.id
    left = [*one.left, *(f"campo {name}" for name in drop_refused(dataset))]
    resources = [(0, each) for each in dataset.pop("resources")]
    identifier = _here(dataset.get("id"), dataset["former_name"]) or ""
    draft = Draft(line=0, identifier=identifier, fields=dataset, resources=resources, keeps_ids=True)
    taken = take(Table(drafts=[draft], wrong=[], headers={}), agency.id, context, keep=not dry_run)
    return _told(outcome, taken, left)


def _told(outcome: Outcome, taken: Taken, left: list[str]) -> Outcome:
    if taken.wrong:
        outcome.left = [f"{each.column} {each.message}".strip() for each in taken.wrong]
        return outcome
    for result, ids in (("nuevo", taken.created), ("cambiado", taken.changed), ("como estaba", taken.same)):
        if ids:
            outcome.result, outcome.dataset_id, outcome.left = result, ids[0], left
    return outcome


def _here(identifier: str | None, former: str) -> str | None:
    """The dataset that this one became before."""
    if identifier and model.Package.get(identifier):
        return identifier
    found = formerly(former).filter(model.Package.state != "deleted").first() if former else None
    return found.id if found else None


def _bring_files(dataset_id: str, theirs: dict[str, Any], portal: str) -> Iterator[str]:
    """Put the portal's files in the place of links to them; says which could not be had. What is here already stays."""
    here = call_as_site("package_show", id=dataset_id)["resources"]
    kept_there: Iterable[Any] = [each for each in theirs.get("resources") or [] if each.get("url_type") == "upload"]
    addresses = {each["url"] for each in kept_there}
    for resource in here:
        if resource.get("url_type") == "upload" or resource["url"] not in addresses:
            continue
        try:
            with fetched(resource["url"], portal, get_max_resource_size() * MEGABYTE) as file:
                upload = FileStorage(file, filename=resource["url"].rsplit("/", 1)[-1])
                call_as_site("resource_patch", id=resource["id"], upload=upload)
        except (PortalError, tk.ValidationError) as error:
            yield f"el archivo {resource['url']} sigue allá: {error}"
