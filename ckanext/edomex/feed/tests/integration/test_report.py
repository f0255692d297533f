"""The report on the catalogue, for programs, people and operators."""

import pytest
from ckan.plugins import toolkit as tk
from click.testing import CliRunner

from ckanext.edomex.feed import cli


@pytest.fixture
def run(_provisioned):
    return lambda *words: CliRunner().invoke(cli.edomex, ["feed", *words], catch_exceptions=False)


def test_a_report_speaks_of_public_datasets_alone(app, public, private, agency, run):
    shown, hidden = public("Abierto", resources=[{"url": "https://a.example.org/x.csv", "format": "CSV"}]), private()
    found = tk.get_action("edomex_feed_report")({"user": ""}, {})
    assert [each["id"] for each in found["datasets"]] == [shown["id"]]
    assert (found["count"], found["of"], [each["name"] for each in found["agencies"]]) == (1, 405, [agency["name"]])
    page = app.get("/calidad").text
    assert "Abierto" in page and "Agregue tres palabras clave" in page
    assert hidden["name"] not in page
    assert app.get("/calidad?dependencia=no-hay").status_code == 200
    text = run("report").output
    assert shown["name"] in text and "Palabras clave" in text
    assert f'"{shown["id"]}"' in run("report", "--json").output


def test_an_empty_portal_has_a_report(app, clean_releases, run):
    assert "Todavía no hay" in app.get("/calidad").text
    assert run("validate").exit_code == 0


def test_what_is_left_out_is_named_to_the_operator(public, sql, run):
    dataset = public("Malo", resources=[{"url": "https://a.example.org/x", "format": "CSV"}])
    assert run("validate").exit_code == 0
    sql("UPDATE resource SET url = 'no es dirección' WHERE package_id = :id", id=dataset["id"])
    found = run("validate")
    assert (found.exit_code, dataset["name"] in found.output, "no es una dirección" in found.output) == (1, True, True)
    assert run("accept").output == "datasets=1\n"
