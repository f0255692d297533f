"""Equal keys mean equal content: each thing that a fragment depends on changes its key."""

from datetime import datetime

from ckanext.edomex.feed.domain.keys import Listed, digest, etag

NOON = datetime(2024, 1, 1, 12)  # CKAN's columns are naive
LISTED = Listed(id="1", name="ds-1", created=NOON, modified=NOON, stamp="0a")


def test_another_stamp_is_another_key():
    assert LISTED._replace(stamp="0b").key("x") != LISTED.key("x")


def test_surroundings_change_the_key():
    assert LISTED.key("x") != LISTED.key("y")


def test_texts_do_not_run_together():
    assert digest(["ab", "c"]) != digest(["a", "bc"])
    assert etag("ttl", ["a"]) != etag("rdf", ["a"])
