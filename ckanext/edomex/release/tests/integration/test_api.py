"""The contract's status codes, over HTTP: 403, 404, 400 with fields, 409 with state and allowed moves."""

import pytest
from ckan.plugins import toolkit as tk


@pytest.fixture
def post(app):
    tokens = {}

    def send(user, action, **data):
        if user and user["name"] not in tokens:
            made = tk.get_action("api_token_create")({"ignore_auth": True, "user": user["name"]}, {"user": user["name"], "name": "t"})
            tokens[user["name"]] = made["token"]
        headers = {"Authorization": tokens[user["name"]]} if user else {}
        answer = app.post(f"/api/3/action/{action}", json=data, headers=headers)
        return answer.status_code, answer.json.get("error", answer.json.get("result"))

    return send


@pytest.fixture
def release(act, editor, agency):
    dataset = act(editor, "package_create", title="Agua", owner_org=agency["id"])
    return act(editor, "edomex_release_submit", dataset_id=dataset["id"])


def test_a_wrong_field_is_400_and_says_which(post, reviewer, release):
    status, error = post(reviewer, "edomex_release_approve", id=release["id"], release_at="2031-01-01T09:00:00")
    assert (status, list(error)) == (400, ["release_at", "__type"])
    assert "falta la zona horaria" in error["release_at"][0]


def test_a_forbidden_move_is_409_with_the_way_out(post, editor, release):
    status, error = post(editor, "edomex_release_submit", dataset_id=release["dataset_id"])
    assert (status, error["state"], error["allowed"]) == (409, "in_review", ["request_changes", "approve", "edit", "cancel"])
    assert "«En revisión»" in error["message"]


def test_the_wrong_person_is_403(post, editor, release):
    status, error = post(editor, "edomex_release_approve", id=release["id"], release_at="now")
    assert status == 403
    assert "Solo una persona revisora" in error["message"]


def test_another_agency_gets_404_as_for_what_is_not_there(post, stranger, release):
    real = post(stranger, "edomex_release_show", id=release["id"])
    absent = post(stranger, "edomex_release_show", id="no-existe")
    assert real[0] == 404
    assert real == absent


def test_anonymous_is_403(post, release):
    assert post(None, "edomex_release_submit", dataset_id=release["dataset_id"])[0] == 403


@pytest.mark.parametrize("body", [{"id": {"a": 1}}, {"id": ["x"]}, {"id": 7}, {}])
def test_malformed_ids_are_no_server_error(post, reviewer, release, body):
    for action in ("edomex_release_show", "edomex_release_approve", "edomex_release_submit"):
        assert post(reviewer, action, **body)[0] in {400, 404}


def test_stock_actions_keep_their_own_codes(post, editor, agency):
    status, _ = post(editor, "package_create", owner_org=agency["id"])
    assert status == 409
