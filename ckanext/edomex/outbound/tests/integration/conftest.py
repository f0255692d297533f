"""A target that is a real CKAN, one that is hostile, public datasets, and the duty's work done by hand, one pass at a time."""

import contextlib
import http.server
import io
import json
import os
import threading
import uuid

import pytest
import requests
import sqlalchemy as sa
from ckan import model
from ckan.tests.helpers import changed_config
from werkzeug.datastructures import FileStorage

from ckanext.edomex.outbound.jobs import syncing
from ckanext.edomex.release.jobs import engine, outbox

SIGNED = {
    "agreement_number": "CA-2026-1", "agreement_date": "2026-03-01", "agreement_post": "Titular de la dependencia",
    "agreement_document": "https://legislacion.example.org/convenio.pdf",
}  # fmt: skip
RECORD = sa.text(
    "INSERT INTO edomex_federation_record (source_id, record_id, package_id, state, digest)"
    " VALUES (:source, 'r', :package, 'present', 'x')"
)


class Federal:
    """The CKAN at the other end, spoken to as its own administrator."""

    def __init__(self, url, token, organization):
        self.url, self.token, self.organization = url, token, organization

    def call(self, action, *, token=None, **data):
        headers = {"Authorization": self.token if token is None else token} if token != "" else {}
        answer = requests.post(f"{self.url}/api/3/action/{action}", json=data, headers=headers, timeout=60)
        return answer.json().get("result")

    def copies(self):
        found = self.call("package_search", fq=f"organization:{self.organization}", include_private=True, rows=100)
        return found["results"]

    def show(self, name):
        return self.call("package_show", id=name)

    def download(self, address):
        return requests.get(address, headers={"Authorization": self.token}, timeout=60).content

    def public(self, name):
        return self.call("package_show", id=name, token="")


@pytest.fixture(autouse=True)
def _loopback_is_listed():
    """The targets of these tests are on this machine."""
    with changed_config("ckanext.edomex.outbound.allowed_addresses", ["127.0.0.1"]):
        yield


@pytest.fixture
def federal():
    if not os.environ.get("EDOMEX_FEDERAL_URL"):
        pytest.skip("needs a stock CKAN beside ours: make with-stack FEDERAL=1")
    token = os.environ["EDOMEX_FEDERAL_SYSADMIN_TOKEN"]
    there = Federal(os.environ["EDOMEX_FEDERAL_URL"], token, f"edomex-{uuid.uuid4().hex[:8]}")
    there.call("organization_create", name=there.organization, title="Estado de México (prueba)")
    yield there
    for copy in there.copies():
        there.call("dataset_purge", id=copy["id"])
    there.call("organization_purge", id=there.organization)


@pytest.fixture
def sign_up(act, sysadmin, monkeypatch):
    """Sign a target up; returns it."""

    def make(url, organization="edomex", token="clave", **fields):
        name = f"destino-{uuid.uuid4().hex[:6]}"
        if token:
            monkeypatch.setenv(f"EDOMEX_OUTBOUND_TOKEN_{name.upper().replace('-', '_')}", token)
        given = {"title": "Portal de prueba", "kind": "ckan", "rate": 600, "enabled": True, "may_publish": True, **SIGNED, **fields}
        return act(sysadmin, "edomex_target_create", name=name, url=url, organization=organization, **given)

    return make


@pytest.fixture
def at_federal(federal, sign_up):
    """The federal CKAN as a target."""

    def make(**fields):
        return sign_up(federal.url, federal.organization, federal.token, **fields)

    return make


@pytest.fixture
def publish(act, editor, agency, reviewer):
    """Make a dataset public; returns its dictionary."""

    def make(title="Clínicas", file=None, **fields):
        resources = [] if file else [{"name": "Tabla", "url": "https://datos.example.org/tabla.csv", "format": "CSV"}]
        dataset = act(editor, "package_create", **{"title": title, "owner_org": agency["id"], "resources": resources, **fields})
        if file:
            upload = FileStorage(io.BytesIO(file), filename="tabla.csv")
            act(editor, "resource_create", package_id=dataset["id"], name="Tabla", format="CSV", upload=upload)
        release = act(editor, "edomex_release_submit", dataset_id=dataset["id"])
        act(reviewer, "edomex_release_approve", id=release["id"], release_at="now")
        model.Session.commit()
        engine.release_due(model.meta.engine)
        model.Session.remove()
        return act(None, "package_show", id=dataset["id"])

    return make


@pytest.fixture
def edit(act, editor, reviewer):
    """Change a public dataset by an edition that is released at once."""

    def make(dataset, file=None, **fields):
        draft = act(editor, "edomex_release_edition_open", dataset_id=dataset["id"])["draft_id"]
        act(editor, "package_patch", id=draft, **fields)
        if file:
            (resource,) = act(editor, "package_show", id=draft)["resources"]
            upload = FileStorage(io.BytesIO(file), filename="tabla.csv")
            act(editor, "resource_patch", id=resource["id"], upload=upload)
        release = act(editor, "edomex_release_submit", dataset_id=draft)
        act(reviewer, "edomex_release_approve", id=release["id"], release_at="now")
        model.Session.commit()
        engine.release_due(model.meta.engine)
        model.Session.remove()

    return make


@pytest.fixture
def withdraw(act, sysadmin, manager):
    """Withdraw a public dataset, by two people."""

    def make(dataset):
        asked = act(manager, "edomex_release_withdraw", dataset_id=dataset["id"], reason="Error", legal_ground="Art. 1")
        act(sysadmin, "edomex_release_withdraw_confirm", id=asked["id"])
        model.Session.commit()
        model.Session.remove()

    return make


@pytest.fixture
def sync(clean_releases):
    """Do all that waits in the outbox, then one pass of the duty; returns seconds until it wants to be asked again."""

    def run():
        model.Session.remove()
        while outbox.drain(model.meta.engine).taken:
            pass
        wait = syncing.work(model.meta.engine)
        model.Session.remove()
        return wait

    return run


@pytest.fixture
def rested():
    """Let the rests of targets, and of copies, be over."""

    def over():
        with model.meta.engine.begin() as connection:
            connection.execute(sa.text("UPDATE edomex_outbound_contact SET rest_until = NULL"))
            connection.execute(sa.text("UPDATE edomex_outbound_copy SET due_at = clock_timestamp() WHERE due_at IS NOT NULL"))

    return over


@pytest.fixture
def harvested(act, sysadmin, agency):
    """`harvested(dataset, address)`: the dataset came from that address."""

    def make(dataset, address):
        given = {"url": address, "source_type": "edomex_dcat", "frequency": "MANUAL", "owner_org": agency["id"], "config": "{}"}
        source = act(sysadmin, "harvest_source_create", name="portal-de-alla", **given)
        with model.meta.engine.begin() as connection:
            connection.execute(RECORD, {"source": source["id"], "package": dataset["id"]})

    return make


@pytest.fixture
def copies(act, manager):
    """`copies(target)`: what the portal says of its copies there."""
    return lambda target, **fields: act(manager, "edomex_copy_list", target=target["name"], **fields)["copies"]


class Hostile(http.server.BaseHTTPRequestHandler):
    """Answers every action as the test says: `answers` maps an action to status, headers and body, or to something it does."""

    protocol_version = "HTTP/1.1"
    answers = {}  # noqa: RUF012  # each server has a class of its own
    asked = []  # noqa: RUF012

    def do_POST(self):
        action = self.path.rsplit("/", 1)[-1]
        self.said = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        type(self).asked.append(action)
        found = self.answers.get(action, self.answers.get("*"))
        if callable(found):
            found(self)
            return
        status, headers, body = found
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        with contextlib.suppress(OSError):
            self.wfile.write(content)

    def log_message(self, *_):
        pass


@pytest.fixture
def hostile():
    """A server that misbehaves; `hostile.answers["*"] = (status, headers, body)`."""
    kind = type("Served", (Hostile,), {"answers": {}, "asked": []})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), kind)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    kind.url = f"http://127.0.0.1:{server.server_port}"
    yield kind
    server.shutdown()
    server.server_close()
