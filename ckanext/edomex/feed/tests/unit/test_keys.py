"""Equal keys mean equal content: each thing that a fragment depends on changes its key."""

from dataclasses import replace
from datetime import datetime

import pytest

from ckanext.edomex.feed.domain.keys import Listed, digest, etag

NOON = datetime(2024, 1, 1, 12)  # CKAN's columns are naive
LISTED = Listed(id="1", name="ds-1", created=NOON, modified=NOON, agency="igecem IGECEM", themes="salud")


@pytest.mark.parametrize(
    "change", [{"name": "ds-2"}, {"modified": NOON.replace(second=1)}, {"agency": "igecem Instituto"}, {"themes": "salud agua"}]
)
def test_each_change_changes_the_key(change):
    assert replace(LISTED, **change).key("x") != LISTED.key("x")


def test_surroundings_change_the_key():
    assert LISTED.key("x") != LISTED.key("y")


def test_texts_do_not_run_together():
    assert digest(["ab", "c"]) != digest(["a", "bc"])
    assert etag("ttl", ["a"]) != etag("rdf", ["a"])
