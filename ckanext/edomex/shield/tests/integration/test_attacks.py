"""Attacks over HTTP: each succeeds against a stock CKAN 2.12.0 that runs beside ours, and fails against ours.

docs/security.md lists them. A row that stock CKAN resists as well is tested elsewhere, against ours alone.
"""

from __future__ import annotations

import os
import re
import secrets

import pytest
import requests

pytestmark = pytest.mark.stack
#: Another site of the state: «same site» for a browser, and none of ours.
SISTER = {"Origin": "https://tramites.edomex.example", "Sec-Fetch-Site": "same-site"}
TIMEOUT_S = 60


class Portal:
    """A running portal, its administrator's token, and people who log in there with a browser's cookies."""

    def __init__(self, url, token):
        self.url, self.token = url, token

    def act(self, action, /, token="", **data):
        headers = {"Authorization": token or self.token}
        answer = requests.post(f"{self.url}/api/3/action/{action}", json=data, headers=headers, timeout=TIMEOUT_S).json()
        assert answer["success"], answer["error"]
        return answer["result"]

    def account(self):
        name = f"victima-{secrets.token_hex(4)}"
        password = secrets.token_urlsafe(16)
        self.act("user_create", name=name, email=f"{name}@example.org", password=password)
        return name, password

    def own(self, **more):
        return {"Origin": self.url, "Sec-Fetch-Site": "same-origin", **more}

    def log_in(self, name, password, **more):
        browser = requests.Session()
        page = browser.get(f"{self.url}/user/login", timeout=TIMEOUT_S).text
        token = re.search(r'name="_csrf_token" (?:type="hidden" )?value="([^"]+)"', page)
        form = {"login": name, "password": password, "_csrf_token": token[1] if token else "", **more}
        answer = browser.post(f"{self.url}/user/login", data=form, headers=self.own(), timeout=TIMEOUT_S)
        browser.last = answer
        return browser

    def is_in(self, browser):
        answer = browser.get(f"{self.url}/user/edit", timeout=TIMEOUT_S, allow_redirects=False)
        return answer.status_code == 200


@pytest.fixture(scope="module")
def ours():
    return Portal(os.environ["EDOMEX_URL"], os.environ["EDOMEX_SYSADMIN_TOKEN"])


@pytest.fixture(scope="module")
def stock():
    for name in ("PEER", "FEDERAL"):
        if f"EDOMEX_{name}_URL" in os.environ:
            return Portal(os.environ[f"EDOMEX_{name}_URL"], os.environ[f"EDOMEX_{name}_SYSADMIN_TOKEN"])
    return pytest.skip("needs a stock CKAN beside ours: make with-stack FEDERAL=1, or PEER=1")


def change_a_profile_from_a_sister_site(portal):
    """CVE-2026-41255: visitors' requests lift CSRF protection for everybody."""
    name, password = portal.account()
    victim = portal.log_in(name, password)
    assert portal.is_in(victim)
    for _ in range(20):
        # Until each process has seen one.
        requests.get(f"{portal.url}/user/edit/{name}", timeout=TIMEOUT_S, allow_redirects=False)
    form = {"save": "", "fullname": "Atacada", "name": name, "email": f"{name}@example.org", "about": ""}
    victim.post(f"{portal.url}/user/edit/{name}", data=form, headers=SISTER, timeout=TIMEOUT_S)
    return portal.act("user_show", id=name)["fullname"] == "Atacada"


def delete_by_a_link_elsewhere(portal):
    """A source of harvests is gone once its agency's administrator follows a link."""
    name, password = portal.account()
    source = f"fuente-{secrets.token_hex(4)}"
    agency = portal.act("organization_create", name=f"a-{source}", title=source)
    portal.act("organization_member_create", id=agency["id"], username=name, role="admin")
    fields = {"name": source, "title": source, "url": "https://example.org/catalogo", "source_type": "ckan", "owner_org": agency["id"]}
    made = portal.act("harvest_source_create", **fields)
    victim = portal.log_in(name, password)
    assert portal.is_in(victim)
    victim.get(f"{portal.url}/harvest/delete/{made['id']}", headers={"Sec-Fetch-Site": "cross-site"}, timeout=TIMEOUT_S)
    return portal.act("package_show", id=made["id"], use_cache=False)["state"] == "deleted"


def go_on_with_a_copied_cookie(portal):
    """Logging out ends nothing."""
    victim = portal.log_in(*portal.account())
    assert portal.is_in(victim)
    thief = requests.Session()
    thief.cookies.update(victim.cookies.copy())
    page = victim.get(f"{portal.url}/user/edit", timeout=TIMEOUT_S).text
    token = re.search(r'name="_csrf_token" content="([^"]+)"', page)[1]
    victim.post(f"{portal.url}/user/_logout", data={"_csrf_token": token}, headers=portal.own(), timeout=TIMEOUT_S)
    assert not portal.is_in(victim)
    return portal.is_in(thief)


def come_back_with_a_remembered_cookie(portal):
    """«Remember me» outlives the password that it was given for."""
    name, password = portal.account()
    victim = portal.log_in(name, password, remember="63072000")
    assert portal.is_in(victim)
    thief = requests.Session()
    if "remember_token" in victim.cookies:
        thief.cookies.set("remember_token", victim.cookies["remember_token"])
    portal.act("user_patch", id=name, password=secrets.token_urlsafe(16))
    return portal.is_in(thief)


def guess_passwords(portal):
    """A list of passwords is tried as fast as the portal answers."""
    name, password = portal.account()
    for guess in range(12):
        portal.log_in(name, f"adivinada-{guess}")
    return portal.is_in(portal.log_in(name, password))


def take_over_a_visitors_log_in(portal):
    """Another site logs somebody in under an account of its own, to read what they then write."""
    name, password = portal.account()
    browser = requests.Session()
    for _ in range(20):
        requests.get(f"{portal.url}/user/login", timeout=TIMEOUT_S)
    browser.post(f"{portal.url}/user/login", data={"login": name, "password": password}, headers=SISTER, timeout=TIMEOUT_S)
    return portal.is_in(browser)


def list_people(portal):
    """Names of all accounts, before any brake."""
    answer = requests.get(f"{portal.url}/api/3/action/user_list", timeout=TIMEOUT_S)
    return answer.status_code == 200 and len(answer.json()["result"]) > 0


def make_an_agency(portal):
    """Any account makes an agency and publishes in its name."""
    name, _ = portal.account()
    token = portal.act("api_token_create", user=name, name="x")["token"]
    fields = {"name": f"falsa-{secrets.token_hex(4)}", "title": "Secretaría Falsa"}
    headers = {"Authorization": token}
    return requests.post(f"{portal.url}/api/3/action/organization_create", json=fields, headers=headers, timeout=TIMEOUT_S).ok


def follow_a_visitor(portal):
    """Every reader gets a cookie that tells them apart."""
    return "Set-Cookie" in requests.get(f"{portal.url}/dataset/", timeout=TIMEOUT_S).headers


def frame_a_page(portal):
    """A page of the portal inside another site's, for clicks that mean something else; scripts from anywhere."""
    headers = requests.get(f"{portal.url}/user/login", timeout=TIMEOUT_S).headers
    return "X-Frame-Options" not in headers and "script-src 'self'" not in headers.get("Content-Security-Policy", "")


def send_a_visitors_flood(portal):
    """Eight megabytes from nobody are read whole."""
    answer = requests.post(f"{portal.url}/api/3/action/package_search", data=b" " * 8_000_000, timeout=TIMEOUT_S)
    return answer.status_code != 413


def send_a_thousand_fields(portal):
    """Each field of an address costs work in the search."""
    many = "&".join(f"x{n}=1" for n in range(1002))
    # Short enough for any server's line.
    assert len(many) < 8000
    answer = requests.post(
        f"{portal.url}/dataset/", data=many, headers={"Content-Type": "application/x-www-form-urlencoded"}, timeout=TIMEOUT_S
    )
    return answer.status_code not in {400, 413}


ATTACKS = (
    change_a_profile_from_a_sister_site, delete_by_a_link_elsewhere, go_on_with_a_copied_cookie,
    come_back_with_a_remembered_cookie, guess_passwords, take_over_a_visitors_log_in, list_people, make_an_agency,
    follow_a_visitor, frame_a_page, send_a_visitors_flood, send_a_thousand_fields,
)  # fmt: skip


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_an_attack_that_stock_ckan_suffers_fails_here(stock, ours, attack):
    assert attack(stock), "void: stock CKAN resists it as well"
    assert not attack(ours)


def test_the_documents_list_them():
    from pathlib import Path

    text = (Path(__file__).parents[5] / "docs" / "security.md").read_text(encoding="utf-8")
    assert [attack.__name__ for attack in ATTACKS if f"`{attack.__name__}`" not in text] == []
