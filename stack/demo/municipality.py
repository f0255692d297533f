"""A municipality with a portal of its own: what it publishes there comes to the state's portal by itself."""

from __future__ import annotations

import json
from typing import Any

from stack.demo.api import Api
from stack.demo.catalogue import Dataset, load_catalogue
from stack.demo.load import dictionary, of_agency, release
from stack.demo.mirror import asked_to_harvest, edition
from stack.demo.steps import need, say, until
from stack.running import Running
from stack.sites import SITES, url

NAME, KEY = "toluca", "15106"
TITLE = "Localidades del municipio de Toluca con 1,000 habitantes y más, 2020"
NOTES = "Clave, nombre, ámbito, coordenadas, altitud, población y viviendas de las localidades del municipio. Revisión {stamp}."
#: The source's datasets are released as they come, in the name of whoever approved it.
TRUSTED = json.dumps({"arrival": "public"})
WITHIN_S = 180
STEP = "municipality"


class Municipality:
    """Its portal, and the state's source of it."""

    def __init__(self, here: Running, state: Api, reviewer: Api) -> None:
        accounts, base = here.stack.accounts["municipio"], url(here.stack, SITES["municipio"])
        self.url = base
        self.admin, self.reviewer = Api(base, accounts["sysadmin_token"]), Api(base, accounts["reviewer_token"])
        self.anyone = Api(base)
        self.state, self.state_reviewer, self.visitor = state, reviewer, Api(state.url)

    def publish(self, table: Dataset, stamp: str) -> None:
        """Publish its part of a real table there, or an edition of it where an earlier demonstration did."""
        notes = NOTES.format(stamp=stamp)
        found = self._theirs(self.anyone)
        if found:
            edition(self.admin, self.reviewer, found[0]["id"], notes)
        else:
            self._register(table, notes)
        until(lambda: self._has(self.anyone, stamp), WITHIN_S, STEP, "el municipio no lo publicó")

    def reach_the_state(self, stamp: str) -> None:
        """Harvest it here: the first time it is tried and approved, which begins the harvest."""
        source = self._source()
        if not self.state.call("edomex_federation_source_show", id=source)["approved"]:
            self._approve(source)
        until(lambda: self._has(self.visitor, stamp) or self._harvest(source), WITHIN_S, STEP, "no llegó al portal estatal")

    def _register(self, table: Dataset, notes: str) -> None:
        org = next(each for each in load_catalogue().organizations if each.name == NAME)
        if not self.admin.exists("organization_show", NAME):
            about: dict[str, Any] = {"title": org.title, "description": org.description, **of_agency(org)}
            self.admin.call("organization_create", name=NAME, **about)
        resource = table.resources[0]
        described: dict[str, Any] = {"title": TITLE, "notes": notes, "license_id": table.license_id, "spatial_keys": [KEY]}
        made = self.admin.call("package_create", owner_org=NAME, **described)
        file = ("localidades-toluca-2020.csv", _part(resource.content()), "text/csv")
        fields: dict[str, Any] = {"name": "Localidades (tabla)", "format": "CSV", **dictionary(resource)}
        self.admin.call("resource_create", file=file, package_id=made["id"], **fields)
        release(made["id"], self.admin, self.reviewer)

    def _source(self) -> str:
        address = f"{self.url}/catalog.ttl"
        known = {source["url"]: source["id"] for source in self.state.call("edomex_federation_source_list")}
        if address in known:
            return known[address]
        made = self.state.call(
            "harvest_source_create", name="portal-de-toluca", title="Portal de Toluca", url=address, source_type="edomex_dcat",
            frequency="MANUAL", owner_org=NAME, config=TRUSTED,
        )  # fmt: skip
        return made["id"]

    def _approve(self, source: str) -> None:
        before = self.visitor.call("package_search", rows=0)["count"]
        self.state.call("edomex_federation_source_try", id=source)
        until(lambda: self._shown(source)["standing"] == "tried", WITHIN_S, STEP, "la fuente no se ensayó")
        shown = self._shown(source)
        say(f"La fuente del municipio, ensayada: traería {shown['trial']['counts']['new']}. La aprueba quien revisa.")
        need(self.visitor.call("package_search", rows=0)["count"] == before, STEP, "el ensayo trajo conjuntos")
        self.state_reviewer.call("edomex_federation_source_approve", id=source, terms=shown["terms"])

    def _harvest(self, source: str) -> bool:
        """Ask for a harvest where none is under way; what came of it shows at the next look."""
        if not asked_to_harvest(self.state, source):
            self.state.call("harvest_jobs_run", source_id=source)
        return False

    def _shown(self, source: str) -> dict[str, Any]:
        return self.state.call("edomex_federation_source_show", id=source)

    def _has(self, who: Api, stamp: str) -> bool:
        return any(stamp in row["notes"] for row in self._theirs(who))

    def _theirs(self, who: Api) -> list[dict[str, Any]]:
        rows = who.call("package_search", q=f'title:"{TITLE}"')["results"]
        return [row for row in rows if row["title"] == TITLE]


def _part(table: bytes) -> bytes:
    """The rows of the municipality."""
    header, *rows = table.decode().splitlines()
    return "\n".join([header, *(row for row in rows if row.startswith(KEY))]).encode() + b"\n"
