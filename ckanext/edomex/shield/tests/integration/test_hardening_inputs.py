"""What people and programs send: pictures, ids, files, addresses, queries."""

import contextlib
import io
import logging

import pytest
from ckan import model
from ckan.plugins import toolkit as tk
from ckan.tests import factories
from ckan.tests.helpers import changed_config
from werkzeug.datastructures import FileStorage

from ckanext.edomex.adapters.logs import OneLine

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def headers(person, **more):
    return {"Authorization": factories.APIToken(user=person["name"])["token"], **more}


@pytest.mark.parametrize("name", ["logo.svg", "logo.png", "logo.html"])
def test_a_picture_that_is_a_program_is_refused(act, sysadmin, editor, name):
    for action, fields in (
        ("organization_create", {"name": "una", "title": "Una"}),
        ("group_create", {"name": "otra", "title": "Otra"}),
        ("user_patch", {"id": editor["name"]}),
    ):
        picture = FileStorage(io.BytesIO(SVG), filename=name, content_type="image/png")
        with pytest.raises(tk.ValidationError):
            act(sysadmin, action, image_upload=picture, image_url=name, **fields)


def test_an_account_is_not_taken_over_by_its_id(app, act, sysadmin, editor):
    before = model.User.get(editor["name"]).password
    fields = {"id": editor["id"], "name": "otro", "email": "otro@example.org", "password": "una-contrasena-larga"}
    answer = app.post("/api/3/action/user_create", json=fields, status=None)
    assert answer.status_code == 403
    assert act(sysadmin, "user_create", **fields)["id"] != editor["id"]
    model.Session.expire_all()
    assert model.User.get(editor["id"]).name == editor["name"]
    assert model.User.get(editor["id"]).password == before


@pytest.mark.parametrize("bad", ["../../../../etc/passwd", "a/b", "..", "x"])
def test_an_id_is_no_path(act, editor, agency, bad):
    dataset = act(editor, "package_create", title="x", owner_org=agency["id"])
    file = FileStorage(io.BytesIO(b"x"), filename="x.csv")
    with pytest.raises(tk.ValidationError):
        act(editor, "resource_create", package_id=dataset["id"], id=bad, upload=file)


def test_an_error_does_not_say_where_the_index_is(app, clean_releases):
    app.flask_app.config["PROPAGATE_EXCEPTIONS"] = False
    settings = {"solr_url": "http://127.0.0.1:1/solr/ckan", "solr_user": "indice", "solr_password": "contrasena-secreta"}
    with contextlib.ExitStack() as changes:
        for name, value in settings.items():
            changes.enter_context(changed_config(name, value))
        for path in ("/api/3/action/package_search?q=x", "/api/3/action/package_search?q=x:[", "/dataset/?q=x"):
            body = app.get(path, status=None).body
            assert "contrasena-secreta" not in body
            assert "127.0.0.1" not in body


@pytest.mark.parametrize("path", ["/api/3/action/datastore_search_sql?sql=SELECT+1", "/api/3/action/datastore_search_sql"])
def test_sql_is_not_taken(app, clean_releases, path):
    assert app.get(path, status=None).status_code in {400, 403, 404}
    assert tk.config["ckan.datastore.sqlsearch.enabled"] is False


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("ranged", [True, False])
def test_an_uploaded_page_does_not_run_by_range_or_head_either(app, act, editor, agency, method, ranged):
    dataset = act(editor, "package_create", title="x", owner_org=agency["id"])
    page = FileStorage(io.BytesIO(b"<script>alert(1)</script>"), filename="x.html")
    resource = act(editor, "resource_create", package_id=dataset["id"], upload=page, format="HTML")
    more = {"Range": "bytes=0-7"} if ranged else {}
    client = app.test_client()
    answer = client.open(resource["url"].replace("http://test.ckan.net", ""), method=method, headers=headers(editor, **more))
    assert answer.status_code in {200, 206}
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "private" in answer.headers["Cache-Control"]


def test_a_table_is_handed_out_as_it_is(app, act, sysadmin, editor, agency):
    dataset = act(editor, "package_create", title="x", owner_org=agency["id"])
    resource = act(editor, "resource_create", package_id=dataset["id"], url="https://example.org/x.csv", format="CSV")
    cells = ["=1+1", "-99.65", "+52", "@x"]
    records = [{"clave": cell} for cell in cells]
    act(editor, "datastore_create", resource_id=resource["id"], force=True, records=records, fields=[{"id": "clave", "type": "text"}])
    answer = app.get(f"/datastore/dump/{resource['id']}", headers=headers(editor))
    assert [line.split(",")[1] for line in answer.body.split()[1:]] == cells
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.fixture
def lines():
    """What handlers write of CKAN's log, line by line."""
    text = io.StringIO()
    handler = logging.StreamHandler(text)
    loggers = [logging.getLogger(name) for name in ("ckan", "ckan.views.user")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.INFO)
    loggers[0].addHandler(handler)
    yield lambda: text.getvalue().splitlines()
    loggers[0].removeHandler(handler)
    for logger, level in zip(loggers, levels, strict=True):
        logger.setLevel(level)


FORGED = "/no-existe%0a2031-01-01%20CRITICAL%20todo%20va%20bien"


def test_an_address_writes_no_line_of_the_log(app, clean_releases, lines):
    app.get(FORGED, status=404)
    app.get("/no%1b[2J%e2%80%a8existe", status=404)
    assert not [line for line in lines() if line.startswith("2031")]
    assert any("\\x0a2031" in line for line in lines())
    assert "\x1b" not in "".join(lines())


def test_stock_ckan_lets_an_address_write_a_line_of_the_log(app, clean_releases, lines):
    """The same with Python's own records: what the other test refuses is real."""
    try:
        logging.setLogRecordFactory(logging.LogRecord)
        app.get(FORGED, status=404)
    finally:
        logging.setLogRecordFactory(OneLine)
    assert [line for line in lines() if line.startswith("2031")]
