"""Whatever people of the state do in whatever order, and whenever the federal side harvests: in the end it has what is public here.

A Hypothesis state machine on both running portals. Its examples share one source and the datasets that were made before them, so
each begins where another ended, and a dataset may be withdrawn and released again many times.
"""

from __future__ import annotations

import json
import os
import time
import uuid
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from stack.demo.api import Api

pytestmark = pytest.mark.stack
#: More than these are not made: steps have to meet on the same ones, and both catalogues are compared as a whole.
MOST = 10
#: A person's word is not asked for: here it is people who withdraw, as many as they like.
AT_ONCE = {"missing_percent": 100, "missing_most": 1000}
#: Licence here → its id on the federal side, whose register has none for ours.
LICENCES = {"libre-uso-mx": None, "cc-by-4.0": "cc-by", "cc0-1.0": "cc-zero"}
UNKNOWN = (None, "")
FILES = ["https://example.org/datos.csv", "https://example.org/niñez.csv?año=2026&x=1", "https://example.org/fuente/"]

titles = st.sampled_from(["Aire", "Agua «limpia» & más", 'Niñez <b>"y"</b> juventud', "Presupuesto 2026", "😀 Encuesta"])
files = st.lists(
    st.fixed_dictionaries({"name": st.sampled_from(["Datos", "Diccionario", "Ñandú & <co>"]), "url": st.sampled_from(FILES)}),
    max_size=3,
)  # fmt: skip
contents = st.fixed_dictionaries({
    "title": titles, "notes": st.sampled_from(["Por municipio.", "Dos\n\npárrafos y *énfasis*.", 'Con "comillas" \\ y </cierre>.']),
    "tags": st.lists(st.sampled_from(["agua", "niñez", "gasto público", "2026"]), unique=True, max_size=3),
    "license_id": st.sampled_from(sorted(LICENCES)), "resources": files,
})  # fmt: skip
whichever = st.integers(0, MOST - 1)


def written(content):
    return {**content, "tags": [{"name": tag} for tag in content["tags"]]}


class State:
    """The state's portal, through its own doors; knows which of its datasets anybody sees."""

    def __init__(self):
        url = os.environ["EDOMEX_URL"]
        self.anyone = Api(url)
        self.editor, self.reviewer, self.sysadmin = (
            Api(url, os.environ[f"EDOMEX_{who}_TOKEN"]) for who in ("EDITOR", "REVIEWER", "SYSADMIN")
        )
        #: Dataset → whether it is public; public dataset → the draft of its edition.
        self.datasets: dict[str, bool] = {}
        self.editions: dict[str, str] = {}

    def some(self, which, *, public=None):
        """One of the datasets, or of those that are public or are not; None where there is none."""
        found = [each for each, is_public in self.datasets.items() if public in (None, is_public)]
        return found[which % len(found)] if found else None

    def register(self, content):
        made = self.editor.call("package_create", owner_org=os.environ["EDOMEX_AGENCY"], frequency="R/P1Y", **written(content))
        self.datasets[made["id"]] = False

    def edit(self, dataset, content):
        """Write into what may be written: a draft, or the edition of what is public."""
        if self.datasets[dataset] and dataset not in self.editions:
            self.editions[dataset] = self.editor.call("edomex_release_edition_open", dataset_id=dataset)["draft_id"]
        self.editor.call("package_patch", id=self.editions.get(dataset, dataset), **written(content))

    def release(self, dataset):
        sent = self.editor.call("edomex_release_submit", dataset_id=self.editions.pop(dataset, dataset))
        self.reviewer.call("edomex_release_approve", id=sent["id"], release_at="now")
        wait(lambda: self.reviewer.call("edomex_release_show", id=sent["id"])["state"] == "released", "it is released")
        self.datasets[dataset] = True

    def withdraw(self, dataset):
        why = {"reason": "Se retira para probar.", "legal_ground": "Prueba"}
        proposed = self.sysadmin.call("edomex_release_withdraw", dataset_id=dataset, **why)
        self.reviewer.call("edomex_release_withdraw_confirm", id=proposed["id"])
        wait(lambda: not self.anyone.exists("package_show", dataset), "it is withdrawn")
        self.datasets[dataset] = False
        if dataset in self.editions:
            # An edition of what is public no more is a dataset of its own.
            self.datasets[self.editions.pop(dataset)] = False

    def catalogue(self):
        """What anybody may find, as the federal side should have it."""
        addresses = {each["id"]: each["url"] for each in self.anyone.call("license_list")}
        # In DCAT a licence is a file's: a dataset without one says nothing of its own.
        known = {name: (there, addresses[name]) for name, there in LICENCES.items()}
        rows = self.anyone.call("package_search", rows=1000)["results"]
        licences = [known.get(row.get("license_id"), UNKNOWN) if row["resources"] else UNKNOWN for row in rows]
        pairs = zip(rows, licences, strict=True)
        return sorted(compared(row, f"{self.anyone.url}/dataset/{row['id']}", *licence) for row, licence in pairs)


def compared(row, uri, licence, licence_url):
    tags = sorted(tag["name"] for tag in row["tags"])
    # RDF has no order. A DCAT dataset has a description: one without says its title there.
    files = sorted((resource.get("name") or "", resource["url"]) for resource in row["resources"])
    return (uri, row["title"], row.get("notes") or row["title"], tags, licence or "", licence_url, files)


def wait(true, what):
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def mirrored(federal, source):
    """Every dataset of the source's agency there, private ones too, one row for each."""
    agency = federal.call("package_show", id=source)["owner_org"]
    rows = federal.call("package_search", fq=f"owner_org:{agency}", rows=1000, include_private=True)["results"]
    extras = [{extra["key"]: extra["value"] for extra in row["extras"]} for row in rows]
    pairs = zip(rows, extras, strict=True)
    return sorted(compared(row, extra["uri"], row.get("license_id"), extra.get("license_url", "")) for row, extra in pairs)


def only_in_database(federal):
    """Datasets that anybody sees by their address there, and nobody finds."""
    anyone = Api(federal.url)
    found = {row["name"] for row in anyone.call("package_search", rows=1000)["results"]}
    others = [anyone.call("package_show", id=name) for name in set(anyone.call("package_list")) - found]
    return [each["name"] for each in others if each["type"] == "dataset"]


def other_tests_by_address(rows, own):
    """The same, with no more than the address of what this machine did not write: that has whatever its test was about."""
    return [row if row[0].rsplit("/", 1)[-1] in own else row[:1] for row in rows]


class Mirror(RuleBasedStateMachine):
    """People at the state's portal, and the federal side's harvests; the fields are set by the test."""

    state: ClassVar[State]
    federal = harvest = source = None

    @rule(content=contents)
    def register(self, content):
        if len(self.state.datasets) < MOST:
            self.state.register(content)

    @rule(which=whichever, content=contents)
    def edit(self, which, content):
        if dataset := self.state.some(which):
            self.state.edit(dataset, content)

    @rule(which=whichever, content=contents)
    def release(self, which, content):
        if not self.state.datasets:
            self.state.register(content)
        dataset = self.state.some(which)
        if self.state.datasets[dataset] and dataset not in self.state.editions:
            self.state.edit(dataset, content)
        self.state.release(dataset)

    @rule(which=whichever)
    def withdraw(self, which):
        if dataset := self.state.some(which, public=True):
            self.state.withdraw(dataset)

    @rule()
    def harvests(self):
        type(self).harvest(self.source)

    def teardown(self):
        before, here = None, self.state.catalogue()
        while here != before:
            done = type(self).harvest(self.source)
            assert (done["stats"].get("errored", 0), done["gather_error_summary"]) == (0, [])
            # Other tests' datasets may come out at any time.
            before, here = here, self.state.catalogue()
        here, there = (other_tests_by_address(rows, self.state.datasets) for rows in (here, mirrored(self.federal, self.source)))
        # First what is different: the whole of two catalogues tells nobody.
        assert ([row for row in there if row not in here], [row for row in here if row not in there]) == ([], [])
        assert there == here
        assert only_in_database(self.federal) == []


@pytest.fixture
def machine(source, federal, harvest, published):
    # A catalogue without any is taken for a mistake, and changes nothing there.
    published("Siempre público")
    Mirror.state, Mirror.federal, Mirror.harvest = State(), federal, staticmethod(harvest)
    # A source is one address with one configuration; a mark makes it another than any before.
    Mirror.source = source("edomex_dcat", config=json.dumps({**AT_ONCE, "mark": uuid.uuid4().hex}))
    yield Mirror
    # What other tests count is not ours to add to.
    for dataset, is_public in list(Mirror.state.datasets.items()):
        if is_public:
            Mirror.state.withdraw(dataset)


def run(machine, examples, steps):
    # Not made smaller once it failed: what there was before is no more, and each try takes seconds.
    limits = settings(
        max_examples=examples, stateful_step_count=steps, deadline=None, suppress_health_check=list(HealthCheck), derandomize=False,
        phases=[Phase.generate], database=None,
    )  # fmt: skip
    run_state_machine_as_test(machine, settings=limits)


def test_released_harvested_and_withdrawn_it_is_gone_there_too(machine):
    """What six drawn sequences may happen not to have."""
    content = {"title": "Aire", "notes": "Por municipio.", "tags": [], "license_id": "cc-by-4.0", "resources": []}
    steps = machine()
    steps.release(which=0, content=content)
    steps.harvests()
    steps.withdraw(which=0)
    steps.teardown()


def test_in_the_end_the_mirror_is_what_the_state_has_public(machine):
    run(machine, examples=6, steps=8)


@pytest.mark.long
def test_the_mirror_after_two_hundred_sequences(machine):
    run(machine, examples=200, steps=8)
