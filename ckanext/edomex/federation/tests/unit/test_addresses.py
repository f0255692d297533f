"""Where a harvester may be sent."""

import pytest

from ckanext.edomex.federation.domain.addresses import problem


@pytest.mark.parametrize("url", ["https://a.example.org/catalog.ttl", "HTTP://a.example.org", "http://127.0.0.1:5000/catalog.rdf?x=1"])
def test_addresses_on_the_web_are_fine(url):
    assert problem(url) is None


@pytest.mark.parametrize(
    "url",
    [
        "/etc/passwd", "etc/passwd", "file:///etc/passwd", "FILE:/etc/passwd", "ftp://a.example.org/x", "httpfoo", "http:/etc/passwd",
        "https://", " http://a.example.org", "gopher://a", "data:text/turtle,", "http://[::1", "", None, 7,
    ],
)
def test_anything_else_is_refused_with_an_example(url):
    assert "example.org" in problem(url)
