"""What goes, what may not go, and what comes back: a source's word, another agency's dataset, what was refused."""

import json

import pytest
from ckan import model
from ckan.plugins import toolkit as tk
from ckan.tests import factories


def shown(package_id):
    model.Session.expire_all()
    return tk.get_action("package_show")({"ignore_auth": True, "user": "", "use_cache": False}, {"id": package_id})


@pytest.fixture
def says(web):
    """Have the source say that it has datasets of these numbers, and those of others not for everybody."""

    def say(numbers, closed=()):
        levels = {**dict.fromkeys(numbers, "public"), **dict.fromkeys(closed, "non-public")}
        datasets = [{"identifier": f"{each}", "title": f"Conjunto {each}", "accessLevel": level} for each, level in levels.items()]
        return web.says("/data.json", json.dumps({"dataset": datasets}), kind="application/json")

    return say


@pytest.fixture
def twelve(says, harvest):
    """A source of twelve datasets in `data.json`, harvested once."""
    source = harvest(says(range(12)), "edomex_datajson")
    assert source.run().counts == {"added": 12}
    return source


def test_what_its_source_closes_goes_at_once(twelve, says):
    says(range(11), [11])
    result = twelve.run()
    assert (result.counts, result.gather_errors) == ({"deleted": 1}, [])
    entry = twelve.entries()["11"]
    assert (entry.state, entry.reason, shown(entry.package_id)["state"]) == ("deleted", "no es público según su fuente", "deleted")
    says(range(10), [10, 11])
    assert twelve.run().gather_errors == ["11: no es público según su fuente."]
    says(range(12))
    assert twelve.run().counts == {"updated": 2}
    assert twelve.states() == {"present": 12}


def test_a_source_that_closes_all_it_has_waits_for_a_person(twelve, says, act, editor):
    says([], range(12))
    result = twelve.run()
    assert (result.statuses, twelve.states()) == ({}, {"missing": 12})
    assert "Faltan 12 de 12" in result.gather_errors[0]
    told = act(editor, "edomex_federation_missing_accept", id=twelve.id, missing=12)
    assert {each["reason"] for each in told["missing"]} == {"no es público según su fuente"}
    # Another document that says the same takes nothing back from what the person accepted.
    says([], reversed(range(12)))
    assert twelve.run().counts == {"deleted": 12}


def test_what_is_public_here_is_left_to_people_and_told(twelve, says, publish):
    package_id = twelve.entries()["11"].package_id
    publish(package_id)
    says(range(11), [11])
    result = twelve.run()
    assert (result.counts, twelve.states()) == ({"errored": 1}, {"present": 11, "missing": 1})
    assert "retire antes de borrar" in result.object_errors[0]


def test_one_that_is_closed_and_never_was_here_is_told_and_no_more(twelve, says):
    says(range(12), [12])
    result = twelve.run()
    assert (result.statuses, result.gather_errors) == ({}, ["12: no es público según su fuente."])


def test_what_another_agency_took_over_does_not_go_with_its_source(twelve, says):
    package_id = twelve.entries()["11"].package_id
    other = factories.Organization()
    moved = {"id": package_id, "organization_id": other["id"]}
    tk.get_action("package_owner_org_update")({"ignore_auth": True, "user": ""}, moved)
    says(range(11), [11])
    assert twelve.run().counts == {"errored": 1}
    assert (shown(package_id)["state"], shown(package_id)["owner_org"]) == ("active", other["id"])
    entry = twelve.entries()["11"]
    assert (entry.state, "otra dependencia" in entry.reason) == ("deleted", True)
    # It is told once, and counts no more among what is missing.
    says(range(10))
    result = twelve.run()
    assert (result.statuses, result.object_errors, twelve.states()["missing"]) == ({}, [], 1)
    says(range(12))
    result = twelve.run()
    assert (result.counts, twelve.states()) == ({"errored": 1}, {"present": 11, "refused": 1})
    assert "otra dependencia" in result.object_errors[0]


@pytest.fixture
def refused(web, ttl, harvest):
    """A source whose second record CKAN refuses."""
    source = harvest(web.says("/catalog.ttl", ttl(1, 2, 3, t2="x" * 3000)))
    assert source.run().counts == {"added": 2, "errored": 1}
    return source


def test_what_was_refused_and_never_was_here_comes_back_as_refused(refused, web, ttl):
    web.says("/catalog.ttl", ttl(1, 3))
    assert refused.run().statuses == {}
    assert refused.states() == {"present": 2, "refused": 1}
    web.says("/catalog.ttl", ttl(1, 2, 3, t2="x" * 3000))
    assert refused.run().statuses == {}
    assert refused.entries()["2"].state == "refused"
    web.says("/catalog.ttl", ttl(1, 2, 3))
    assert refused.run().counts == {"added": 1}


def test_a_change_that_was_refused_is_tried_anew_when_it_comes_back(web, ttl, harvest):
    source = harvest(web.says("/catalog.ttl", ttl(1, 2, 3)))
    source.run()
    web.says("/catalog.ttl", ttl(1, 2, 3, t2="x" * 3000))
    assert source.run().counts == {"errored": 1}
    web.says("/catalog.ttl", ttl(1, 3))
    source.run()
    assert source.states() == {"present": 2, "missing": 1}
    web.says("/catalog.ttl", ttl(3, 1, 2, t2="x" * 3000))
    assert source.run().counts == {"errored": 1}
    assert source.states() == {"present": 2, "refused": 1}


def test_one_bad_character_keeps_no_other_out(web, harvest):
    datasets = [{"identifier": f"{number}\x00", "title": f"Conjunto {number}\ud800"} for number in range(3)]
    result = {"count": 3, "results": [{"id": each["identifier"], "title": each["title"]} for each in datasets]}
    answer = json.dumps({"success": True, "result": result})
    web.replies = type("Any", (dict,), {"get": lambda self, path: web.answer})()
    web.says("/", answer, kind="application/json")
    web.answer = web.replies["/"]
    source = harvest(web.url, "edomex_ckan")
    found = source.run()
    assert (found.counts, found.gather_errors, found.object_errors) == ({"added": 3}, [], [])
    assert {shown(entry.package_id)["title"] for entry in source.entries().values()} == {f"Conjunto {n}" for n in range(3)}
