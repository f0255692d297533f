"""Reading a catalogue over the web: documents, pages, change streams; no portal is needed."""

import json
from itertools import count

import pytest

from ckanext.edomex.adapters.outgoing import Client
from ckanext.edomex.federation.domain.errors import SourceError
from ckanext.edomex.federation.domain.records import Refused
from ckanext.edomex.federation.domain.settings import Settings
from ckanext.edomex.federation.logic.answers import SourceClient
from ckanext.edomex.federation.logic.json_sources import read_ckan
from ckanext.edomex.federation.logic.reading import read_dcat

PREFIXES = """@prefix as: <https://www.w3.org/ns/activitystreams#> . @prefix ldes: <https://w3id.org/ldes#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""


class Memory:
    def __init__(self, **fields):
        for name in ("etag", "last_modified", "sha256", "changes_url"):
            setattr(self, name, fields.get(name))


@pytest.fixture
def read():
    """Read a source as the gather stage does; the records by the last part of their ids, and the reading."""

    def reading(url, memory=None, whole=None, **settings):
        with Client(["127.0.0.0/8"]) as client:
            found = read_dcat(client, url, Settings(**settings), memory, whole=memory is None if whole is None else whole)
            if found is None:
                return None, None
            return {each.id.rsplit("/", 1)[-1]: each for each in found.found}, found

    return reading


def test_a_document(web, ttl, read):
    records, reading = read(web.says("/datos/fuente.ttl", ttl(1, 2), etag='"7"'))
    assert (set(records), reading.whole, reading.notes) == ({"1", "2"}, True, [])
    assert (reading.memory["etag"], reading.memory["changes_url"], len(reading.memory["sha256"])) == ('"7"', None, 64)
    one = records["1"]
    assert (one.title, one.publisher, one.tags, len(one.files)) == ("Conjunto 1", "Ayuntamiento de ejemplo", ("agua", "pozos"), 2)
    assert read(web.url + "/datos/fuente.ttl", Memory(**reading.memory)) == (None, None)
    assert web.asked == ["/datos/fuente.ttl"] * 2


def test_the_same_bytes_without_an_etag(web, ttl, read):
    url = web.says("/datos/fuente.ttl", ttl(1, 2))
    _, reading = read(url)
    assert read(url, Memory(**reading.memory)) == (None, None)


def stream(*lines, starts="0"):
    """A page of a change stream; each line is a number, a kind, the dataset's address and, of a deletion, the reason."""
    text = PREFIXES + "<https://a.example.org/catalog/changes> a ldes:EventStream .\n"
    for number, kind, iri, *reason in lines:
        node = f"<https://a.example.org/catalog/changes#{number}>"
        text += f'{node} a as:{kind}; as:object <{iri}>; as:published "2026-01-01T00:00:00Z"^^xsd:dateTime .\n'
        if reason:
            text += f'{node} as:result [ as:summary "{reason[0]}" ] .\n'
    return text


@pytest.fixture
def portal(web, ttl):
    """One of our portals: a catalogue, its change stream, and each dataset at its address."""
    def node(number):
        return f"{web.url}/dataset/{number}"

    def says(number, **titles):
        text = ttl(number, **titles).replace("https://datos.municipio.example.org", web.url)
        web.says(f"/dataset/{number}", text)

    web.says("/catalog.ttl", ttl(1, 2, 3).replace("https://datos.municipio.example.org", web.url))
    following = {"Link": f'<{web.url}/catalog/changes?since=3>; rel="next"'}
    web.says("/catalog/changes", stream(*((n, "Create", node(n)) for n in (1, 2, 3))), headers=following)
    web.says("/catalog/changes?since=3", stream(), headers=following)
    web.node, web.dataset = node, says
    return web


def test_a_stream_is_found_and_followed(portal, read):
    records, reading = read(portal.url + "/catalog.ttl")
    assert (set(records), reading.whole) == ({"1", "2", "3"}, True)
    place = portal.url + "/catalog/changes?since=3"
    assert reading.memory["changes_url"] == place
    portal.asked.clear()
    assert read(portal.url + "/catalog.ttl", Memory(changes_url=place)) == (None, None)
    assert portal.asked == ["/catalog/changes?since=3"]
    lines = (
        (4, "Update", portal.node(1)), (5, "Create", portal.node(4)), (6, "Update", portal.node(2)),
        (7, "Delete", portal.node(2), "La retiró quien la publicó"),
    )  # fmt: skip
    following = {"Link": f'<{portal.url}/catalog/changes?since=7>; rel="next"'}
    portal.says("/catalog/changes?since=3", stream(*lines), headers=following)
    portal.says("/catalog/changes?since=7", stream(), headers=following)
    portal.dataset(1, t1="Otro")
    portal.dataset(4)
    records, reading = read(portal.url + "/catalog.ttl", Memory(changes_url=place))
    assert {name: each.title for name, each in records.items()} == {"1": "Otro", "4": "Conjunto 4"}
    assert (reading.whole, reading.gone) == (False, {portal.node(2): "La retiró quien la publicó"})
    assert reading.memory == {"changes_url": portal.url + "/catalog/changes?since=7"}


def test_one_that_is_gone_by_now_is_left_to_the_next_line(portal, read):
    portal.says("/catalog/changes?since=3", stream((4, "Update", portal.node(9)), (5, "Update", portal.node(1))))
    portal.says("/dataset/9", status=410)
    portal.dataset(1)
    records, reading = read(portal.url + "/catalog.ttl", Memory(changes_url=portal.url + "/catalog/changes?since=3"))
    assert (set(records), reading.gone) == ({"1"}, {})


def test_a_stream_that_fails_is_no_reason_to_read_on(portal, read):
    portal.says("/catalog/changes?since=3", status=503)
    with pytest.raises(SourceError, match="503"):
        read(portal.url + "/catalog.ttl", Memory(changes_url=portal.url + "/catalog/changes?since=3"))
    portal.says("/catalog/changes?since=3", stream((4, "Update", portal.node(1))))
    portal.says("/dataset/1", status=500)
    with pytest.raises(SourceError, match="500"):
        read(portal.url + "/catalog.ttl", Memory(changes_url=portal.url + "/catalog/changes?since=3"))


def test_a_stream_tells_of_its_own_server_only(portal, read):
    portal.says("/catalog/changes?since=3", stream((4, "Update", "http://10.0.0.1/dataset/1")))
    records, reading = read(portal.url + "/catalog.ttl", Memory(changes_url=portal.url + "/catalog/changes?since=3"))
    assert (records, reading.gone) == ({}, {})


def test_when_much_changed_all_is_read(portal, ttl, read):
    many = [(n, "Update", portal.node(n)) for n in range(4, 300)]
    following = {"Link": f'<{portal.url}/catalog/changes?since=299>; rel="next"'}
    portal.says("/catalog/changes?since=3", stream(*many), headers=following)
    portal.says("/catalog/changes?since=299", stream(), headers=following)
    records, reading = read(portal.url + "/catalog.ttl", Memory(changes_url=portal.url + "/catalog/changes?since=3"))
    assert (set(records), reading.whole) == ({"1", "2", "3"}, True)
    assert reading.memory["changes_url"] == portal.url + "/catalog/changes?since=299"


def test_a_named_stream_whose_place_is_gone_is_begun_anew(portal, read):
    place, lost = f"{portal.url}/catalog/changes?since=3", f"{portal.url}/catalog/changes?since=0"
    portal.says("/catalog/changes?since=0", status=410)
    named = {"changes": f"{portal.url}/catalog/changes"}
    _, reading = read(portal.url + "/catalog.ttl", Memory(changes_url=lost), whole=True, **named)
    assert reading.memory["changes_url"] == place


def test_what_is_remembered_is_of_one_stream():
    usual, named, other = Settings(), Settings(changes="https://a.example.org/1"), Settings(changes="https://a.example.org/2")
    assert len({usual.reading(), named.reading(), other.reading()}) == 3
    assert usual.reading() == usual.fingerprint() == named.fingerprint()


def test_a_stream_that_was_named_has_to_be_one(portal, read):
    url = portal.says("/nada", "<https://a> <https://b> <https://c> .")
    with pytest.raises(SourceError, match="LDES"):
        read(portal.url + "/catalog.ttl", changes=url)
    _, reading = read(portal.url + "/catalog.ttl", changes="")
    assert reading.memory["changes_url"] is None


def test_a_stream_that_never_ends_ends(portal, read):
    portal.says("/catalog/changes?since=3", stream((4, "Update", portal.node(1))), headers={"Link": '<?since=3>; rel="next"'})
    portal.dataset(1)
    records, _ = read(portal.url + "/catalog.ttl", Memory(changes_url=portal.url + "/catalog/changes?since=3"))
    assert set(records) == {"1"}


def test_what_a_stream_tells_is_what_a_database_takes(portal, read):
    portal.says("/catalog/changes?since=3", stream((4, "Delete", portal.node(2) + r"\u0000", r"La ret\u0000iró")))
    _, reading = read(portal.url + "/catalog.ttl", Memory(changes_url=portal.url + "/catalog/changes?since=3"))
    assert reading.gone == {portal.node(2): "La retiró"}


SECONDS = 0.3


@pytest.mark.parametrize("kind", ["catalogue", "stream", "ckan"])
def test_one_that_always_has_one_more_page_is_given_up(kind, web, ttl, reply):
    numbers = count(1)

    def page(path):
        number = next(numbers)
        if kind == "ckan":
            result = {"count": 10**12, "results": [{"id": f"{number}", "title": "Uno más"}]}
            return reply(body=json.dumps({"success": True, "result": result}).encode(), kind="application/json")
        if kind == "catalogue":
            return reply(body=(ttl(number) + f'<{web.url}/catalog.ttl> hydra:nextPage "?page={number + 1}" .').encode())
        text = stream((number, "Update", f"{web.url}/dataset/{number}"))
        return reply(body=text.encode(), headers={"Link": f'<?since={number}>; rel="next"'})

    web.replies = type("Any", (dict,), {"get": lambda self, path: page(path)})()
    memory = Memory(changes_url=f"{web.url}/changes") if kind == "stream" else None
    reader = read_ckan if kind == "ckan" else read_dcat
    with SourceClient(SECONDS, ["127.0.0.0/8"]) as client, pytest.raises(SourceError, match="no se acaba de leer"):
        list(reader(client, f"{web.url}/catalog.ttl", Settings(), memory, whole=kind != "stream").found)
    assert len(web.asked) > 2


def said(record):
    return record.title, set(record.tags), record.licence, record.publisher


@pytest.mark.parametrize("kind", ["rdf", "jsonld", "nt"])
def test_other_forms(kind, web, ttl, read):
    import rdflib

    graph = rdflib.Graph().parse(data=ttl(1, 2), format="turtle")
    form = {"rdf": "pretty-xml", "jsonld": "json-ld", "nt": "nt"}[kind]
    types = {"rdf": "application/rdf+xml", "jsonld": "application/ld+json", "nt": "application/n-triples"}
    wanted, _ = read(web.says("/a.ttl", ttl(1, 2)))
    found, _ = read(web.says(f"/a.{kind}", graph.serialize(format=form), kind=types[kind]))
    # Files without an address have none that lasts; all else is the same.
    assert {name: said(each) for name, each in found.items()} == {name: said(each) for name, each in wanted.items()}
    assert sorted(file.url for file in found["1"].files) == sorted(file.url for file in wanted["1"].files)


def test_what_is_no_dataset_is_named(web, ttl, read):
    records, _ = read(web.says("/a.ttl", ttl(1) + "<https://a.example.org/x> a dcat:Dataset ."))
    assert records["x"] == Refused(id="https://a.example.org/x", reason="no tiene título (dct:title)")


def test_the_licence_that_all_files_have_is_the_datasets(web, ttl, read):
    terms = "dct:license <https://creativecommons.org/licenses/by/4.0/>;"
    text = ttl(1).replace(terms, "").replace("a dcat:Distribution;", f"a dcat:Distribution; {terms}")
    records, _ = read(web.says("/a.ttl", text))
    assert records["1"].licence == "https://creativecommons.org/licenses/by/4.0/"
    records, _ = read(web.says("/a.ttl", text.replace("by/4.0", "by-sa/4.0", 1)))
    assert records["1"].licence == ""


def test_pages_of_another_server_are_not_followed(web, ttl, read):
    with pytest.raises(SourceError, match="otro servidor"):
        read(web.says("/a.ttl", ttl(1) + '<https://a.example.org> hydra:nextPage "http://10.0.0.1/a.ttl" .'))
