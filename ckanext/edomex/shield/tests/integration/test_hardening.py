"""The door: cookies, sessions, where requests come from, how large they may be, and what every answer says."""

import contextlib
import re

import pytest
import sqlalchemy as sa
from ckan import model
from ckan.lib.redis import connect_to_redis
from ckan.tests import factories
from ckan.tests.helpers import changed_config

from ckanext.edomex.shield.config import Limits
from ckanext.edomex.shield.model import sessions as store
from ckanext.edomex.shield.views.door import CHANGES_BY_GET, MIB, MOST_FIELDS

SITE = "http://test.ckan.net"
HERE = {"Origin": SITE}
PASSWORD = "correcta-3141592653"


@pytest.fixture
def person(clean_releases):
    return factories.User(password=PASSWORD)


@pytest.fixture
def log_in(app, person):
    """Log in as a browser does; the client keeps the cookies."""

    def go(client=None, password=PASSWORD, name=None):
        client = client or app.test_client()
        form = {"login": name or person["name"], "password": password}
        return client, client.post("/user/login", data=form, headers=HERE)

    return go


def cookie(client, name="ckan"):
    found = client.get_cookie(name, domain="test.ckan.net")
    return found.value if found else None


def is_in(client):
    return client.get("/autoservicio", follow_redirects=False).status_code == 200


class TestVisitors:
    PATHS = ("/", "/dataset/", "/dataset/{name}", "/organization/", "/group/", "/calendario", "/about", "/no-existe",
             "/api/3/action/package_search", "/api/3/action/package_show?id={name}", "/catalog.ttl")  # fmt: skip

    @pytest.fixture
    def public(self, act, editor, reviewer, agency):
        from ckanext.edomex.release.jobs import engine

        dataset = act(editor, "package_create", title="x", owner_org=agency["id"], notes="x")
        release = act(editor, "edomex_release_submit", dataset_id=dataset["id"])
        act(reviewer, "edomex_release_approve", id=release["id"], release_at="now")
        engine.release_due(model.meta.engine)
        return act(None, "package_show", id=dataset["id"])

    @pytest.mark.parametrize("path", PATHS)
    def test_get_no_cookie_and_pages_that_anybody_may_keep(self, app, public, path):
        answer = app.get(path.format(name=public["name"]), status=None)
        assert answer.status_code == (404 if "no-existe" in path else 200)
        assert "Set-Cookie" not in answer.headers
        assert "Cookie" not in answer.headers.get("Vary", "")
        assert "private" not in answer.headers.get("Cache-Control", "")

    def test_get_a_session_with_a_form(self, app, clean_releases):
        answer = app.get("/user/login")
        (sent,) = answer.headers.getlist("Set-Cookie")
        assert sent.startswith("ckan=")
        assert "HttpOnly" in sent
        assert "SameSite=Lax" in sent
        assert "Expires" not in sent
        assert "public" not in answer.headers["Cache-Control"]
        assert 'name="_csrf_token" value="' in answer.body

    def test_a_cookie_that_means_nothing_is_taken_back(self, app, clean_releases):
        client = app.test_client()
        client.set_cookie("ckan", "nada", domain="test.ckan.net")
        answer = client.get("/")
        assert "Max-Age=0" in answer.headers["Set-Cookie"]

    def test_what_a_token_reads_is_its_owners_alone(self, app, editor):
        token = factories.APIToken(user=editor["name"])["token"]
        answer = app.get("/api/3/action/package_search", headers={"Authorization": token})
        assert "private" in answer.headers["Cache-Control"]
        assert "public" not in answer.headers["Cache-Control"]


class TestSessions:
    def test_log_in_and_out_change_the_id(self, app, log_in):
        client = app.test_client()
        client.get("/user/login")
        before = cookie(client)
        log_in(client)
        during = cookie(client)
        assert is_in(client)
        assert during not in {None, before}
        client.post("/user/_logout", headers=HERE)
        assert cookie(client) in {None, ""}
        for old in (before, during):
            fresh = app.test_client()
            fresh.set_cookie("ckan", old, domain="test.ckan.net")
            assert not is_in(fresh)

    def test_a_planted_id_is_not_used(self, app, log_in):
        client = app.test_client()
        client.set_cookie("ckan", "elegida-por-otro", domain="test.ckan.net")
        log_in(client)
        assert cookie(client) != "elegida-por-otro"
        assert is_in(client)

    def test_all_sessions_of_a_person_can_be_ended(self, log_in, person):
        first, second = log_in()[0], log_in()[0]
        assert is_in(first) and is_in(second)
        assert store.end_all(person["id"]) == 2
        assert not is_in(first) and not is_in(second)

    def test_a_request_that_was_under_way_does_not_bring_an_ended_session_back(self, log_in, person):
        client, _ = log_in()
        limits = Limits(60, 60)
        content = store.read(cookie(client), limits)
        store.end_all(person["id"])
        store.write(cookie(client), {**content, "more": 1}, limits, known=True)
        assert not is_in(client)

    @pytest.mark.parametrize("change", [{"password": "otra-27182818284"}, {"state": "deleted"}])
    def test_a_session_ends_with_its_password_and_its_account(self, log_in, person, change):
        client, _ = log_in()
        assert is_in(client)
        user = model.User.get(person["name"])
        for field, value in change.items():
            setattr(user, field, value)
        model.Session.commit()
        assert not is_in(client)

    def test_it_ends_after_a_day_whatever_its_owner_does(self, log_in):
        client, _ = log_in()
        with changed_config("ckanext.edomex.shield.session_life_s", 0):
            assert not is_in(client)

    def test_it_ends_without_requests(self, log_in):
        client, _ = log_in()
        with changed_config("ckanext.edomex.shield.session_idle_s", 60):
            assert is_in(client)
        keys = list(connect_to_redis().scan_iter("edomex:session:*"))
        assert any(0 < connect_to_redis().ttl(key) <= 60 for key in keys)

    def test_the_store_does_not_hold_what_the_cookie_says(self, log_in):
        client, _ = log_in()
        assert not [key for key in connect_to_redis().scan_iter("*") if cookie(client).encode() in key]

    def test_a_remember_cookie_is_neither_made_nor_read(self, app, log_in, person):
        from flask_login.utils import encode_cookie

        client = app.test_client()
        form = {"login": person["name"], "password": PASSWORD, "remember": "63072000"}
        client.post("/user/login", data=form, headers=HERE)
        assert cookie(client, "remember_token") is None
        with app.flask_app.app_context():
            forged = encode_cookie(person["id"])
        fresh = app.test_client()
        fresh.set_cookie("remember_token", forged, domain="test.ckan.net")
        assert not is_in(fresh)
        assert cookie(fresh, "remember_token") in {None, ""}

    def test_without_the_store_visitors_read_on(self, app, log_in, monkeypatch):
        from redis import Redis

        client, _ = log_in()
        nobody = Redis(port=1, socket_connect_timeout=0.2)
        monkeypatch.setattr(store, "connect_to_redis", lambda: nobody)
        kept = cookie(client)
        assert client.get("/dataset/").status_code == 200
        assert cookie(client) == kept
        monkeypatch.undo()
        assert is_in(client)


@pytest.mark.usefixtures("clean_releases")
class TestWithTls:
    def test_cookies_are_secure_and_the_address_is_kept(self, make_app):
        from ckanext.edomex.shield.config import harden

        settings = {"ckan.site_url": "https://datos.example.org"}
        harden(settings, {})
        with contextlib.ExitStack() as changes:
            for name in ("ckan.site_url", "SESSION_COOKIE_NAME", "SESSION_COOKIE_SECURE"):
                changes.enter_context(changed_config(name, settings[name]))
            answer = make_app().get("/user/login")
        (sent,) = answer.headers.getlist("Set-Cookie")
        assert sent.startswith("__Host-ckan=")
        assert "Secure" in sent
        assert "Path=/" in sent
        assert "Domain" not in sent
        assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


ORIGINS = [
    # Sec-Fetch-Site, Origin, Referer, passes
    ("same-origin", None, None, True),
    ("none", None, None, True),
    ("same-site", None, None, False),
    ("cross-site", None, None, False),
    ("same-site", SITE, None, False),
    ("cross-site", SITE, SITE + "/", False),
    ("same-origin", "https://evil.example", None, True),
    ("", SITE, None, False),
    (None, SITE, None, True),
    (None, SITE + ":80", None, True),
    (None, SITE + ":8080", None, False),
    (None, "https://test.ckan.net", None, False),
    (None, "http://evil.test.ckan.net", None, False),
    (None, "http://test.ckan.net.evil.example", None, False),
    (None, "http://test.ckan.net@evil.example", None, False),
    (None, "null", None, False),
    (None, "", None, False),
    (None, "file://", None, False),
    (None, "http://[", None, False),
    (None, None, SITE + "/dataset/", True),
    (None, None, "http://evil.example/" + SITE, False),
    (None, "null", SITE + "/", False),
    (None, "http://evil.example", SITE + "/", False),
    (None, None, None, False),
]


class TestCrossOrigin:
    @pytest.mark.parametrize(("fetch_site", "origin", "referer", "passes"), ORIGINS)
    def test_a_change_with_a_session(self, log_in, fetch_site, origin, referer, passes):
        client, _ = log_in()
        said = {"Sec-Fetch-Site": fetch_site, "Origin": origin, "Referer": referer}
        answer = client.post("/user/_logout", headers={name: value for name, value in said.items() if value is not None})
        assert (answer.status_code != 403) is passes
        assert is_in(client) is not passes
        if not passes:
            assert "no viene de una página de este portal" in answer.text

    def test_a_read_is_never_asked(self, log_in):
        client, _ = log_in()
        assert client.get("/dataset/", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200

    def test_stock_pages_that_change_by_being_looked_at_are_asked(self, app, log_in):
        rules = {rule.endpoint: rule for rule in app.flask_app.url_map.iter_rules()}
        assert set(rules) >= CHANGES_BY_GET
        client, _ = log_in()
        for path in ("/harvest/delete/x", "/harvest/refresh/x", "/harvest/clear/x", "/harvest/x/job/y/abort", "/user/_logout"):
            # A refusal about something that is not there is the answer of what is not there.
            refusals = {403, 404} if "harvest" in path else {403}
            for call in (client.get, client.head):
                assert call(path, headers={"Sec-Fetch-Site": "cross-site"}, follow_redirects=False).status_code in refusals, path
        assert client.get("/harvest/delete/x", headers={"Sec-Fetch-Site": "same-origin"}).status_code in {403, 404}
        assert is_in(client)

    def test_a_stock_page_that_always_fails_is_not_there(self, log_in):
        theme = factories.Group()
        client, _ = log_in()
        assert client.get(f"/group/bulk_process/{theme['id']}", follow_redirects=False).status_code == 404

    def test_a_files_history_in_an_activity_of_something_else_is_not_there(self, log_in, person, editor, sysadmin, act, agency):
        files = [{"name": "Tabla", "url": "https://datos.example.org/tabla.csv", "format": "CSV"}]
        created = act(editor, "package_create", title="Agua", owner_org=agency["id"], resources=files)
        act(sysadmin, "organization_member_create", id=agency["id"], username=person["name"], role="editor")
        client, _ = log_in()
        (activity,) = act(editor, "package_activity_list", id=created["id"])
        path = f"/dataset/{created['id']}/resources/{created['resources'][0]['id']}/history/{activity['id']}"
        assert client.get(path).status_code == 200
        with model.meta.engine.begin() as connection:
            connection.execute(sa.text("UPDATE activity SET data = '{}'"))
        model.Session.remove()
        assert client.get(path).status_code == 404

    def test_a_program_is_told_in_json(self, log_in):
        client, _ = log_in()
        answer = client.post("/api/3/action/package_search", json={}, headers={"Sec-Fetch-Site": "same-site"})
        assert answer.status_code == 403
        assert "no viene de" in answer.json["error"]["message"]

    def test_a_token_is_proof_enough(self, app, editor):
        token = factories.APIToken(user=editor["name"])["token"]
        headers = {"Authorization": token, "Sec-Fetch-Site": "cross-site"}
        assert app.post("/api/3/action/package_search", json={}, headers=headers).status_code == 200

    def test_visitors_programs_are_not_asked(self, app, clean_releases):
        assert app.post("/api/3/action/package_search", json={}).status_code == 200

    def test_nobody_is_logged_in_by_another_site(self, log_in, app, person):
        form = {"login": person["name"], "password": PASSWORD}
        client = app.test_client()
        assert client.post("/user/login", data=form, headers={"Origin": "https://evil.example"}).status_code == 403
        assert not is_in(client)


@pytest.mark.usefixtures("clean_releases")
class TestCsrf:
    @pytest.fixture
    def app(self, make_app):
        with changed_config("WTF_CSRF_ENABLED", True):  # noqa: FBT003  # the setting's value
            yield make_app()

    @pytest.fixture
    def exempt(self):
        from ckan.config.middleware import flask_app

        return flask_app.csrf._exempt_views

    def test_visitors_do_not_lift_it_for_everybody(self, app, exempt, person):
        before = set(exempt)
        for path in ("/dataset/new", "/dataset/", "/group/new", "/user/reset", "/user/login", "/autoservicio"):
            app.get(path, status=None, follow_redirects=False)
        token = factories.APIToken(user=person["name"])["token"]
        app.post("/user/_logout", headers={"Authorization": token})
        assert set(exempt) == before

        client = app.test_client()
        page = client.get("/user/login").text
        form = {"login": person["name"], "password": PASSWORD, "_csrf_token": token_in(page)}
        client.post("/user/login", data=form, headers=HERE)
        assert is_in(client)
        answer = client.post("/user/_logout", headers=HERE)
        assert answer.status_code == 400
        assert "ya caducó" in answer.text
        assert is_in(client)
        client.post("/user/_logout", data={"_csrf_token": token_in(client.get("/").text)}, headers=HERE)
        assert not is_in(client)

    @pytest.mark.parametrize("path", ["/user/login", "/user/reset"])
    def test_visitors_forms_need_their_token(self, app, path):
        assert app.post(path, data={"login": "x", "password": "x", "user": "x"}, headers=HERE, status=None).status_code == 400

    def test_visitors_programs_need_none(self, app):
        assert app.post("/api/3/action/package_search", json={}).status_code == 200


def token_in(page):
    return re.search(r'name="_csrf_token" (?:value|content)="([^"]+)"', page)[1]


@pytest.mark.usefixtures("clean_releases")
class TestLimits:
    def test_a_visitor_sends_little(self, app):
        answer = app.post("/api/3/action/package_search", data=b"x" * (MIB + 1), status=None)
        assert answer.status_code == 413
        assert "demasiado grande" in answer.json["error"]["message"]
        page = app.post("/dataset/", data=b"x" * (MIB + 1), status=None)
        assert page.status_code == 413
        assert "demasiado grande" in page.body

    def test_who_is_known_sends_a_file(self, app, editor):
        token = factories.APIToken(user=editor["name"])["token"]
        body = {"q": "x" * (MIB + 1)}
        answer = app.post("/api/3/action/package_search", json=body, headers={"Authorization": token}, status=None)
        assert answer.status_code != 413

    @pytest.mark.parametrize("where", ["form", "address"])
    def test_fields_are_counted(self, app, where):
        many = "&".join(f"a{n}=1" for n in range(MOST_FIELDS + 2))
        if where == "address":
            answer = app.get(f"/dataset/?{many}", status=None)
        else:
            answer = app.post("/dataset/", data=many, content_type="application/x-www-form-urlencoded", status=None)
        assert answer.status_code == 400
        assert "demasiados campos" in answer.body

    def test_parts_of_a_form_are_counted(self, app, editor):
        token = factories.APIToken(user=editor["name"])["token"]
        body = {f"a{n}": "1" for n in range(1100)}
        headers = {"Authorization": token, "Content-Type": "multipart/form-data; boundary=x"}
        text = "".join(f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n1\r\n' for name in body) + "--x--\r\n"
        answer = app.post("/dataset/new", data=text, headers=headers, status=None)
        assert answer.status_code == 413
        assert "demasiado grande" in answer.body
