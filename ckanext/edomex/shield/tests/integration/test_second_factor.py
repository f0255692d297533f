"""The second factor, through the pages as a browser without scripts has them."""

import re

import pyotp
import pytest
import sqlalchemy as sa
from ckan import model
from ckan.lib.redis import connect_to_redis
from ckan.plugins import toolkit as tk
from ckan.tests import factories
from ckan.tests.helpers import changed_config

from ckanext.edomex.shield.model import factors, vault
from ckanext.edomex.shield.model.tables import Factor, Recovery

HERE = {"Origin": "http://test.ckan.net"}
PASSWORD = "correcta-3141592653"
PAGE = "/autoservicio/segundo-factor"


@pytest.fixture(autouse=True)
def _nothing_counted():
    yield
    for key in connect_to_redis().scan_iter("edomex:brake:*"):
        connect_to_redis().delete(key)


@pytest.fixture
def person(reviewer):
    user = model.User.get(reviewer["name"])
    user.password = PASSWORD
    model.Session.commit()
    return reviewer


@pytest.fixture
def browse(app):
    """A browser in which somebody has just given their password."""

    def go(who, path="/autoservicio"):
        client = app.test_client()
        form = {"login": who["name"], "password": PASSWORD}
        client.last = client.post(f"/user/login?next={path}", data=form, headers=HERE, follow_redirects=False)
        return client

    return go


def send(client, code):
    return client.post(PAGE, data={"code": code}, headers=HERE, follow_redirects=False)


def secret_in(page):
    return re.search(r'edomex-secret">([A-Z2-7 ]+)<', page)[1].replace(" ", "")


def code_of(secret, ahead=0):
    return pyotp.TOTP(secret).at(factors.seconds_now() + 30 * ahead)


def is_in(client):
    return client.get("/autoservicio", follow_redirects=False).status_code == 200


@pytest.fixture
def enrolled(browse, person):
    """A reviewer with a second factor: `(secret, recovery codes)`."""
    client = browse(person)
    secret = secret_in(client.get(PAGE).text)
    page = send(client, code_of(secret)).text
    assert is_in(client)
    return secret, re.findall(r"<li><code>([a-z0-9-]+)</code>", page)


def test_a_password_alone_opens_nothing(browse, person, app):
    client = browse(person)
    assert client.last.location.endswith(PAGE)
    assert not is_in(client)
    assert client.get("/api/3/action/edomex_release_list").json == app.get("/api/3/action/edomex_release_list", status=None).json
    assert client.get("/user/edit", follow_redirects=False).status_code in {302, 400, 403}
    assert client.get("/user/login", follow_redirects=False).location.endswith(PAGE)
    page = client.get(PAGE).text
    assert "Active su segundo factor" in page
    assert "data:image/svg+xml" in page


def test_the_first_code_sets_it_up_and_shows_ten_codes_once(browse, person):
    client = browse(person, "/calendario")
    secret = secret_in(client.get(PAGE).text)
    assert secret_in(client.get(PAGE).text) == secret
    wrong = send(client, "000000")
    assert wrong.status_code == 400
    assert "El código no es correcto" in wrong.text
    page = send(client, code_of(secret)).text
    assert len(re.findall(r"<li><code>", page)) == 10
    assert 'href="/calendario"' in page
    assert is_in(client)
    assert "ya pide un código" in client.get(PAGE).text


def test_every_later_log_in_asks_for_a_code(browse, person, enrolled):
    secret, _ = enrolled
    client = browse(person, "/calendario")
    assert "Escriba el código" in client.get(PAGE).text
    assert secret not in client.get(PAGE).text
    before = client.get_cookie("ckan", domain="test.ckan.net").value
    answer = send(client, code_of(secret, ahead=1))
    assert answer.status_code == 302
    assert answer.location.endswith("/calendario")
    assert client.get_cookie("ckan", domain="test.ckan.net").value != before
    assert is_in(client)


def test_no_code_is_taken_twice(browse, person, enrolled):
    secret, _ = enrolled
    code = code_of(secret, ahead=1)
    assert send(browse(person), code).status_code == 302
    again = browse(person)
    assert send(again, code).status_code == 400
    assert not is_in(again)


def test_a_recovery_code_works_once(browse, person, enrolled):
    _, codes = enrolled
    client = browse(person)
    assert send(client, codes[0].upper()).status_code == 302
    assert is_in(client)
    assert send(browse(person), codes[0]).status_code == 400
    assert send(browse(person), codes[1]).status_code == 302


def test_codes_are_not_guessed(browse, person, enrolled):
    secret, _ = enrolled
    client = browse(person)
    answers = [send(client, f"{n:06}").status_code for n in range(8)]
    assert answers[-1] == 429
    # Another browser that knows the password is held back as well.
    assert send(browse(person), code_of(secret, ahead=1)).status_code == 429


def test_a_password_is_forgotten_when_the_code_does_not_come(browse, person, enrolled, monkeypatch):
    from ckanext.edomex.shield.views import sessions

    secret, _ = enrolled
    client = browse(person)
    monkeypatch.setattr(sessions, "PENDING_S", -1)
    answer = send(client, code_of(secret, ahead=1))
    assert "/user/login" in answer.location
    monkeypatch.undo()
    assert not is_in(client)


def test_the_page_is_nobodys_without_a_password(app, clean_releases):
    assert "/user/login" in app.get(PAGE, follow_redirects=False).headers["Location"]
    assert "/user/login" in app.post(PAGE, data={"code": "1"}, headers=HERE, follow_redirects=False).headers["Location"]


def test_the_way_on_leads_to_no_other_site(browse, person, enrolled):
    secret, _ = enrolled
    client = browse(person, "https://evil.example/")
    assert "evil" not in send(client, code_of(secret, ahead=1)).location


def test_whoever_needs_none_is_not_asked(browse, editor, agency):
    user = model.User.get(editor["name"])
    user.password = PASSWORD
    model.Session.commit()
    client = browse(editor)
    assert is_in(client)
    # They may have one all the same, and then are asked.
    secret = secret_in(client.get(PAGE).text)
    send(client, code_of(secret))
    assert is_in(client)
    assert not is_in(browse(editor))


@pytest.mark.parametrize(("roles", "asked"), [("", False), ("manager", False), ("reviewer", True)])
def test_the_operator_says_who_needs_one(browse, person, roles, asked):
    with changed_config("ckanext.edomex.shield.second_factor_roles", roles.split()):
        assert is_in(browse(person)) is not asked


def test_what_is_kept_says_nothing(person, enrolled):
    secret, codes = enrolled
    kept = model.Session.query(Factor).one()
    assert secret not in kept.secret
    assert vault.unlock(kept.secret) == secret
    hashes = {row.code_hash for row in model.Session.query(Recovery)}
    assert len(hashes) == 10
    assert not hashes & {code.replace("-", "") for code in codes}
    with changed_config("ckanext.edomex.shield.second_factor_key", "otra"), pytest.raises(vault.VaultError):
        vault.unlock(kept.secret)


def test_an_administrator_resets_it_and_every_session_ends(act, browse, person, enrolled, sysadmin, stranger):
    secret, _ = enrolled
    client = browse(person)
    send(client, code_of(secret, ahead=1))
    assert is_in(client)
    for who in (None, stranger, person):
        with pytest.raises(tk.NotAuthorized):
            act(who, "edomex_second_factor_reset", user=person["name"])
    assert act(sysadmin, "edomex_second_factor_reset", user=person["name"])["sessions"] >= 1
    assert not is_in(client)
    assert "Active su segundo factor" in browse(person).get(PAGE).text
    with model.meta.engine.connect() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM edomex_shield_recovery")).scalar() == 0
    with pytest.raises(tk.ObjectNotFound):
        act(sysadmin, "edomex_second_factor_reset", user="nadie")


def test_tokens_go_on_and_make_no_tokens(app, browse, person, enrolled):
    token = factories.APIToken(user=person["name"])["token"]
    assert app.get("/autoservicio", headers={"Authorization": token}).status_code == 200
    wanted = {"user": person["name"], "name": "otra"}
    refused = app.post("/api/3/action/api_token_create", json=wanted, headers={"Authorization": token}, status=None)
    assert refused.status_code == 403
    secret, _ = enrolled
    client = browse(person)
    assert client.post("/api/3/action/api_token_create", json=wanted, headers=HERE).status_code == 403
    send(client, code_of(secret, ahead=1))
    assert client.post("/api/3/action/api_token_create", json=wanted, headers=HERE).status_code == 200


def test_a_wrong_token_does_not_help_a_half_way_session(browse, person, enrolled):
    client = browse(person)
    answer = client.get("/autoservicio", headers={"Authorization": "nada"}, follow_redirects=False)
    assert answer.status_code == 302
