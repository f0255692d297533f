"""What is told of sources to whoever watches the portal."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from ckan import model

from ckanext.edomex.adapters import figures
from ckanext.edomex.federation.model import SourceMemory
from ckanext.edomex.shield.logic.checks import rooms


@pytest.fixture
def source(web, ttl, harvest):
    """Twelve datasets, harvested once."""
    made = harvest(web.says("/fuente.ttl", ttl(*range(12)), kind="text/turtle"), "edomex_dcat")
    made.run()
    return made


def status():
    model.Session.expire_all()
    return figures.known()["sources"].status()


def read(source, frequency, ago):
    """Let it be a source that should be read so often, and was so long ago."""
    often = sa.text("UPDATE harvest_source SET frequency = :often WHERE id = :id")
    model.Session.execute(often, {"often": frequency, "id": source.id})
    changed = sa.update(SourceMemory).where(SourceMemory.source_id == source.id).values(asked_at=sa.func.now() - ago)
    model.Session.execute(changed)
    model.Session.commit()


def findings():
    return {each.code for each in rooms.look()}


@pytest.mark.parametrize(("frequency", "ago", "unread"), [
    ("DAILY", timedelta(days=2), 0), ("DAILY", timedelta(days=4), 1), ("MONTHLY", timedelta(days=60), 0),
    ("MANUAL", timedelta(days=900), 0), ("ALWAYS", timedelta(hours=2), 0), ("ALWAYS", timedelta(days=2), 1),
])  # fmt: skip
def test_one_that_is_not_read_any_more(source, frequency, ago, unread):
    read(source, frequency, ago)
    found = status()
    assert (found["sources"], found["unread"], found["alarms"]) == (1, unread, ["sources_unread"] if unread else [])
    assert ("sources_unread" in findings()) is bool(unread)


def test_a_reading_ends_it(source):
    read(source, "DAILY", timedelta(days=9))
    assert status()["unread"] == 1
    source.run()
    assert status()["unread"] == 0


def test_one_of_which_too_much_is_missing(source, web, ttl):
    web.says("/fuente.ttl", ttl(1), kind="text/turtle")
    source.run()
    assert (status()["held"], status()["alarms"]) == (1, ["sources_held"])
    assert "sources_held" in findings()
