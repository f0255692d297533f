"""Sources that answer badly: each is an error that a person can read, and nothing of what was harvested goes."""

import json

import pytest
from ckan import model
from ckan.plugins import toolkit as tk

LOGIN = "<!DOCTYPE html><html><head><title>Acceso</title></head><body><form action='/login'></form></body></html>"


@pytest.fixture
def source(web, ttl, harvest):
    """Three datasets, and no patience for what is missing: whatever is taken for gone goes at once."""
    found = harvest(web.says("/catalog.ttl", ttl(*range(3))), grace_days=0, missing_percent=100, missing_most=100)
    assert found.run().counts == {"added": 3}
    return found


def answers(web, **more):
    web.says("/catalog.ttl", more.pop("body", ""), **more)


BAD = {
    "empty body": ({"body": ""}, "ningún conjunto"),
    "empty catalogue": ({"body": "<https://a.example.org> a <http://www.w3.org/ns/dcat#Catalog> ."}, "ningún conjunto"),
    "500": ({"status": 500, "body": "error"}, "contesta 500"),
    "503": ({"status": 503, "headers": {"Retry-After": "30"}}, "esperar 30 s"),
    "404": ({"status": 404}, "contesta 404"),
    "304 unasked": ({"status": 304}, "contesta 304"),
    "page": ({"body": "<html><body>Error</body></html>", "kind": "text/html"}, "página web"),
    "log-in under a false name": ({"body": LOGIN}, "página web"),
    "redirect to a private address": ({"status": 302, "headers": {"Location": "http://10.0.0.1/portal"}}, "dirección pública"),
    "redirect to the metadata": ({"status": 302, "headers": {"Location": "http://169.254.169.254/latest/"}}, "dirección pública"),
    "redirect to a file": ({"status": 302, "headers": {"Location": "file:///etc/passwd"}}, "http"),
    "ring of redirects": ({"status": 302, "headers": {"Location": "/catalog.ttl"}}, "redirige"),
    "broken off": ({"body": "x" * 5000, "cut": 100}, "no contesta"),
    "ill-formed": ({"body": '<https://a> <https://b> "sin fin'}, "bien formado"),
    "JSON": ({"body": '{"error": "no"}', "kind": "application/json"}, "ningún conjunto"),
    "binary": ({"body": b"\x89PNG\r\n\x1a\n IHDR" * 100, "kind": "application/octet-stream"}, "bien formado"),
}


def test_it_is_told_and_nothing_goes(source, web):
    found = {}
    for name, (reply, told) in BAD.items():
        answers(web, **reply)
        result = source.run()
        as_it_should = result.statuses == {} and len(result.gather_errors) == 1 and told in result.gather_errors[0]
        if not as_it_should or source.states() != {"present": 3}:
            found[name] = (result.statuses, result.gather_errors, source.states())
    assert found == {}


def test_a_huge_answer(option, source, web):
    option("most_megabytes", 1)
    answers(web, endless=True)
    assert "MB" in source.run().gather_errors[0]
    assert source.states() == {"present": 3}


def test_a_trickle(option, source, web):
    option("most_seconds", 1)
    answers(web, body="x" * 1000, every=0.05)
    assert "tarda" in source.run().gather_errors[0]
    assert source.states() == {"present": 3}


def test_pages_that_take_too_long_together(option, source, web, ttl):
    option("most_reading_seconds", 0)
    answers(web, body=ttl(1))
    assert "no se acaba de leer en 0 s" in source.run().gather_errors[0]
    assert source.states() == {"present": 3}


def test_one_record_again_and_again(option, web, harvest):
    option("most_records", 5)
    text = json.dumps({"dataset": [{"identifier": "1", "title": "Pozos"}] * 20})
    source = harvest(web.says("/data.json", text, kind="application/json"), "edomex_datajson")
    assert "más de 5" in source.run().gather_errors[0]


def test_too_many_records(option, source, web, ttl):
    option("most_records", 5)
    answers(web, body=ttl(*range(20, 40)))
    assert "más de 5" in source.run().gather_errors[0]
    assert source.states() == {"present": 3}


def test_a_source_in_the_operators_network(option, web, ttl, harvest):
    option("allowed_addresses", "")
    found = harvest(web.says("/catalog.ttl", ttl(1)))
    assert "dirección pública" in found.run().gather_errors[0]
    assert web.asked == []


def page(text, base, number, following=None, total=None):
    hydra = f"<{base}?page={number}> a hydra:PagedCollection"
    hydra += f'; hydra:nextPage "{base}?page={following}"' if following else ""
    hydra += f"; hydra:totalItems {total}" if total else ""
    return f"{text}\n{hydra} ."


def test_pages_are_followed_to_their_end(web, ttl, harvest):
    base = web.url + "/catalog.ttl"
    web.says("/catalog.ttl", page(ttl(1, 2), base, 1, 2))
    web.says("/catalog.ttl?page=2", page(ttl(3, 4), base, 2, 3))
    web.says("/catalog.ttl?page=3", page(ttl(5), base, 3))
    source = harvest(base)
    assert source.run().counts == {"added": 5}
    web.says("/catalog.ttl?page=2", page(ttl(3, 4, t4="Otro"), base, 2, 3))
    assert source.run().counts == {"updated": 1}


def test_pages_that_go_round_end_and_nothing_of_them_is_taken(web, ttl, harvest):
    base = web.url + "/catalog.ttl"
    web.says("/catalog.ttl", page(ttl(1, 2), base, 1, 2))
    web.says("/catalog.ttl?page=2", page(ttl(3, 4), base, 2, 1))
    web.says("/catalog.ttl?page=1", page(ttl(1, 2), base, 1, 2))
    source = harvest(base)
    result = source.run()
    assert "da vueltas" in result.gather_errors[0]
    assert (result.statuses, source.states()) == ({}, {})


def test_so_do_pages_that_are_never_the_same_address(web, ttl, harvest):
    base = web.url + "/catalog.ttl"
    for number in range(1, 12):
        web.says(f"/catalog.ttl?page={number}", ttl(1) + f'<{base}> hydra:nextPage "?page={number + 1}" .')
    web.says("/catalog.ttl?page=7", web.replies["/catalog.ttl?page=3"].body)
    assert "da vueltas" in harvest(f"{base}?page=1").run().gather_errors[0]


def test_a_page_that_fails_fails_all(source, web, ttl):
    base = web.url + "/catalog.ttl"
    web.says("/catalog.ttl", page(ttl(1, 2, t1="A medias"), base, 1, 2))
    web.says("/catalog.ttl?page=2", "", status=500)
    result = source.run()
    assert (result.statuses, source.states()) == ({}, {"present": 3})
    assert "contesta 500" in result.gather_errors[0]


def test_a_catalogue_that_says_it_has_more_than_it_gives_shows_nothing_as_gone(source, web, ttl):
    answers(web, body=page(ttl(0, 1, t1="Nuevo"), web.url + "/catalog.ttl", 1, total=3))
    result = source.run()
    assert (result.counts, source.states()) == ({"updated": 1}, {"present": 3})
    assert "dio 2" in result.gather_errors[0]


def test_most_of_it_lost_waits_for_a_person(web, ttl, harvest):
    source = harvest(web.says("/catalog.ttl", ttl(*range(12))), grace_days=0)
    source.run()
    answers(web, body=ttl(0, 1, 2))
    result = source.run()
    assert (result.statuses, source.states()) == ({}, {"present": 3, "missing": 9})
    assert "Faltan 9 de 12" in result.gather_errors[0]
    active = model.Session.query(model.Package).filter_by(type="dataset", state="active").count()
    assert active == 12


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16"])
def test_other_encodings(encoding, web, ttl, harvest):
    text = ttl(1, t1="Panteón de niños")
    source = harvest(web.says("/catalog.ttl", text.encode(encoding), kind="text/turtle"))
    source.run()
    package_id = source.entries()["1"].package_id
    made = tk.get_action("package_show")({"ignore_auth": True, "user": "", "use_cache": False}, {"id": package_id})
    assert made["title"] == "Panteón de niños"
