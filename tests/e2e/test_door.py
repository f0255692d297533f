"""The door in a browser: a policy that nothing on our pages breaks, no cookie for readers, a second factor, accounts."""

from __future__ import annotations

import os
import secrets
import time

import pyotp
import pytest

from tests.e2e.conftest import set_up_second_factor
from tests.e2e.looks import looks_right

pytestmark = pytest.mark.stack
PUBLIC = ("/", "/dataset/", "/organization/", "/group/", "/calendario", "/about", "/no-existe", "/user/login", "/user/reset")
STAFF = ("/autoservicio", "/autoservicio/cuentas", "/dataset/new", "/user/edit", "/dashboard/datasets", "/dataset/", "/harvest")


@pytest.fixture
def refusals():
    """What the browser refused by our policy, as it says in its console."""
    found = []

    def listen(page):
        page.on("console", lambda message: found.append(message.text) if "Content Security Policy" in message.text else None)
        return found

    return listen


@pytest.fixture
def administrator(visitor, api):
    """A page in which an agency's administrator is logged in."""

    def log_in(**options):
        name, password = f"jefatura-{secrets.token_hex(4)}", secrets.token_urlsafe(16)
        api("user_create", name=name, fullname="Jefatura de datos", email=f"{name}@example.org", password=password)
        api("organization_member_create", id=os.environ["EDOMEX_AGENCY"], username=name, role="admin")
        page = visitor(**options)
        log_in_by_form(page, name, password, "/autoservicio/cuentas")
        page.wait_for_url("**/autoservicio/cuentas")
        return page

    return log_in


def log_in_by_form(page, name, password, path="/autoservicio"):
    page.goto(f"/user/login?next={path}")
    page.get_by_label("Nombre de usuario o correo electrónico").fill(name)
    page.get_by_label("Contraseña", exact=True).fill(password)
    page.locator(".form-actions button[type=submit]").click()


def test_readers_get_no_cookie_and_nothing_is_refused(visitor, refusals):
    page = visitor()
    refused = refusals(page)
    for path in PUBLIC:
        page.goto(path)
        page.wait_for_load_state("networkidle")
        if not path.startswith("/user/"):
            assert page.context.cookies() == [], path
    # A page that is meant for somebody: a form brings a session.
    page.goto("/user/login")
    (cookie,) = page.context.cookies()
    assert cookie["httpOnly"]
    assert cookie["sameSite"] == "Lax"
    assert cookie["expires"] == -1
    assert refused == []


def test_nothing_is_refused_to_staff(administrator, refusals):
    page = administrator()
    refused = refusals(page)
    for path in STAFF:
        page.goto(path)
        page.wait_for_load_state("networkidle")
    assert refused == []


def test_a_reviewer_comes_in_with_a_code_from_their_telephone(visitor, api):
    name, password = f"revision-{secrets.token_hex(4)}", secrets.token_urlsafe(16)
    api("user_create", name=name, fullname="Persona revisora", email=f"{name}@example.org", password=password)
    api("edomex_release_role_grant", user=name, role="reviewer")
    page = visitor(javascript=False)
    log_in_by_form(page, name, password)
    page.wait_for_url("**/segundo-factor")
    looks_right(page, "second factor, to set up")
    secret = set_up_second_factor(page)
    page.wait_for_url("**/autoservicio")
    page.get_by_role("button", name="Cerrar sesión").click()

    log_in_by_form(page, name, password)
    page.get_by_label("Código").fill("000000")
    page.get_by_role("button", name="Continuar").click()
    assert page.get_by_role("alert").inner_text().endswith("muestra ahora.")
    # The code of the next interval: that of this one may have been used up just now.
    page.get_by_label("Código").fill(pyotp.TOTP(secret).at(int(time.time()) + 30))
    page.get_by_role("button", name="Continuar").click()
    page.wait_for_url("**/autoservicio")
    assert page.get_by_role("heading", name="Autoservicio").is_visible()


def test_an_agency_closes_an_account_without_javascript(administrator, person):
    colleague = person("editor")
    name = colleague.locator(".edomex-account a").first.get_attribute("href").rsplit("/", 1)[-1]
    page = administrator(javascript=False)
    looks_right(page, "accounts")
    page.get_by_role("link", name=f"de {name}").click()
    looks_right(page, "an account")
    page.get_by_role("button", name=f"Cerrar la cuenta de {name}").click()
    assert page.get_by_role("link", name=f"de {name}").count() == 0
    colleague.goto("/autoservicio")
    assert "/user/login" in colleague.url
