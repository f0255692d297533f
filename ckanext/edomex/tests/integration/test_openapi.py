"""The document that programs read is one by the rules of its form, and says what the portal really offers."""

import json

import pytest
from ckan import logic
from openapi_spec_validator import validate

pytestmark = pytest.mark.usefixtures("clean_releases")


@pytest.fixture
def document(app):
    answer = app.get("/api/openapi.json")
    assert answer.headers["Content-Type"].startswith("application/json")
    return json.loads(answer.body)


def test_a_validator_accepts_it(document):
    validate(document)


def test_every_action_of_ours_is_in_it(document):
    logic.get_action("package_show")
    assert {f"/{name}" for name in logic._actions if name.startswith("edomex_")} == set(document["paths"])


def test_each_says_what_it_takes(document):
    submit = document["paths"]["/edomex_release_submit"]["post"]["requestBody"]
    assert submit["content"]["application/json"]["schema"]["required"] == ["dataset_id"]
    upload = document["paths"]["/edomex_catalogue_import"]["post"]["requestBody"]["content"]["multipart/form-data"]["schema"]
    assert upload["properties"]["upload"]["format"] == "binary"
    assert "get" not in document["paths"]["/edomex_release_submit"]
    named = {each["name"]: each["required"] for each in document["paths"]["/edomex_calendar_list"]["get"]["parameters"]}
    assert named["from"] is False


def test_what_it_says_works(app, document):
    address = document["servers"][0]["url"].partition("/api/")[2]
    answer = app.get(f"/api/{address}/edomex_calendar_list")
    assert json.loads(answer.body)["success"] is True
