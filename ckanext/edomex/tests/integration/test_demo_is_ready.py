"""The demonstration's datasets, as they are registered, lack nothing of what a dataset is asked before its release."""

import pytest
from ckan import model
from rdflib import DCAT, RDF, Graph

from ckanext.edomex.adapters import packages
from ckanext.edomex.adapters.callers import call_as_site
from ckanext.edomex.feed import profile
from ckanext.edomex.feed.domain.writing import FORMS
from ckanext.edomex.feed.tests.judging import BASE, RANGES, judged
from stack.demo import load
from stack.demo.catalogue import load_catalogue, one_more


class Clerk:
    """The site's own account, in this process."""

    def call(self, action, **data):
        return call_as_site(action, **data)

    def exists(self, action, name):
        return False


@pytest.fixture
def registered(clean_releases):
    """Each dataset's id, by its key."""
    clerk, catalogue = Clerk(), load_catalogue()
    load.make_groups(clerk, catalogue)
    found = {}
    for dataset in (*catalogue.datasets, one_more()):
        resources = [
            {
                "url": f"https://example.org/{one.filename}", "name": one.name, "description": one.description, "format": one.format,
                **load.dictionary(one),
            }
            for one in dataset.resources
        ]  # fmt: skip
        found[dataset.key] = clerk.call("package_create", **load.described(dataset), **load.ours(dataset), resources=resources)["id"]
    assert len(found) == 44
    return found


def test_every_dataset_is_ready(registered):
    checks = {key: call_as_site("edomex_dataset_check", dataset_id=found, stage="ready") for key, found in registered.items()}
    assert {key: check for key, check in checks.items() if not check["ready"]} == {}


def test_dcat_ap_finds_nothing_wrong_with_their_catalogue(registered):
    datasets = [packages.shown(found) for found in registered.values()]
    model.Session.remove()
    instants = dict.fromkeys(("issued", "modified"), "2026-01-01T00:00:00Z")
    said = [profile.catalogue_triples(instants, registered.values()), *map(profile.dataset_triples, datasets)]
    graph = Graph()
    graph.parse(data="".join(FORMS["nt"].write(triples) for triples in said), format="nt")
    assert len(set(graph.subjects(RDF.type, DCAT.Dataset))) == len(registered)
    assert judged(graph, BASE) == {}
    assert judged(graph, RANGES, with_background=True) == {}
