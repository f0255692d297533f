"""Every request of docs/reference/feeds.md, asked."""

import re
from pathlib import Path

import pytest
from ckan.lib import search

PAGE = Path(__file__).parents[5] / "docs" / "reference" / "feeds.md"
REQUESTS = re.findall(r"^\| `GET (\S+)` \| `(\S+)` \|", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)


@pytest.fixture
def answers(app, public, agency):
    dataset = public("Agua", resources=[{"url": "https://a.example.org/x.csv", "format": "CSV"}])
    search.rebuild(dataset["id"])
    public("Otro")
    app.get("/catalog.ttl")
    known = {"id": dataset["id"], "name": dataset["name"], "agency": agency["name"]}
    return lambda path: app.get(re.sub("<([a-z]+)>", lambda found: known[found[1]], path).replace("+", "%2B"))


def test_each_works_and_is_what_it_is_said_to_be(answers):
    assert len(REQUESTS) > 20
    found = {path: (answer.status_code, answer.mimetype) for path, _ in REQUESTS for answer in [answers(path)]}
    assert found == {path: (200, kind) for path, kind in REQUESTS}


def test_no_address_of_the_feed_is_left_out(app):
    rules = {rule.rule for rule in app.flask_app.url_map.iter_rules() if rule.endpoint.startswith("edomex_feed.")}
    told = [re.sub(r"\?.*", "", path) for path, _ in REQUESTS]
    for rule in rules:
        pattern = re.sub(r"<any\([^)]*\):suffix>", "(ttl|nt|rdf|jsonld|xml|n3)", rule)
        pattern = re.sub(r"<path:[^>]+>", ".+", pattern)
        pattern = re.sub(r"<(?!any)[^>]+>", "[^/]+", pattern)
        assert any(re.fullmatch(pattern, path) for path in told), rule
