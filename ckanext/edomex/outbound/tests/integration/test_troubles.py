"""What a target may do wrong, and what becomes of it: a named outcome, nothing lost, nothing said that is secret."""

import dataclasses
import json
import time
from datetime import datetime

import pytest
import sqlalchemy as sa
from ckan import model
from ckan.tests.helpers import changed_config

from ckanext.edomex.outbound.logic import ckan_api

OK = {"success": True, "result": {}}
NOT_FOUND = (404, {}, {"success": False, "error": {"__type": "Not Found Error", "message": "Not found"}})
PAGE = b"<html><body>Access Denied</body></html>"


def refused(status, kind="Validation Error", headers=None, **error):
    return (status, headers or {}, {"success": False, "error": {"__type": kind, **error}})


@pytest.fixture
def target(hostile, sign_up, publish):
    """A hostile target, and one public dataset for it."""
    publish()
    return sign_up(hostile.url)


@pytest.fixture
def shown(act, manager, target):
    return lambda: act(manager, "edomex_target_show", id=target["name"])


@pytest.fixture
def copy(copies, target):
    return lambda: copies(target)[0]


@pytest.mark.parametrize(("answer", "code", "alarm"), [
    ((401, {}, {"success": False, "error": {}}), "token_refused", True),
    ((403, {"Content-Type": "text/html"}, PAGE), "blocked", False),
    ((404, {"Content-Type": "text/html"}, PAGE), "not_an_api", True),
    ((302, {"Location": "http://169.254.169.254/"}, b""), "moved", True),
    ((429, {"Retry-After": "120"}, b""), "too_many", False),
    ((503, {"Content-Type": "text/html"}, PAGE), "unavailable", False),
    ((200, {"Content-Type": "text/html"}, PAGE), "garbled", False),
    ((200, {}, {"success": False, "error": {}}), "garbled", False),
    ((200, {}, b'{"success": tr'), "garbled", False),
])  # fmt: skip
def test_a_targets_trouble_rests_it_and_loses_nothing(hostile, sync, shown, copy, answer, code, alarm):
    hostile.answers["*"] = answer
    sync()
    assert (copy()["state"], copy()["trouble"], shown()["alarm"]) == ("pending", code, alarm)
    assert shown()["rest_until"] is not None
    asked = len(hostile.asked)
    sync()
    assert len(hostile.asked) == asked


@pytest.mark.parametrize(("answer", "code"), [
    (refused(403, "Authorization Error"), "forbidden"),
    (refused(409, title=["Missing value"], resources=[{}]), "invalid"),
    (refused(400, title=["No"]), "invalid"),
    ((413, {"Content-Type": "text/html"}, PAGE), "too_large"),
])  # fmt: skip
def test_a_datasets_refusal_is_that_datasets_alone(hostile, sync, shown, copy, publish, answer, code):
    publish(title="Otro")
    somebody = (200, {}, {"success": True, "result": [{"name": "edomex"}]})
    hostile.answers |= {"package_show": NOT_FOUND, "package_create": answer, "organization_list_for_user": somebody}
    sync()
    assert (copy()["state"], copy()["trouble"], shown()["trouble"]) == ("refused", code, None)
    assert hostile.asked.count("package_create") == 2


@pytest.mark.parametrize("nobody", [(200, {}, {"success": True, "result": []}), refused(403, "Authorization Error")])
def test_a_key_that_is_nobodys_is_the_targets_trouble(hostile, sync, shown, copy, nobody):
    hostile.answers |= {"package_show": refused(403, "Authorization Error"), "organization_list_for_user": nobody}
    sync()
    assert (copy()["state"], copy()["trouble"], shown()["alarm"]) == ("pending", "token_refused", True)


def test_whose_key_it_is_may_be_hard_to_learn(hostile, sync, copy):
    hostile.answers |= {"package_show": refused(403, "Authorization Error"), "organization_list_for_user": (503, {}, b"")}
    sync()
    assert (copy()["state"], copy()["trouble"]) == ("pending", "unavailable")


def failing_for(hostile, title):
    """The target falls over one dataset, and takes all others."""

    def make(request):
        poison = json.loads(request.said)["title"] == title
        made = {"success": True, "result": {"id": "1", "extras": [], "resources": []}}
        body = b"<html>Internal Server Error</html>" if poison else json.dumps(made).encode()
        request.send_response(500 if poison else 200)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    hostile.answers |= {"package_show": NOT_FOUND, "package_create": make, "package_patch": (200, {}, OK)}


def test_one_that_the_target_falls_over_keeps_no_other_waiting(hostile, sync, copies, target, shown, publish):
    failing_for(hostile, "Clínicas")
    sync()
    publish(title="Pozos")
    for _ in range(6):
        # As time does: the target's rest is over, and the copy's own, which has waited longest by now.
        with model.meta.engine.begin() as connection:
            connection.execute(sa.text("UPDATE edomex_outbound_contact SET rest_until = NULL"))
            past = "UPDATE edomex_outbound_copy SET due_at = clock_timestamp() - interval '1 hour' WHERE attempts > 0"
            connection.execute(sa.text(past))
        sync()
    found = {each["title"]: each for each in copies(target)}
    assert (found["Pozos"]["state"], found["Clínicas"]["state"], found["Clínicas"]["attempts"] >= 5) == ("sent", "pending", True)
    with model.meta.engine.begin() as connection:
        connection.execute(sa.text("UPDATE edomex_outbound_contact SET failures = 0, trouble = NULL"))
    # The target is well; of the copy somebody has to know.
    assert (shown()["alarm"], "tras varios intentos: 1" in shown()["trouble"]) == (True, True)


def test_a_copy_that_fails_waits_longer_each_time(hostile, sync, copy, rested):
    hostile.answers["*"] = (503, {}, b"")
    waits = []
    for _ in range(3):
        sync()
        found = copy()
        waits.append(datetime.fromisoformat(found["due_at"]) - datetime.fromisoformat(found["modified_at"]))
        rested()
    assert [round(wait.total_seconds()) for wait in waits] == [10, 20, 40]


def test_withdrawals_go_first_and_one_that_is_refused_needs_a_person(
    hostile, sync, copies, target, shown, publish, withdraw, act, manager
):
    hostile.answers |= {"package_show": NOT_FOUND, "package_create": refused(409, title=["No"]), "package_patch": refused(409)}
    (dataset,) = [each["dataset_id"] for each in copies(target)]
    publish(title="Pozos")
    there = {"id": "a", "name": "b", "state": "active", "resources": []}
    there["extras"] = [{"key": "guid", "value": f"http://test.ckan.net/dataset/{dataset}"}]
    hostile.answers["package_show"] = (200, {}, {"success": True, "result": there})
    with model.meta.engine.begin() as connection:
        connection.execute(sa.text("UPDATE edomex_outbound_copy SET remote_name = 'b', written = 'x', state = 'public_there'"))
    withdraw({"id": dataset})
    hostile.asked.clear()
    sync()
    assert hostile.asked[:2] == ["package_show", "package_patch"]
    found = {each["dataset_id"]: each for each in copies(target)}
    assert (found[dataset]["state"], found[dataset]["trouble"], shown()["alarm"]) == ("refused", "invalid", True)
    assert "no se han podido retirar: 1" in shown()["trouble"]


def test_a_refused_copy_of_what_is_public_is_no_alarm(hostile, sync, shown, copy):
    hostile.answers |= {"package_show": NOT_FOUND, "package_create": refused(409, title=["No"])}
    sync()
    assert (copy()["state"], shown()["alarm"], shown()["trouble"]) == ("refused", False, None)


def test_a_refusal_names_fields_and_repeats_nothing_of_what_a_stranger_says(hostile, sync, copy):
    hostile.answers |= {"package_show": NOT_FOUND, "package_create": refused(409, title=["<script>secreto</script>"])}
    sync()
    assert "title" in copy()["reason"]
    assert "secreto" not in copy()["reason"]


def test_a_target_may_ask_us_to_wait(hostile, sync, shown):
    hostile.answers["*"] = (429, {"Retry-After": "3600"}, b"")
    wait = sync()
    assert 3000 < wait <= 3600
    assert shown()["trouble"]


def test_one_who_does_not_answer_or_hangs_up(hostile, sync, copy):
    hostile.answers["*"] = lambda request: request.connection.close()
    sync()
    assert (copy()["state"], copy()["trouble"]) == ("pending", "silent")


def test_a_trickle_does_not_hold_us(hostile, sync, copy, monkeypatch):
    short = dataclasses.replace(ckan_api.LIMITS, total_s=1.0)
    monkeypatch.setattr(ckan_api, "LIMITS", short)

    def trickle(request):
        request.send_response(200)
        request.send_header("Content-Length", "100000")
        request.end_headers()
        for _ in range(50):
            try:
                request.wfile.write(b" ")
                request.wfile.flush()
            except OSError:
                return
            time.sleep(0.1)

    hostile.answers["*"] = trickle
    sync()
    assert copy()["trouble"] in {"garbled", "silent"}


def test_a_target_inside_is_not_asked_unless_it_is_listed(hostile, sync, copy, shown):
    with changed_config("ckanext.edomex.outbound.allowed_addresses", []):
        sync()
    assert (hostile.asked, copy()["trouble"], shown()["alarm"]) == ([], "address_refused", True)


def test_without_its_key_nothing_is_sent(hostile, sign_up, publish, sync, copies, act, manager):
    publish()
    target = sign_up(hostile.url, token=None)
    sync()
    assert hostile.asked == []
    assert copies(target)[0]["trouble"] == "no_token"
    assert act(manager, "edomex_target_show", id=target["name"])["alarm"]


def test_the_key_is_in_no_table(hostile, sign_up, publish, sync):
    publish()
    sign_up(hostile.url, token="una-clave-muy-secreta")
    hostile.answers["*"] = refused(409, title=["una-clave-muy-secreta"])
    sync()
    names = sa.text("SELECT tablename FROM pg_tables WHERE tablename LIKE 'edomex_outbound%'")
    for name in model.Session.execute(names).scalars().all():
        rows = model.Session.execute(sa.text(f"SELECT t::text FROM {name} t")).scalars().all()
        assert not [row for row in rows if "una-clave-muy-secreta" in row]


def test_a_person_who_mends_a_target_need_not_wait(hostile, sync, shown, act, sysadmin, target):
    hostile.answers["*"] = (401, {}, {"success": False, "error": {}})
    sync()
    assert shown()["rest_until"]
    act(sysadmin, "edomex_target_update", id=target["name"], rate=300)
    assert shown()["rest_until"] is None


def test_what_is_asked_while_it_is_being_sent_is_not_lost(hostile, sync, copy, act, manager, target):
    def ask_meanwhile(request):
        # As another process would: in a transaction of its own.
        with model.meta.engine.begin() as connection:
            connection.execute(sa.text("UPDATE edomex_outbound_copy SET marked = marked + 1, due_at = clock_timestamp()"))
        body = b'{"success": false, "error": {"__type": "Not Found Error"}}'
        request.send_response(404)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    made = {"success": True, "result": {"id": "1", "resources": []}}
    hostile.answers |= {"package_show": ask_meanwhile, "package_create": (200, {}, made)}
    hostile.answers["package_patch"] = (200, {}, OK)
    assert sync() < 1


def test_one_that_a_loop_that_died_had_asked_for_is_not_refused(hostile, sync, copy, shown):
    came = {"success": True, "result": {"id": "a", "name": "b", "private": True, "extras": [], "resources": []}}

    def make(request):
        # Its last request was under way; ours is the second.
        hostile.answers["package_show"] = (200, {}, came)
        request.send_response(409)
        body = b'{"success": false, "error": {"__type": "Validation Error", "name": ["That URL is already in use."]}}'
        request.send_header("Content-Type", "application/json")
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    hostile.answers |= {"package_show": NOT_FOUND, "package_create": make}
    sync()
    assert (copy()["state"], copy()["trouble"], shown()["rest_until"] is not None) == ("pending", "unavailable", True)
