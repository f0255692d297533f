"""The catalogue in the words of others: ADELA, DCAT-US, a map for search engines; and our vocabularies."""

from __future__ import annotations

from flask import Response

from ckanext.edomex.feed.domain.writing import SUFFIXES
from ckanext.edomex.feed.logic import listings
from ckanext.edomex.feed.views.documents import SUFFIX
from ckanext.edomex.feed.views.frame import answer, feed

JSON = "application/json; charset=utf-8"


@feed.get("/catalogo.json", defaults={"agency": None})
@feed.get("/<agency>/catalogo.json")
def adela(agency: str | None) -> Response:
    """DCAT-MX, as ADELA had it: of the state, or of one agency. No name of ours has a dot, so nothing else is at this address."""
    return answer(JSON, lambda: listings.adela(agency))


@feed.get("/data.json")
def data_json() -> Response:
    """DCAT-US 1.1."""
    return answer(JSON, listings.data_json)


@feed.get("/sitemap.xml", defaults={"number": None})
@feed.get("/sitemap-<int:number>.xml")
def site_map(number: int | None) -> Response:
    """Every public dataset's page, in as many maps as it takes."""
    return answer("application/xml; charset=utf-8", lambda: listings.site_map(number))


@feed.get(f"/vocabularios.{SUFFIX}", defaults={"name": None})
@feed.get(f"/vocabularios/<name>.{SUFFIX}")
def vocabularies(name: str | None, suffix: str) -> Response:
    """All vocabularies as SKOS, or one."""
    form = SUFFIXES[suffix]
    return answer(form.content_type, lambda: listings.vocabularies(form.name, name))


@feed.get("/vocabularios/<name>", defaults={"code": ""})
@feed.get("/vocabularios/<name>/<path:code>")
def word(name: str, code: str) -> Response:
    """A vocabulary's or a word's own address: its vocabulary tells of it."""
    return answer(SUFFIXES["ttl"].content_type, lambda: listings.vocabularies("ttl", name))
