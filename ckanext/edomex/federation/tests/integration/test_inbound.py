"""Harvesting a catalogue: what is new, changed, the same, gone and back."""

import pytest
import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk
from ckan.tests import factories
from ckanext.harvest.model import HarvestObject

from ckanext.edomex.federation.logic.queueing import BATCH


def packages():
    model.Session.expire_all()
    return model.Session.query(model.Package).filter_by(type="dataset").all()


def shown(package_id):
    return tk.get_action("package_show")({"ignore_auth": True, "user": "", "use_cache": False}, {"id": package_id})


@pytest.fixture
def ten(web, ttl, harvest):
    """A source of ten datasets, harvested once."""
    found = harvest(web.says("/catalog.ttl", ttl(*range(10)), etag='"1"'))
    result = found.run()
    assert (result.counts, result.gather_errors, result.object_errors) == ({"added": 10}, [], [])
    return found


def test_what_comes_in_is_a_draft_for_review_in_our_words(ten, agency):
    entry = ten.entries()["3"]
    made = shown(entry.package_id)
    assert (made["title"], made["notes"], made["private"], made["state"]) == ("Conjunto 3", "Lo que dice el 3.", True, "active")
    assert (made["frequency"], made["license_id"], made["issued"]) == ("R/P1Y", "cc-by-4.0", "2024-05-01")
    assert sorted(tag["name"] for tag in made["tags"]) == ["agua", "pozos"]
    assert made["owner_org"] == agency["id"]
    links = {each["url"].removeprefix("https://datos.municipio.example.org"): each["format"] for each in made["resources"]}
    assert links == {"/dataset/3/a.csv": "CSV", "/dataset/3/b.csv": "CSV"}
    with pytest.raises((tk.NotAuthorized, tk.ObjectNotFound)):
        tk.get_action("package_show")({"user": ""}, {"id": entry.package_id})
    assert (entry.state, entry.digest, entry.licence) == ("present", entry.wanted, "https://creativecommons.org/licenses/by/4.0/")


def test_nothing_changed_is_one_request_and_a_finished_job(ten, web):
    web.asked.clear()
    before = {each.id: each.metadata_modified for each in packages()}
    job, ids = ten.start()
    assert (ids, job.status, web.asked) == ([], "Finished", ["/catalog.ttl"])
    assert {each.id: each.metadata_modified for each in packages()} == before
    assert ten.run().statuses == {}


def test_without_an_etag_the_bytes_tell_and_without_the_same_bytes_each_record(web, ttl, harvest):
    source = harvest(web.says("/catalog.ttl", ttl(1, 2, 3)))
    source.run()
    assert source.run().statuses == {}
    web.says("/catalog.ttl", ttl(3, 1, 2))
    assert source.run().statuses == {}
    web.says("/catalog.ttl", ttl(3, 1, 2, t1="Otro título"))
    assert source.run().statuses == {"https://datos.municipio.example.org/dataset/1": "updated"}


def test_a_changed_record_is_updated_and_keeps_its_files_ids_and_its_themes(ten, web, ttl):
    package_id = ten.entries()["3"].package_id
    theme = factories.Group()
    member = {"id": theme["id"], "object": package_id, "object_type": "package", "capacity": "public"}
    tk.get_action("member_create")({"ignore_auth": True, "user": ""}, member)
    before = shown(package_id)
    web.says("/catalog.ttl", ttl(*range(10), t3="Otro título"), etag='"2"')
    result = ten.run()
    assert result.counts == {"updated": 1}
    after = shown(package_id)
    assert (after["title"], after["name"], len(packages())) == ("Otro título", before["name"], 10)
    assert [each["id"] for each in after["resources"]] == [each["id"] for each in before["resources"]]
    assert [each["name"] for each in after["groups"]] == [theme["name"]]
    found = tk.get_action("package_search")({"ignore_auth": True, "user": ""}, {"q": '"Otro título"', "include_private": True})
    assert [each["id"] for each in found["results"]] == [package_id]


def test_files_and_tags_that_its_source_has_no_more_go(web, ttl, harvest):
    source = harvest(web.says("/catalog.ttl", ttl(1, 2)))
    source.run()
    bare = '<https://datos.municipio.example.org/dataset/1> a dcat:Dataset; dct:title "Sin archivos"@es .'
    web.says("/catalog.ttl", ttl(2) + bare)
    assert source.run().counts == {"updated": 1}
    made = shown(source.entries()["1"].package_id)
    assert (made["title"], made["resources"], made["tags"]) == ("Sin archivos", [], [])


def test_what_is_gone_waits_and_comes_back_as_it_was(ten, web, ttl):
    web.says("/catalog.ttl", ttl(*range(9)), etag='"2"')
    assert ten.run().statuses == {}
    assert ten.states() == {"present": 9, "missing": 1}
    assert shown(ten.entries()["9"].package_id)["state"] == "active"
    web.says("/catalog.ttl", ttl(*range(10)), etag='"3"')
    before = shown(ten.entries()["9"].package_id)
    assert ten.run().statuses == {}
    assert ten.states() == {"present": 10}
    assert shown(ten.entries()["9"].package_id) == before


def test_after_its_grace_it_goes_though_nothing_else_changed(ten, web, ttl):
    web.says("/catalog.ttl", ttl(*range(9)), etag='"2"')
    ten.run()
    ten.age(6)
    assert ten.run().statuses == {}
    ten.age(1)
    web.asked.clear()
    result = ten.run()
    assert (result.counts, web.asked) == ({"deleted": 1}, ["/catalog.ttl"])
    entry = ten.entries()["9"]
    assert (entry.state, shown(entry.package_id)["state"]) == ("deleted", "deleted")
    found = tk.get_action("package_search")({"ignore_auth": True, "user": ""}, {"q": '"Conjunto 9"', "include_private": True})
    assert found["count"] == 0
    assert ten.run().statuses == {}


def test_and_returns_under_its_own_id(ten, web, ttl):
    web.says("/catalog.ttl", ttl(*range(9)), etag='"2"')
    ten.run()
    ten.age(8)
    ten.run()
    package_id = ten.entries()["9"].package_id
    web.says("/catalog.ttl", ttl(*range(10)), etag='"3"')
    assert ten.run().counts == {"updated": 1}
    assert (ten.entries()["9"].package_id, shown(package_id)["state"]) == (package_id, "active")


def test_when_much_is_gone_a_person_decides(ten, web, ttl, act, editor, stranger):
    web.says("/catalog.ttl", ttl(0), etag='"2"')
    assert "Faltan 9 de 10" in ten.run().gather_errors[0]
    ten.age(30)
    result = ten.run()
    assert (result.statuses, ten.states()) == ({}, {"present": 1, "missing": 9})
    assert "acéptelo en la página de la fuente" in result.gather_errors[0]
    with pytest.raises(tk.NotAuthorized):
        act(stranger, "edomex_federation_missing_accept", id=ten.id, missing=9)
    with pytest.raises(tk.NotAuthorized):
        act(stranger, "edomex_federation_source_show", id=ten.id)
    with pytest.raises(tk.NotAuthorized):
        act(None, "edomex_federation_source_show", id=ten.id)
    told = act(editor, "edomex_federation_source_show", id=ten.id)
    assert (told["counts"], told["missing_count"]) == ({"present": 1, "missing": 9}, 9)
    first = told["missing"][0]
    assert (first["title"], first["reason"]) == ("Conjunto 1", "la fuente ya no la tiene")
    with pytest.raises(tk.ValidationError) as stale:
        act(editor, "edomex_federation_missing_accept", id=ten.id, missing=5)
    assert (stale.value.error_dict["state"], stale.value.error_dict["allowed"]) == (["9"], [])
    act(editor, "edomex_federation_missing_accept", id=ten.id, missing=9)
    assert ten.run().counts == {"deleted": 9}
    assert ten.states() == {"present": 1, "deleted": 9}


def test_what_goes_after_a_persons_word_needs_another(web, ttl, harvest, act, editor):
    source = harvest(web.says("/catalog.ttl", ttl(*range(10))), grace_days=0)
    source.run()
    web.says("/catalog.ttl", ttl(*range(5)))
    source.run()
    act(editor, "edomex_federation_missing_accept", id=source.id, missing=5)
    web.says("/catalog.ttl", ttl(0, 1))
    result = source.run()
    assert "Faltan 8 de 10" in result.gather_errors[0]
    assert source.states() == {"present": 2, "missing": 8}


def test_a_source_cannot_touch_anothers_dataset(ten, web, ttl, harvest, agency):
    mine = ten.entries()["3"].package_id
    other_agency = factories.Organization()
    other = harvest(web.says("/otro.ttl", ttl(3, 4, t3="Suplantado")), owner=other_agency["id"])
    assert other.run().counts == {"added": 2}
    assert shown(mine)["title"] == "Conjunto 3"
    assert other.entries()["3"].package_id != mine
    assert shown(other.entries()["3"].package_id)["owner_org"] == other_agency["id"]


def test_a_dataset_that_another_agency_took_over_is_left_alone(ten, web, ttl):
    package_id = ten.entries()["3"].package_id
    other = factories.Organization()
    moved = {"id": package_id, "organization_id": other["id"]}
    tk.get_action("package_owner_org_update")({"ignore_auth": True, "user": ""}, moved)
    web.says("/catalog.ttl", ttl(*range(10), t3="Ajeno", t4="Propio"), etag='"2"')
    result = ten.run()
    assert result.counts == {"errored": 1, "updated": 1}
    assert "otra dependencia" in result.object_errors[0]
    assert (shown(package_id)["title"], shown(ten.entries()["4"].package_id)["title"]) == ("Conjunto 3", "Propio")
    assert ten.run().statuses == {}


def test_one_that_ckan_refuses_keeps_no_other_out_and_is_not_tried_again(web, ttl, harvest):
    text = ttl(1, 2, 3).replace('"Conjunto 2"', '"' + "x" * 3000 + '"')
    source = harvest(web.says("/catalog.ttl", text))
    result = source.run()
    assert result.counts == {"added": 2, "errored": 1}
    assert source.states() == {"present": 2, "refused": 1}
    assert "itle" in result.object_errors[0] or "ítulo" in result.object_errors[0]
    assert source.run().statuses == {}
    web.says("/catalog.ttl", ttl(1, 2, 3))
    assert source.run().counts == {"added": 1}


def test_what_is_no_dataset_is_told_and_counted(web, ttl, harvest):
    stub = '<https://a.example.org/x> a dcat:Dataset . [] a dcat:Dataset; dct:title "Sin dirección" .'
    source = harvest(web.says("/catalog.ttl", ttl(1, 2) + stub))
    result = source.run()
    assert result.counts == {"added": 2}
    assert sorted(result.gather_errors) == [
        "Sin dirección: no tiene dirección ni identificador (dct:identifier).",
        "https://a.example.org/x: no tiene título (dct:title).",
    ]  # fmt: skip


def test_a_batch_that_was_killed_is_done_again_and_comes_to_the_same(web, ttl, harvest):
    source = harvest(web.says("/catalog.ttl", ttl(*range(BATCH + 20))))
    job, ids = source.start()
    assert len(ids) == 2
    source.fetch(ids[:1])
    # The second batch is never taken: the process was killed. Of the first, the last words to the queue were lost.
    model.Session.execute(sa.update(HarvestObject).where(HarvestObject.id == ids[0]).values(state="IMPORT"))
    model.Session.commit()
    assert source.states() == {"present": BATCH, "waiting": 20}
    source.fetch(ids[:1])
    assert (len(packages()), source.states()) == (BATCH, {"present": BATCH, "waiting": 20})
    source.fetch(ids[1:])
    assert source.end(job).counts == {"added": BATCH + 20}
    assert (len(packages()), source.states()) == (BATCH + 20, {"present": BATCH + 20})


def test_a_job_that_never_ended_leaves_the_rest_to_the_next(web, ttl, harvest):
    source = harvest(web.says("/catalog.ttl", ttl(*range(BATCH + 10)), etag='"1"'))
    job, ids = source.start()
    source.fetch(ids[:1])
    job.status = "Finished"
    job.save()
    result = source.run()
    assert (result.counts, source.states()) == ({"added": 10}, {"present": BATCH + 10})


def test_a_source_that_is_cleared_comes_in_anew(ten, act, sysadmin):
    act(sysadmin, "harvest_source_clear", id=ten.id)
    assert ten.entries() == {}
    assert ten.run().counts == {"added": 10}


def test_a_source_that_is_cleared_leaves_nothing_in_the_index(ten, act, sysadmin):
    asked = {"q": 'notes:"Lo que dice"', "include_private": True}
    assert tk.get_action("package_search")({"ignore_auth": True, "user": ""}, asked)["count"] == 10
    act(sysadmin, "harvest_source_clear", id=ten.id)
    assert tk.get_action("package_search")({"ignore_auth": True, "user": ""}, asked)["count"] == 0
    assert packages() == []


def test_its_page_says_where_it_came_from(ten, app, sysadmin):
    entry = ten.entries()["3"]
    headers = {"Authorization": factories.APIToken(user=sysadmin["name"])["token"]}
    page = app.get(f"/dataset/{entry.package_id}", headers=headers).text
    assert f'<a href="{entry.iri}">Ver el registro original</a>' in page
    assert "https://creativecommons.org/licenses/by/4.0/" in page
    model.Session.execute(sa.text("UPDATE edomex_federation_record SET iri = 'javascript:alert(1)'"))
    model.Session.commit()
    assert "javascript:" not in app.get(f"/dataset/{entry.package_id}", headers=headers).text


def test_what_is_public_changes_by_an_edition_that_people_review(ten, web, ttl, act, sysadmin, publish):
    package_id = ten.entries()["3"].package_id
    publish(package_id)
    before = shown(package_id)
    web.says("/catalog.ttl", ttl(*range(10), t3="Otro título", t4="También"), etag='"2"')
    result = ten.run()
    assert (result.counts, result.object_errors) == ({"updated": 2}, [])
    assert shown(package_id) == before
    opened = act(sysadmin, "edomex_release_edition_open", dataset_id=package_id)
    draft = shown(opened["draft_id"])
    assert (draft["title"], draft["private"], len(draft["resources"])) == ("Otro título", True, 2)
    assert not {each["id"] for each in draft["resources"]} & {each["id"] for each in before["resources"]}
    assert shown(ten.entries()["4"].package_id)["title"] == "También"
    web.says("/catalog.ttl", ttl(*range(10), t3="Y otro", t4="También"), etag='"3"')
    assert ten.run().counts == {"updated": 1}
    assert shown(opened["draft_id"])["title"] == "Y otro"


def test_what_is_public_never_goes_with_its_source(ten, web, ttl, publish):
    package_id = ten.entries()["9"].package_id
    publish(package_id)
    web.says("/catalog.ttl", ttl(*range(9)), etag='"2"')
    ten.run()
    ten.age(30)
    result = ten.run()
    assert result.counts == {"errored": 1}
    assert "publicado" in result.object_errors[0]
    assert (shown(package_id)["state"], ten.states()) == ("active", {"present": 9, "missing": 1})


def test_where_it_came_from_is_told_to_who_may_see_it(ten, act, editor, stranger):
    entry = ten.entries()["3"]
    told = act(editor, "edomex_federation_origin_show", id=entry.package_id)
    assert (told["iri"], told["licence"], told["source_id"]) == (entry.iri, entry.licence, ten.id)
    for who in (stranger, None):
        with pytest.raises((tk.NotAuthorized, tk.ObjectNotFound)):
            act(who, "edomex_federation_origin_show", id=entry.package_id)
    with pytest.raises(tk.ObjectNotFound):
        act(editor, "edomex_federation_origin_show", id=ten.id)


@pytest.mark.parametrize(
    "config", ["{", "[]", '{"arrival": "secreto"}', '{"defaults": {"id": "x"}}', '{"grace_days": -1}', '{"changes": "file:///x"}']
)
def test_settings_that_make_no_sense_are_refused_where_they_are_written(config, act, sysadmin, agency):
    with pytest.raises(tk.ValidationError) as refused:
        act(
            sysadmin, "harvest_source_create", name="fuente", url="https://a.example.org/catalog.ttl", owner_org=agency["id"],
            source_type="edomex_dcat", config=config,
        )  # fmt: skip
    assert "config" in refused.value.error_dict


def test_defaults_fill_what_the_source_does_not_say(web, ttl, harvest):
    text = ttl(1).replace("dct:license <https://creativecommons.org/licenses/by/4.0/>;", "")
    source = harvest(
        web.says("/catalog.ttl", text), defaults={"licence": "https://creativecommons.org/licenses/by/4.0/", "title": "No"},
        mapping={"provenance": "publisher"},
    )  # fmt: skip
    source.run()
    made = shown(source.entries()["1"].package_id)
    assert (made["license_id"], made["title"], made["provenance"]) == ("cc-by-4.0", "Conjunto 1", "Ayuntamiento de ejemplo")
