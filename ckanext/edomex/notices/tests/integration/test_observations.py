"""An answer in a review reaches whoever wrote the observation, as long as they review."""

import pytest

from ckanext.edomex.notices.model import Notice


@pytest.fixture
def observed(act, editor, reviewer, agency):
    """An observation of a release in review."""
    dataset = act(editor, "package_create", title="Calidad del agua", owner_org=agency["id"])
    release = act(editor, "edomex_release_submit", dataset_id=dataset["id"])
    asked = {"release_id": release["id"], "anchor": "dataset", "text": "¿De qué año es?"}
    return act(reviewer, "edomex_observation_create", **asked)


def kinds(act, person):
    return [each["kind"] for each in act(person, "edomex_notice_list")["notices"]]


def test_each_answer_is_told_to_its_author(act, editor, reviewer, manager, observed):
    for text in ("Del 2025", "Del 2025, corregido"):
        act(editor, "edomex_observation_answer", id=observed["id"], text=text)
    assert kinds(act, reviewer) == ["answered", "answered"]
    (notice, _) = act(reviewer, "edomex_notice_list")["notices"]
    assert notice["path"] == f"/autoservicio/liberacion/{observed['release_id']}"
    assert "2025" not in notice["text"]
    assert "answered" not in kinds(act, manager) + kinds(act, editor)


def test_outside_a_review_that_it_is_sent_again_says_so(act, editor, reviewer, observed):
    act(reviewer, "edomex_release_request_changes", id=observed["release_id"], note="Vea la observación.")
    act(editor, "edomex_observation_answer", id=observed["id"], text="Del 2025")
    assert "answered" not in kinds(act, reviewer)


def test_who_reviews_no_more_is_not_told(act, editor, reviewer, sysadmin, observed, rows):
    act(sysadmin, "edomex_release_role_revoke", user=reviewer["name"], role="reviewer")
    act(editor, "edomex_observation_answer", id=observed["id"], text="Del 2025")
    assert "answered" not in [each.kind for each in rows(Notice)]
