"""The federal side, a CKAN with our harvesters and nothing else of ours, mirrors the state: what there is, what is new, what went."""

from __future__ import annotations

import os
import uuid

import pytest

from stack.demo.api import Api

pytestmark = pytest.mark.stack


def test_it_mirrors_the_state(federal, source, harvest, published, withdrawn):
    source = source("edomex_dcat")
    titles = [f"Cosechado {uuid.uuid4().hex[:8]}" for _ in range(2)]
    first = published(titles[0])
    harvest(source)
    anyone = Api(os.environ["EDOMEX_FEDERAL_URL"])

    def there(title):
        found = anyone.call("package_search", q=f'title:"{title}"')["results"]
        return next((each for each in found if each["title"] == title), None)

    copy = there(titles[0])
    extras = {each["key"]: each["value"] for each in copy["extras"]}
    assert (copy["private"], copy["license_id"], [each["name"] for each in copy["tags"]]) == (False, "cc-by", ["cosecha"])
    assert extras["uri"].endswith(f"/dataset/{first}") and extras["publisher_name"]
    assert federal.call("edomex_federation_origin_show", id=copy["id"])["source_id"] == source
    # Nothing changed: no object, and over at once.
    again = harvest(source)
    assert again["stats"].get("added", 0) == again["stats"].get("updated", 0) == again["stats"].get("errored", 0) == 0
    assert there(titles[0])["metadata_modified"] == copy["metadata_modified"]
    published(titles[1])
    done = harvest(source)
    assert (done["stats"]["added"], there(titles[1]) is not None) == (1, True)
    withdrawn(first)
    harvest(source)
    assert there(titles[0]) is None
    assert there(titles[1]) is not None
