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
    """Batches of one: each is kept while the next is written, or, being few, before it."""
    monkeypatch.setattr(fragments, "BATCH", 1)
    monkeypatch.setattr(keeping, "FEW", request.param)


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
