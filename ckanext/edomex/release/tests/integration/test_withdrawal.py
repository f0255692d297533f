"""A withdrawal takes two people, hides first, closes the past, and leaves a note with its reason."""

import contextlib

import pytest
import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk
from ckan.tests import factories

from ckanext.edomex.adapters import index
from ckanext.edomex.release.model import Event, Release

CANARY = "zopilote"
WHY = {"reason": "Contenía datos que no debían abrirse", "legal_ground": "Ley de Protección de Datos, artículo 4"}


@pytest.fixture
def second_manager(clean_releases):
    user = factories.User()
    grant = {"user": user["name"], "role": "manager"}
    tk.get_action("edomex_release_role_grant")({"ignore_auth": True, "user": ""}, grant)
    return user


@pytest.fixture
def secret(public):
    return public(title=f"{CANARY} título", notes=f"{CANARY} notas", content=f"{CANARY},b\n1,2\n".encode())


@pytest.fixture
def proposed(act, manager, secret):
    return act(manager, "edomex_release_withdraw", dataset_id=secret["id"], **WHY)


@pytest.fixture
def withdrawn(act, second_manager, proposed):
    return act(second_manager, "edomex_release_withdraw_confirm", id=proposed["id"])


def test_until_it_is_confirmed_nothing_is_hidden(act, secret, proposed):
    assert (proposed["kind"], proposed["state"]) == ("withdrawal", "in_review")
    assert act(None, "package_show", id=secret["id"])["title"] == secret["title"]
    assert act(None, "package_search", q=CANARY)["count"] == 1


@pytest.mark.parametrize("who", ["manager", "sysadmin"])
def test_nobody_confirms_what_they_proposed(act, request, secret, who):
    person = request.getfixturevalue(who)
    proposal = act(person, "edomex_release_withdraw", dataset_id=secret["id"], **WHY)
    with pytest.raises(tk.NotAuthorized, match="otra persona"):
        act(person, "edomex_release_withdraw_confirm", id=proposal["id"])
    assert act(None, "package_show", id=secret["id"])


@pytest.mark.parametrize("who", ["editor", "stranger", "reviewer"])
def test_only_managers_propose_and_confirm(act, request, secret, proposed, who):
    person = request.getfixturevalue(who)
    with pytest.raises((tk.NotAuthorized, tk.ObjectNotFound)):
        act(person, "edomex_release_withdraw", dataset_id=secret["id"], **WHY)
    with pytest.raises((tk.NotAuthorized, tk.ObjectNotFound)):
        act(person, "edomex_release_withdraw_confirm", id=proposed["id"])


@pytest.mark.parametrize("missing", ["reason", "legal_ground"])
def test_reason_and_legal_ground_are_asked_for(act, manager, secret, missing):
    with pytest.raises(tk.ValidationError) as caught:
        act(manager, "edomex_release_withdraw", dataset_id=secret["id"], **{**WHY, missing: " "})
    assert missing in caught.value.error_dict


def test_one_proposal_at_a_time(act, second_manager, secret, proposed):
    with pytest.raises(tk.ValidationError, match="Ya hay un retiro propuesto"):
        act(second_manager, "edomex_release_withdraw", dataset_id=secret["id"], **WHY)


def test_a_proposal_can_be_cancelled_and_made_again(act, second_manager, manager, secret, proposed):
    assert act(second_manager, "edomex_release_cancel", id=proposed["id"], reason="No procede")["state"] == "cancelled"
    assert act(None, "package_show", id=secret["id"])
    assert act(manager, "edomex_release_withdraw", dataset_id=secret["id"], **WHY)["state"] == "in_review"


def test_once_confirmed_it_is_gone_at_once(act, secret, withdrawn):
    """Before any loop has run."""
    assert withdrawn["state"] == "released"
    with pytest.raises(tk.ObjectNotFound):
        act(None, "package_show", id=secret["id"])
    assert act(None, "package_search", q=CANARY)["count"] == 0
    assert secret["id"] not in index.public_ids()


def test_staff_still_find_it(act, editor, secret, withdrawn, drain):
    drain()
    assert act(editor, "package_show", id=secret["id"])["private"] is True
    assert act(editor, "package_search", q=CANARY, include_private=True)["count"] == 1
    assert act(None, "package_search", q=CANARY)["count"] == 0


READS = {
    "package_show": lambda d: {"id": d["id"]},
    "resource_show": lambda d: {"id": d["resources"][0]["id"]},
    "package_search": lambda d: {"q": CANARY},
    "resource_search": lambda d: {"query": f"name:{d['resources'][0]['name']}"},
    "package_activity_list": lambda d: {"id": d["id"]},
    "organization_activity_list": lambda d: {"id": d["owner_org"]},
    "recently_changed_packages_activity_list": lambda d: {},
    "edomex_release_version_list": lambda d: {"dataset_id": d["id"]},
    "edomex_release_version_show": lambda d: {"dataset_id": d["id"], "version": 1},
    "edomex_release_tombstone": lambda d: {"dataset_id": d["id"]},
    "edomex_calendar_list": lambda d: {},
}


def told(act, who, secret):
    """Which of the reads tell somebody of it."""
    found = set()
    for action, data in READS.items():
        with contextlib.suppress(tk.ObjectNotFound, tk.NotAuthorized):
            if CANARY in str(act(who, action, **data(secret))):
                found.add(action)
    return found


def test_nothing_of_it_is_read_any_more(act, stranger, secret, withdrawn, drain):
    drain()
    assert told(act, None, secret) == set()
    assert told(act, stranger, secret) == set()


def test_who_decided_reads_no_version_of_it(act, second_manager, secret, withdrawn):
    with pytest.raises(tk.ObjectNotFound):
        act(second_manager, "edomex_release_version_show", dataset_id=secret["id"], version=1)


def test_the_probe_finds_it_while_it_is_public(act, secret):
    """Or the test above could not fail."""
    assert {"package_show", "package_search", "package_activity_list", "edomex_release_version_show"} <= told(act, None, secret)


PAGES = ["/dataset/{id}", "/dataset/{name}", "/dataset/{id}/versiones", "/dataset/{id}/version/1", "/dataset/activity/{id}",
         "/dataset/{id}/resource/{resource}/download/datos.csv", "/dataset/{id}/version/1/archivo/{resource}/datos.csv"]  # fmt: skip


def test_its_addresses_say_that_it_is_gone_and_why(secret, withdrawn, app):
    for page in PAGES:
        address = page.format(id=secret["id"], name=secret["name"], resource=secret["resources"][0]["id"])
        answer = app.get(address, status=410)
        assert WHY["reason"] in answer.body, page
        assert WHY["legal_ground"] in answer.body, page
        assert CANARY not in answer.body, page
        assert "no-cache" in answer.headers["Cache-Control"], page


def test_who_confirmed_still_sees_what_was_decided(withdrawn, second_manager, app):
    token = factories.APIToken(user=second_manager["name"])["token"]
    page = app.get(f"/autoservicio/liberacion/{withdrawn['id']}", headers={"Authorization": token}).body
    assert "El conjunto está retirado" in page
    assert CANARY not in page


def test_the_note_says_when_and_why_and_nothing_else(act, secret, withdrawn):
    told = act(None, "edomex_release_tombstone", dataset_id=secret["id"])
    assert (told["reason"], told["legal_ground"], told["versions"]) == (WHY["reason"], WHY["legal_ground"], 1)
    assert set(told) == {"dataset_id", "agency", "withdrawn_at", "reason", "legal_ground", "versions"}


def test_what_never_was_public_has_no_note(act, editor, agency):
    created = act(editor, "package_create", title="Secreto", owner_org=agency["id"])
    with pytest.raises(tk.ObjectNotFound):
        act(None, "edomex_release_tombstone", dataset_id=created["id"])


def test_both_releases_keep_their_history(act, manager, secret, withdrawn):
    states = {(each["kind"], each["state"]) for each in act(manager, "edomex_release_list", dataset_id=secret["id"])}
    assert states == {("first", "withdrawn"), ("withdrawal", "released")}
    moves = [row.move for row in model.Session.query(Event.move).order_by(Event.id)]
    assert moves == ["submit", "approve", "release", "propose", "withdraw", "confirm"]


def test_confirming_twice_changes_nothing(act, second_manager, withdrawn):
    with pytest.raises(tk.ValidationError, match="así no se puede confirmar"):
        act(second_manager, "edomex_release_withdraw_confirm", id=withdrawn["id"])


def test_the_index_is_told_before_the_commit(act, second_manager, secret, proposed, monkeypatch):
    seen = []
    remove = index.remove

    def watched(ids):
        with model.meta.engine.connect() as connection:
            seen.append(connection.execute(sa.text("SELECT private FROM package WHERE id = :id"), {"id": secret["id"]}).scalar())
        return remove(ids)

    monkeypatch.setattr(index, "remove", watched)
    act(second_manager, "edomex_release_withdraw_confirm", id=proposed["id"])
    assert seen == [False]


def test_a_dead_index_does_not_keep_it_public(act, second_manager, secret, proposed, monkeypatch, caplog, drain):
    from ckan.lib.search import SearchIndexError

    def dead(_ids):
        raise SearchIndexError("no answer")

    monkeypatch.setattr(index, "remove", dead)
    act(second_manager, "edomex_release_withdraw_confirm", id=proposed["id"])
    with pytest.raises(tk.ObjectNotFound):
        act(None, "package_show", id=secret["id"])
    assert "withdrawal.index_lost" in [getattr(record, "event", "") for record in caplog.records]
    drain()
    assert act(None, "package_search", q=CANARY)["count"] == 0


def test_an_edition_that_was_scheduled_ends_with_it(act, edition, secret, manager, second_manager, pass_once):
    approved = edition(secret, at="2031-01-01T09:00:00-06:00", release=False)
    proposal = act(manager, "edomex_release_withdraw", dataset_id=secret["id"], **WHY)
    act(second_manager, "edomex_release_withdraw_confirm", id=proposal["id"])
    assert model.Session.get(Release, approved["id"]).state == "cancelled"
    assert pass_once().released == []


def test_it_can_be_published_again_as_another_version(act, editor, reviewer, secret, withdrawn, pass_once, drain, app):
    act(editor, "package_patch", id=secret["id"], title="Corregido", notes="Sin lo que sobraba")
    release = act(editor, "edomex_release_submit", dataset_id=secret["id"])
    assert (release["kind"], release["version"]) == ("first", 2)
    act(reviewer, "edomex_release_approve", id=release["id"], release_at="now")
    pass_once()
    drain()
    assert act(None, "package_show", id=secret["id"])["title"] == "Corregido"
    with pytest.raises(tk.ObjectNotFound):
        act(None, "edomex_release_tombstone", dataset_id=secret["id"])


def test_no_door_opens_it_again(secret, withdrawn):
    with pytest.raises(sa.exc.IntegrityError), model.meta.engine.begin() as connection:
        connection.execute(sa.text("UPDATE package SET private = false WHERE id = :id"), {"id": secret["id"]})
