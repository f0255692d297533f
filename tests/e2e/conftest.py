"""A browser, people with accounts of their own, and where screenshots go."""

from __future__ import annotations

import os
import secrets
import shutil
from pathlib import Path

import pyotp
import pytest
import requests

from tests.e2e.looks import looks_right, nothing_for_axe

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]
DESKTOP, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
#: Posts, not people: these names stand in the guide's pictures.
FULL_NAMES = {"editor": "Enlace de datos", "reviewer": "Persona revisora", "admin": "Administración del portal"}
IMAGES = Path(__file__).parents[2] / "docs" / "images"


@pytest.fixture(scope="session")
def base():
    """Address of the running portal, no slash at the end."""
    return os.environ["EDOMEX_URL"]


@pytest.fixture(scope="session")
def api(base):
    """`api("package_show", id=…)` as the portal's administrator; `who=None` as anybody."""

    def call(action, /, who="SYSADMIN", **data):
        headers = {"Authorization": os.environ[f"EDOMEX_{who}_TOKEN"]} if who else {}
        answer = requests.post(f"{base}/api/3/action/{action}", json=data, headers=headers, timeout=60).json()
        assert answer["success"], answer["error"]
        return answer["result"]

    return call


@pytest.fixture(scope="session")
def browser():
    if not CHROMIUM:
        pytest.skip("no Chromium: set CHROMIUM, or install Debian's package `chromium`")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield running
        running.close()


@pytest.fixture
def clean():
    """Nothing for axe to find, and every input named."""

    def check(page, name):
        nothing_for_axe(page, name)
        looks_right(page, name)

    return check


@pytest.fixture
def visitor(browser, base):
    """`visitor()` is a page of somebody not logged in; `javascript=False` for one without scripts."""
    contexts = []

    def open_page(*, javascript=True):
        place = {"locale": "es-MX", "timezone_id": "America/Mexico_City", "base_url": base, "viewport": DESKTOP}
        context = browser.new_context(**place, java_script_enabled=javascript)
        contexts.append(context)
        return context.new_page()

    yield open_page
    for context in contexts:
        context.close()


def set_up_second_factor(page):
    """As somebody does who reviews, at their first log-in; returns the secret that their telephone would know."""
    page.wait_for_url("**/segundo-factor")
    secret = page.locator(".edomex-secret").inner_text().replace(" ", "")
    page.get_by_label("Código").fill(pyotp.TOTP(secret).now())
    page.get_by_role("button", name="Activar").click()
    page.get_by_role("link", name="Ya los guardé, continuar").click()
    return secret


@pytest.fixture
def person(visitor, api):
    """`person("editor")`, `person("reviewer")` or `person("admin")`: a page of a new account, logged in by the form."""

    def log_in(kind, **options):
        name, password = f"{kind}-{secrets.token_hex(4)}", secrets.token_urlsafe(16)
        account = {"name": name, "email": f"{name}@example.org", "password": password}
        api("user_create", fullname=FULL_NAMES[kind], **account)
        if kind == "editor":
            api("organization_member_create", id=os.environ["EDOMEX_AGENCY"], username=name, role="editor")
        elif kind == "admin":
            api("user_patch", id=name, sysadmin=True)
        else:
            for role in ("reviewer", "manager"):
                api("edomex_release_role_grant", user=name, role=role)
        page = visitor(**options)
        page.goto("/autoservicio")
        page.get_by_label("Nombre de usuario o correo electrónico").fill(name)
        page.get_by_label("Contraseña", exact=True).fill(password)
        page.locator(".form-actions button[type=submit]").click()
        if kind != "editor":
            set_up_second_factor(page)
        page.wait_for_url("**/autoservicio")
        return page

    return log_in


@pytest.fixture
def keep():
    """`keep(page, "home")` writes docs/images/home.png and home-phone.png when EDOMEX_SCREENSHOTS=1."""

    def screenshot(page, name):
        if os.environ.get("EDOMEX_SCREENSHOTS") != "1":
            return
        IMAGES.mkdir(parents=True, exist_ok=True)
        for size, suffix in ((PHONE, "-phone"), (DESKTOP, "")):
            page.set_viewport_size(size)
            page.screenshot(path=IMAGES / f"{name}{suffix}.png")

    return screenshot
