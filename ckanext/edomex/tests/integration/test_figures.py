"""What a monitoring program reads of the portal: figures and alarms of the engine and of every room that has some."""

import json

import pytest
import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk
from prometheus_client.parser import text_string_to_metric_families

from ckanext.edomex.adapters import figures

TOKEN = "a-token-of-twenty-four-letters"


@pytest.fixture
def read(monkeypatch, app):
    """The metrics as a monitoring program with the token reads them: name with its label → value."""
    monkeypatch.setitem(tk.config, "ckanext.edomex.release.metrics_token", TOKEN)

    def ask(form=""):
        return app.get(f"/edomex/metrics{form}", headers={"Authorization": f"Bearer {TOKEN}"}).get_data().decode()

    return ask


def alarms(text):
    families = text_string_to_metric_families(text)
    return {sample.labels["alarm"] for family in families for sample in family.samples if sample.name == "edomex_alarm"}


def test_every_room_is_in_both_forms(clean_releases, read):
    text, found = read(), json.loads(read(".json"))
    assert set(found["rooms"]) == set(figures.known()) >= {"audit", "letters", "targets"}
    names = {sample.name for family in text_string_to_metric_families(text) for sample in family.samples}
    assert {f"edomex_{room}_{key}" for room, each in figures.known().items() for key in each.gauges} <= names


def test_a_letter_that_was_given_up_is_an_alarm(read, clean_releases):
    assert "letters_dead" not in alarms(read())
    given_up = "INSERT INTO edomex_notices_letter (recipient, attempts, dead_at) VALUES ('nobody', 12, clock_timestamp())"
    with model.meta.engine.begin() as connection:
        connection.execute(sa.text(given_up))
    assert "letters_dead" in alarms(read())


def test_nobody_else_learns_of_it(visit, editor, read):
    for person in (None, editor):
        assert visit(person, "/edomex/metrics").status_code == 404
