"""The demonstration's datasets, as they are registered, lack nothing of what a dataset is asked before its release."""

import pytest

from ckanext.edomex.adapters.callers import call_as_site
from stack.demo import load
from stack.demo.catalogue import load_catalogue, one_more


class Clerk:
    """The site's own account, in this process."""

    def call(self, action, **data):
        return call_as_site(action, **data)

    def exists(self, action, name):
        return False


@pytest.mark.usefixtures("clean_releases")
def test_every_dataset_is_ready():
    clerk, catalogue = Clerk(), load_catalogue()
    load.make_groups(clerk, catalogue)
    found = {}
    for dataset in (*catalogue.datasets, one_more()):
        resources = [
            {"url": f"https://example.org/{one.filename}", "name": one.name, "description": one.description, "format": one.format}
            for one in dataset.resources
        ]
        made = clerk.call("package_create", **load.described(dataset), **load.ours(dataset), resources=resources)
        found[dataset.key] = clerk.call("edomex_dataset_check", dataset_id=made["id"], stage="ready")
    assert len(found) == 44
    assert {key: check for key, check in found.items() if not check["ready"]} == {}
