"""A source is read before it starts: what it would bring is shown, nothing is kept of it, and somebody says yes."""

import json

import pytest
import sqlalchemy as sa
from ckan import logic, model
from ckan.lib import search
from ckan.plugins import toolkit as tk
from ckanext.harvest.logic import HarvestJobExists
from ckanext.harvest.model import HarvestJob, HarvestObject

from ckanext.edomex.federation.domain.trials import TRIABLE
from ckanext.edomex.federation.jobs import InboundHarvester
from ckanext.edomex.release.jobs import engine

EVERYTHING = {"include_private": True, "include_drafts": True, "include_deleted": True}


@pytest.fixture(autouse=True)
def at_once(option):
    """Here they ask for an approval."""
    option("approve_sources", "true")


@pytest.fixture
def fresh(web, ttl, harvest):
    """A source of three datasets that nobody has approved."""
    return harvest(web.says("/catalog.ttl", ttl(1, 2, 3)))


@pytest.fixture
def approved(fresh, act, reviewer):
    """It, tried, approved and harvested."""
    fresh.run()
    _approve(act, reviewer, fresh)
    for job in model.Session.query(HarvestJob).filter_by(source_id=fresh.id, finished=None):
        job.status = "Finished"
    model.Session.commit()
    result = fresh.run()
    assert (result.counts, result.gather_errors, result.object_errors) == ({"added": 3}, [], [])
    return fresh


def _approve(act, person, source):
    terms = act(person, "edomex_federation_source_show", id=source.id)["terms"]
    return act(person, "edomex_federation_source_approve", id=source.id, terms=terms)


def rows():
    """How many rows there are in every table that a harvest writes; jobs and reports of trials are not among them."""
    model.Session.rollback()
    names = ("package", "resource", "package_tag", "activity", "edomex_federation_record", "edomex_federation_source")
    names += ("harvest_object", "edomex_release", "edomex_release_outbox", "edomex_feed_change", "edomex_audit_seal", "task_status")
    with model.meta.engine.connect() as connection:
        return {name: connection.execute(sa.text(f"SELECT count(*) FROM {name}")).scalar_one() for name in names}


def found(words):
    search.commit()
    return tk.get_action("package_search")({"ignore_auth": True, "user": ""}, {"q": words, **EVERYTHING})["count"]


def outcomes(act, person, source):
    shown = act(person, "edomex_federation_trial_show", id=source.id)
    assert shown["count"] == len(shown["records"])
    return {each["record_id"].rsplit("/", 1)[-1]: each for each in shown["records"]}


def test_a_new_source_takes_nothing_and_tells_what_it_would(fresh, act, editor, reviewer):
    assert act(editor, "edomex_federation_source_show", id=fresh.id)["standing"] == "untried"
    before = rows()
    result = fresh.run()
    assert (result.statuses, result.gather_errors, result.job.status) == ({}, [], "Finished")
    assert rows() == before
    assert found('"Lo que dice el 2."') == 0
    for person in (editor, reviewer):
        told = act(person, "edomex_federation_source_show", id=fresh.id)
        assert (told["standing"], told["approved"], told["trial"]["problem"], told["trial"]["notes"]) == ("tried", False, None, [])
        assert told["trial"]["counts"] == {"new": 3, "changed": 0, "unchanged": 0, "refused": 0, "gone": 0, "untried": 0}
        assert [(each["title"], each["outcome"]) for each in outcomes(act, person, fresh).values()] == [
            (f"Conjunto {number}", "new") for number in (1, 2, 3)
        ]


def test_what_ckan_or_the_reading_refuses_is_told_with_its_reason(web, ttl, harvest, act, editor):
    stub = '<https://a.example.org/x> a dcat:Dataset . '
    text = ttl(1, 2).replace('"Conjunto 2"', '"' + "x" * 3000 + '"') + stub
    source = harvest(web.says("/catalog.ttl", text))
    source.run()
    told = outcomes(act, editor, source)
    assert {name: each["outcome"] for name, each in told.items()} == {"1": "new", "2": "refused", "x": "refused"}
    assert told["x"]["reason"] == "no tiene título (dct:title)"
    assert "ítulo" in told["2"]["reason"] or "itle" in told["2"]["reason"]
    refused = act(editor, "edomex_federation_trial_show", id=source.id, outcome="refused", limit=1, offset=1)
    assert (refused["count"], len(refused["records"])) == (2, 1)
    with pytest.raises(tk.ValidationError, match="outcome"):
        act(editor, "edomex_federation_trial_show", id=source.id, outcome="otra")


def test_it_starts_when_a_reviewer_says_so(approved, act, editor):
    told = act(editor, "edomex_federation_source_show", id=approved.id)
    assert (told["standing"], told["approved"], approved.states()) == ("approved", True, {"present": 3})


def test_the_agency_does_not_approve_its_own_source(fresh, act, editor, stranger, sysadmin):
    fresh.run()
    terms = act(editor, "edomex_federation_source_show", id=fresh.id)["terms"]
    for person in (editor, stranger, None):
        with pytest.raises(tk.NotAuthorized):
            act(person, "edomex_federation_source_approve", id=fresh.id, terms=terms)
    for action in ("edomex_federation_source_show", "edomex_federation_trial_show", "edomex_federation_source_try"):
        for person in (stranger, None):
            with pytest.raises(tk.NotAuthorized):
                act(person, action, id=fresh.id)
    assert act(sysadmin, "edomex_federation_source_approve", id=fresh.id, terms=terms)["standing"] == "approved"


def test_what_was_not_seen_is_not_approved(fresh, web, ttl, act, reviewer):
    terms = act(reviewer, "edomex_federation_source_show", id=fresh.id)["terms"]
    with pytest.raises(tk.ValidationError) as early:
        act(reviewer, "edomex_federation_source_approve", id=fresh.id, terms=terms)
    assert (early.value.error_dict["state"], early.value.error_dict["allowed"]) == (["untried"], [])
    web.says("/catalog.ttl", "<!doctype html><title>Iniciar sesión</title>", kind="text/html")
    assert "página web" in fresh.run().gather_errors[0]
    told = act(reviewer, "edomex_federation_source_show", id=fresh.id)
    assert told["standing"] == "unreadable"
    assert "página web" in told["trial"]["problem"]
    with pytest.raises(tk.ValidationError, match="no se pudo leer"):
        act(reviewer, "edomex_federation_source_approve", id=fresh.id, terms=terms)
    web.says("/catalog.ttl", ttl(1))
    fresh.run()
    with pytest.raises(tk.ValidationError, match="cambió desde que usted la revisó"):
        act(reviewer, "edomex_federation_source_approve", id=fresh.id, terms="otros")
    assert act(reviewer, "edomex_federation_source_approve", id=fresh.id, terms=terms)["approved"]


def test_a_changed_source_is_tried_again_against_what_is_there(approved, web, ttl, act, sysadmin, editor):
    act(sysadmin, "harvest_source_patch", id=approved.id, url=web.says("/otro.ttl", ttl(2, 3, 4, t3="Otro título")))
    assert act(editor, "edomex_federation_source_show", id=approved.id)["standing"] == "untried"
    before = rows()
    assert approved.run().statuses == {}
    assert rows() == before
    told = outcomes(act, editor, approved)
    assert {name: each["outcome"] for name, each in told.items()} == {"1": "gone", "3": "changed", "4": "new"}
    assert told["3"]["differences"] == [{"field": "title", "file": "", "before": "Conjunto 3", "after": "Otro título"}]
    assert act(editor, "edomex_federation_source_show", id=approved.id)["trial"]["counts"]["unchanged"] == 1
    assert approved.states() == {"present": 3}


def test_other_settings_that_change_nothing_show_nothing_to_change(approved, act, sysadmin, editor):
    config = json.dumps({"defaults": {"provenance": ""}, "whole_every_days": 3})
    act(sysadmin, "harvest_source_patch", id=approved.id, config=config)
    approved.run()
    assert outcomes(act, editor, approved) == {}
    assert act(editor, "edomex_federation_source_show", id=approved.id)["trial"]["counts"]["unchanged"] == 3


def test_one_that_is_public_here_is_tried_beside_it(approved, web, ttl, act, editor, sysadmin, publish):
    package_id = approved.entries()["2"].package_id
    publish(package_id)
    web.says("/catalog.ttl", ttl(1, 2, 3, t2="Otro título"))
    act(sysadmin, "harvest_source_patch", id=approved.id, config=json.dumps({"whole_every_days": 3}))
    before = rows()
    approved.run()
    assert rows() == before
    (told,) = outcomes(act, editor, approved).values()
    assert (told["outcome"], told["reason"]) == ("changed", "")
    assert [(each["field"], each["after"]) for each in told["differences"]] == [("title", "Otro título")]


def test_of_very_many_the_first_are_tried(web, ttl, harvest, option, act, editor):
    option("trial_records", 2)
    source = harvest(web.says("/catalog.ttl", ttl(*range(5))))
    source.run()
    counts = act(editor, "edomex_federation_source_show", id=source.id)["trial"]["counts"]
    assert (counts["new"], counts["untried"]) == (2, 3)


def test_asking_for_a_trial_is_a_job_and_one_at_a_time(fresh, act, editor):
    made = act(editor, "edomex_federation_source_try", id=fresh.id)
    assert HarvestJob.get(made["job_id"]).source_id == fresh.id
    with pytest.raises(tk.ValidationError, match="Ya se está leyendo"):
        act(editor, "edomex_federation_source_try", id=fresh.id)


def test_an_approved_one_is_not_tried(approved, act, editor):
    with pytest.raises(tk.ValidationError, match="ya está aprobada"):
        act(editor, "edomex_federation_source_try", id=approved.id)


def test_a_stock_source_waits_and_is_approved_unseen(act, sysadmin, agency, reviewer):
    fields = {"name": "fuente-de-siempre", "source_type": "ckan", "frequency": "DAILY", "owner_org": agency["id"]}
    made = act(sysadmin, "harvest_source_create", url="https://datos.example.org", **fields)
    with pytest.raises(tk.ValidationError, match="espera aprobación"):
        act(sysadmin, "harvest_job_create", source_id=made["id"], run=False)
    with pytest.raises(HarvestJobExists):
        act(sysadmin, "harvest_job_create", source_id=made["id"], run=False)
    # The stock scheduler goes on with the other sources.
    act(sysadmin, "harvest_jobs_run")
    assert model.Session.query(HarvestJob).filter_by(source_id=made["id"]).count() == 0
    with pytest.raises(tk.ValidationError, match="no se puede ensayar"):
        act(reviewer, "edomex_federation_source_try", id=made["id"])
    terms = act(reviewer, "edomex_federation_source_show", id=made["id"])["terms"]
    assert act(reviewer, "edomex_federation_source_approve", id=made["id"], terms=terms)["approved"]
    assert model.Session.query(HarvestJob).filter_by(source_id=made["id"]).count() == 1


def test_each_sees_the_sources_that_are_theirs(fresh, harvest, web, ttl, act, editor, stranger, reviewer):
    listed = {name: act(person, "edomex_federation_source_list") for name, person in
              {"editor": editor, "stranger": stranger, "reviewer": reviewer}.items()}  # fmt: skip
    assert [[each["id"] for each in rows] for rows in listed.values()] == [[fresh.id], [], [fresh.id]]
    assert (listed["editor"][0]["standing"], listed["editor"][0]["last_job"]) == ("untried", None)
    with pytest.raises(tk.NotAuthorized):
        act(None, "edomex_federation_source_list")


def test_clearing_a_source_forgets_its_trial(fresh, act, editor, sysadmin):
    fresh.run()
    act(sysadmin, "harvest_source_clear", id=fresh.id)
    assert act(editor, "edomex_federation_source_show", id=fresh.id)["standing"] == "untried"


def test_all_our_types_can_be_tried():
    assert {each.kind for each in InboundHarvester.__subclasses__()} == TRIABLE


def test_a_trial_leaves_no_object_to_import(fresh):
    fresh.run()
    assert model.Session.query(HarvestObject).count() == 0


class TestNotices:
    """Whoever has to do something about a source is told, once for each time."""

    def told(self, act, person):
        model.Session.rollback()
        return [(each["kind"], each["path"]) for each in act(person, "edomex_notice_list")["notices"] if "source" in each["kind"]]

    def test_that_one_waits_and_that_it_was_approved(self, fresh, act, editor, reviewer, stranger):
        name = model.Package.get(fresh.id).name
        page = f"/autoservicio/federacion/fuentes/{name}"
        fresh.run()
        fresh.run()
        assert self.told(act, reviewer) == [("source_tried", page)]
        assert self.told(act, editor) == []
        _approve(act, reviewer, fresh)
        assert self.told(act, editor) == [("source_approved", page)]
        assert (self.told(act, reviewer), self.told(act, stranger)) == ([("source_tried", page)], [])

    def test_that_much_of_one_is_gone(self, approved, web, ttl, act, editor):
        web.says("/catalog.ttl", ttl(1))
        assert "Faltan 2 de 3" in approved.run().gather_errors[0]
        approved.run()
        assert [kind for kind, _ in self.told(act, editor)] == ["source_held", "source_approved"]

    def test_not_of_one_that_could_not_be_read(self, fresh, web, act, reviewer):
        web.says("/catalog.ttl", "<!doctype html><title>x</title>", kind="text/html")
        fresh.run()
        assert self.told(act, reviewer) == []


class TestTrusted:
    """What comes from a trusted source is approved by whoever approved the source, for as long as they may."""

    @pytest.fixture
    def trusted(self, web, ttl, harvest, act):
        def make(person):
            source = harvest(web.says("/catalog.ttl", ttl(1, 2)), arrival="public")
            source.run()
            assert act(person, "edomex_federation_source_show", id=source.id)["is_trusted"]
            _approve(act, person, source)
            for job in model.Session.query(HarvestJob).filter_by(source_id=source.id, finished=None):
                job.status = "Finished"
            model.Session.commit()
            return source

        return make

    def test_it_is_due_at_once_in_the_approvers_name(self, trusted, reviewer, act, sysadmin):
        source = trusted(reviewer)
        assert source.run().counts == {"added": 2}
        for entry in source.entries().values():
            (release,) = act(sysadmin, "edomex_release_list", dataset_id=entry.package_id)
            assert release["state"] == "scheduled"
        who = model.Session.execute(sa.text("SELECT DISTINCT submitted_by, approved_by FROM edomex_release")).all()
        site = tk.get_action("get_site_user")({"ignore_auth": True, "user": ""}, {})["name"]
        assert who == [(model.User.get(site).id, reviewer["id"])]

    def test_what_changes_in_a_public_one_is_an_edition_that_is_due(self, trusted, reviewer, act, sysadmin, web, ttl, publish):
        source = trusted(reviewer)
        source.run()
        package_id = source.entries()["1"].package_id
        engine.release_due(model.meta.engine)
        model.Session.remove()
        web.says("/catalog.ttl", ttl(1, 2, t1="Otro título"))
        assert source.run().counts == {"updated": 1}
        engine.release_due(model.meta.engine)
        model.Session.remove()
        assert act(None, "package_show", id=package_id)["title"] == "Otro título"

    def test_what_people_withdrew_stays_withdrawn(self, trusted, reviewer, act, sysadmin, manager, web, ttl):
        source = trusted(reviewer)
        source.run()
        engine.release_due(model.meta.engine)
        model.Session.remove()
        package_id = source.entries()["1"].package_id
        why = {"reason": "Trae datos personales", "legal_ground": "Art. 1"}
        proposed = act(manager, "edomex_release_withdraw", dataset_id=package_id, **why)
        act(sysadmin, "edomex_release_withdraw_confirm", id=proposed["id"])
        web.says("/catalog.ttl", ttl(1, 2, t1="Otro título", t2="También"))
        assert source.run().counts == {"updated": 2}
        engine.release_due(model.meta.engine)
        model.Session.remove()
        withdrawn = act(sysadmin, "package_show", id=package_id)
        releases = act(sysadmin, "edomex_release_list", dataset_id=package_id)
        assert (withdrawn["title"], withdrawn["private"]) == ("Otro título", True)
        assert sorted((each["kind"], each["state"]) for each in releases) == [("first", "withdrawn"), ("withdrawal", "released")]
        assert act(None, "package_show", id=source.entries()["2"].package_id)["title"] == "También"
        # Once people publish it again it is as any other.
        release = act(sysadmin, "edomex_release_submit", dataset_id=package_id)
        act(reviewer, "edomex_release_approve", id=release["id"], release_at="now")
        engine.release_due(model.meta.engine)
        model.Session.remove()
        web.says("/catalog.ttl", ttl(1, 2, t1="Y otro", t2="También"))
        source.run()
        engine.release_due(model.meta.engine)
        model.Session.remove()
        assert act(None, "package_show", id=package_id)["title"] == "Y otro"

    def test_what_people_cancelled_stays_cancelled(self, trusted, reviewer, act, sysadmin, manager, web, ttl):
        source = trusted(reviewer)
        source.run()
        package_id = source.entries()["1"].package_id
        (release,) = act(sysadmin, "edomex_release_list", dataset_id=package_id)
        act(manager, "edomex_release_cancel", id=release["id"], reason="Falta revisar")
        web.says("/catalog.ttl", ttl(1, 2, t1="Otro título"))
        assert source.run().counts == {"updated": 1}
        assert [each["state"] for each in act(sysadmin, "edomex_release_list", dataset_id=package_id)] == ["cancelled"]
        assert act(sysadmin, "package_show", id=package_id)["title"] == "Otro título"

    def test_without_the_role_it_waits_for_people(self, trusted, reviewer, act, sysadmin):
        source = trusted(reviewer)
        act(sysadmin, "edomex_release_role_revoke", user=reviewer["name"], role="reviewer")
        assert source.run().counts == {"added": 2}
        states = model.Session.execute(sa.text("SELECT DISTINCT state FROM edomex_release")).scalars().all()
        assert states == ["in_review"]

    @pytest.mark.parametrize("before", [0, 1])
    def test_what_a_consumer_brought_that_was_killed_is_released_all_the_same(self, trusted, reviewer, monkeypatch, before):
        source = trusted(reviewer)
        _, ids = source.start()
        approve, count = tk.get_action("edomex_release_approve"), iter(range(before))

        def killed(context, data):
            if next(count, None) is None:
                raise KeyboardInterrupt
            return approve(context, data)

        monkeypatch.setitem(logic._actions, "edomex_release_approve", killed)
        with pytest.raises(KeyboardInterrupt):
            source.fetch(ids)
        monkeypatch.setitem(logic._actions, "edomex_release_approve", approve)
        model.Session.remove()
        # As ckanext-harvest hands out again what nobody ended.
        source.fetch(ids)
        states = "SELECT package_id, state, count(*) FROM edomex_release GROUP BY package_id, state"
        assert sorted(row[1:] for row in model.Session.execute(sa.text(states))) == [("scheduled", 1)] * 2

    def test_approved_as_another_it_waits_for_people(self, trusted, reviewer, act, sysadmin):
        source = trusted(reviewer)
        job, ids = source.start()
        # Whoever may change the source changes it after it was read and before its records come in.
        act(sysadmin, "harvest_source_patch", id=source.id, config=json.dumps({"arrival": "public", "grace_days": 3}))
        source.fetch(ids)
        assert source.end(job).counts == {"added": 2}
        assert model.Session.execute(sa.text("SELECT count(*) FROM edomex_release")).scalar_one() == 0
