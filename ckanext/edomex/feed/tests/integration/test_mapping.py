"""What the database says in bulk is what `package_show` says, and ckanext-dcat's tools say what the feed says."""

import json

from ckan.plugins import toolkit as tk
from rdflib import Graph

from ckanext.edomex.feed import profile
from ckanext.edomex.feed.domain.writing import FORMS

FULL = {
    "notes": "**Descripción** larga", "url": "https://a.example.org/tema", "license_id": "libre-uso-mx", "frequency": "R/P1Y",
    "tags": [{"name": "censo"}, {"name": "agua"}], "temporal_start": "2020-01-01", "temporal_end": "2020-12-31",
    "spatial_keys": ["15106", "15051"], "spatial_bbox": "-100.61,18.36,-98.59,20.28", "disaggregation": "municipal",
    "spatial": json.dumps({"type": "Point", "coordinates": [-99.6, 19.2]}), "language": "spa", "contact_unit": "Dirección",
    "contact_email": "datos@example.org", "access_level": "restringido", "access_ground": "datos-personales",
    "access_reason": "Por ley.", "issued": "2020-05-01", "modified": "2021-05-01", "legal_basis": "Reglamento.",
    "provenance": "Registros.", "method": "Encuesta.",
    "documentation": [{"title": "Guía", "url": "https://a.example.org/guia"}], "related": ["ds-7k3m9q2xw4tz"],
    "version_notes": "Primera.", "federal_priority": "infraestructura",
}  # fmt: skip
RESOURCE = {
    "url": "https://a.example.org/x,(1).csv", "name": "Tabla", "description": "Una tabla", "format": "CSV", "charset": "UTF-8",
    "temporal_start": "2020-01-01", "temporal_end": "2020-06-30", "spatial_keys": ["15106"], "rights": "Citar.",
    "availability": "temporal",
    "dictionary": [{"name": "cve", "type": "string", "meaning": "Clave", "unit": "u", "allowed": "1", "personal": "no"}],
}  # fmt: skip


def test_the_database_says_what_package_show_says(read, public, give_theme):
    dataset = public("Completo", resources=[RESOURCE, {"url": "https://a.example.org/y", "format": "Raro"}], **FULL)
    give_theme(dataset)
    shown = tk.get_action("package_show")({"ignore_auth": True, "user": ""}, {"id": dataset["id"]})
    versions = tk.get_action("edomex_release_history_list")({"user": ""}, {"dataset_ids": [dataset["id"]]})
    graph = Graph()
    wanted = FORMS["ttl"].opening + FORMS["ttl"].write(profile.dataset_triples({**shown, **versions[0]}))
    graph.parse(data=wanted, format="turtle")
    assert set(read(f"/dataset/{dataset['id']}.ttl")) == set(graph)
    for field in (*FULL, *RESOURCE):
        assert shown.get(field) or shown["resources"][0].get(field), f"the comparison says nothing of {field}"


def test_ckanext_dcats_serializer_says_the_same(read, public):
    from ckanext.dcat.processors import RDFSerializer

    dataset = public("Completo", resources=[RESOURCE], **FULL)
    shown = tk.get_action("package_show")({"ignore_auth": True, "user": ""}, {"id": dataset["id"]})
    more = tk.get_action("edomex_release_history_list")({"user": ""}, {"dataset_ids": [dataset["id"]]})[0]
    graph = Graph()
    graph.parse(data=RDFSerializer(profiles=["edomex_dcat_ap_3"]).serialize_dataset({**shown, **more}, _format="nt"), format="nt")
    assert set(graph) == set(read(f"/dataset/{dataset['id']}.nt"))


def test_ckanext_dcats_parser_finds_everything_again(app, public):
    from ckanext.dcat.processors import RDFParser

    public("Completo", resources=[RESOURCE], **FULL)
    parser = RDFParser(profiles=["euro_dcat_ap_3"])
    parser.parse(app.get("/catalog.ttl").text, "turtle")
    (found,) = parser.datasets()
    extras = {row["key"]: row["value"] for row in found["extras"]}
    assert (found["title"], {tag["name"] for tag in found["tags"]}) == ("Completo", {"censo", "agua"})
    assert found["resources"][0]["access_url"] == RESOURCE["url"]
    wanted = {"uri", "identifier", "frequency", "publisher_name", "contact_name", "temporal_start", "spatial"}
    assert wanted <= set(extras) | set(found)


def test_withdrawn_ones_are_not_told_of_by_the_bulk_question(public, sql):
    hidden, shown = public("Oculto"), public("Visible")
    sql("UPDATE package SET private = true WHERE id = :id", id=hidden["id"])
    ids = [hidden["id"], shown["id"], "no-hay-tal"]
    found = tk.get_action("edomex_release_history_list")({"user": ""}, {"dataset_ids": ids})
    assert [row["dataset_id"] for row in found] == [shown["id"]]


