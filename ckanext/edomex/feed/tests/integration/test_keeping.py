"""Fragments are kept while the next ones are written; one that cannot be kept is no secret."""

import pytest
import sqlalchemy as sa
from ckan import model
from sqlalchemy.exc import DBAPIError

from ckanext.edomex.feed.domain.writing import FORMS
from ckanext.edomex.feed.logic import fragments, keeping
from ckanext.edomex.feed.model import public_datasets


@pytest.fixture
def refuse(sql):
    """Have PostgreSQL refuse fragments."""
    sql("CREATE FUNCTION edomex_test_no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$")
    sql("CREATE TRIGGER edomex_test_no BEFORE INSERT ON edomex_feed_fragment FOR EACH ROW EXECUTE FUNCTION edomex_test_no()")
    yield
    sql("DROP FUNCTION edomex_test_no() CASCADE")


@pytest.fixture(params=[0, keeping.FEW], ids=["in a thread", "at once"])
def small(monkeypatch, request):
    """Batches of one: each is kept and the next one asked for while one is written, or, being few, before and after."""
    monkeypatch.setattr(fragments, "BATCH", 1)
    for module in (fragments, keeping):
        monkeypatch.setattr(module, "FEW", request.param)


def kept():
    with model.meta.engine.connect() as connection:
        return connection.execute(sa.text("SELECT count(*) FROM edomex_feed_fragment")).scalar_one()


def test_all_of_many_batches_are_there_when_it_ends(public, small):
    for number in range(3):
        public(f"Conjunto {number}")
    fragments.make_all(public_datasets(model.Session))
    assert kept() == 3 * len(FORMS)


def test_what_cannot_be_kept_is_an_error_also_of_the_last_batch(public, small, refuse):
    public()
    with pytest.raises(DBAPIError, match="no"):
        fragments.make_all(public_datasets(model.Session))
    assert kept() == 0


def test_what_was_written_before_a_reader_left_stays(public, small):
    for number in range(3):
        public(f"Conjunto {number}")
    reading = fragments.stream("ttl", public_datasets(model.Session))
    next(reading)
    next(reading)
    reading.close()
    assert kept() == 2


def test_what_is_asked_for_ahead_is_what_is_missing(public, small):
    """Every second one is there already; all are read, in their order."""
    for number in range(5):
        public(f"Conjunto {number}")
    listed = public_datasets(model.Session)
    fragments.make_all(listed[1::2])
    bodies = [fragment.body.decode() for fragment in fragments.stream("ttl", listed)]
    assert [each.id in body for each, body in zip(listed, bodies, strict=True)] == [True] * 5
    assert kept() == 3 + 2 * len(FORMS)
