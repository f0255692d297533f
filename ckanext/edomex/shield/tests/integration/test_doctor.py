"""The doctor on real services: clean while all is well, and each thing that was broken on purpose is found."""

import json
import time
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from ckan import model
from ckan.lib import jobs
from ckan.lib.redis import connect_to_redis
from ckan.plugins import toolkit as tk
from rq import Worker

from ckanext.edomex.adapters import heartbeats
from ckanext.edomex.adapters import index as documents
from ckanext.edomex.shield.cli import doctor
from ckanext.edomex.shield.domain.findings import KINDS, Severity
from ckanext.edomex.shield.logic import doctor as logic
from ckanext.edomex.shield.logic.checks import database, files, index

#: What is true of a laptop, and of the site of the tests.
EXPECTED = {"cookie_insecure", "csrf_off", "session_in_cookie", "address_http", "address_local", "mail_absent"}


def sql(text, **values):
    with model.meta.engine.begin() as connection:
        return connection.execute(sa.text(text), values)


@pytest.fixture
def at_work(clean_releases):
    """Loops, workers and consumers that have reported, and copies that were compared."""
    model.Session.remove()
    sql("INSERT INTO edomex_release_worker (id) VALUES ('host:1:abc')")
    sql("INSERT INTO edomex_release_check (name, position, compared, hidden, repaired, missing) VALUES ('index', '', 0, 0, 0, 0)")
    worker = Worker([jobs.get_queue()], connection=connect_to_redis(), name=uuid.uuid4().hex)
    worker.register_birth()
    beats = [heartbeats.start(f"harvest-{role}") for role in ("gather", "fetch")]
    for role in ("gather", "fetch"):
        wait_for(lambda role=role: heartbeats.alive(f"harvest-{role}"))
    yield
    worker.register_death()
    for beat in beats:
        beat.set()
    forget_beats()


def forget_beats():
    server = connect_to_redis()
    for key in server.scan_iter("*edomex:beat*"):
        server.delete(key)


def wait_for(ready, seconds=10):
    deadline = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def found():
    model.Session.commit()
    return {finding.code: finding.seen for finding in logic.examine()}


def errors():
    return {code: seen for code, seen in found().items() if KINDS[code].laptop is Severity.ERROR}


def test_while_all_is_well_it_finds_no_error(at_work):
    assert errors() == {}
    assert set(found()) <= EXPECTED


CONFIGURATION = [
    ("forced_setting", "ckan.auth.public_user_details", True),
    ("forced_setting", "ckan.auth.public_activity_stream_detail", True),
    ("forced_setting", "ckan.auth.reveal_private_datasets", True),
    ("forced_setting", "ckan.datastore.sqlsearch.enabled", True),
    ("forced_setting", "ckan.datastore.public_table_search", ["_table_metadata"]),
    ("open_door", "ckan.auth.create_user_via_web", True),
    ("open_door", "ckan.auth.user_create_organizations", True),
    ("debug_on", "debug", True),
    ("rdf_endpoints", "ckanext.dcat.enable_rdf_endpoints", "true"),
    ("rdf_endpoints", "ckanext.dcat.enable_content_negotiation", "true"),
    ("plugin_leaks", "ckan.plugins", lambda now: [*now, "stats"]),
    ("plugin_leaks", "ckan.plugins", lambda now: [*now, "resource_proxy"]),
    ("plugin_tracks", "ckan.plugins", lambda now: [*now, "tracking"]),
    ("plugin_missing", "ckan.plugins", lambda now: [name for name in now if name != "edomex_release"]),
    ("plugin_order", "ckan.plugins", lambda now: ["activity", *(name for name in now if name != "activity")]),
    ("secret_weak", "SECRET_KEY", "secreto"),
    ("secret_weak", "api_token.jwt.encode.secret", "string:changeme"),
    ("secret_weak", "api_token.jwt.encode.secret", "file:/no/such/file"),
    ("token_secrets_differ", "api_token.jwt.decode.secret", "string:" + uuid.uuid4().hex),
    ("cookie_readable", "SESSION_COOKIE_HTTPONLY", False),
    ("cookie_cross_site", "SESSION_COOKIE_SAMESITE", "None"),
    ("default_api_keys", "ckan.auth.create_default_api_keys", True),
    ("roles_cascade", "ckan.auth.roles_that_cascade_to_sub_groups", ["admin", "member"]),
    ("collaborators", "ckan.auth.allow_dataset_collaborators", True),
    ("activity_of_site", "ckan.hide_activity_from_users", ["somebody"]),
    ("inline_pages", "ckan.files.inline_content_types", ["text/html"]),
    ("svg_uploads", "ckan.upload.group.mimetypes", ["image/svg+xml"]),
    ("storage_public", "ckan.files.storage.edomex_blobs.public", True),
    ("storage_served", "extra_public_paths", lambda _now: tk.config["ckan.storage_path"]),
    ("datastore_same_user", "ckan.datastore.read_url", lambda _now: tk.config["ckan.datastore.write_url"]),
    ("password_default", "sqlalchemy.url", "postgresql://ckan_default:pass@127.0.0.1:1/ckan"),
    ("mail_open", "smtp.user", "portal"),
    ("mail_no_password", "smtp.user", "portal"),
    ("loader_trusts_anybody", "ckanext.xloader.ssl_verify", False),
    ("time_zone", "ckan.display_timezone", "UTC"),
    ("index_down", "solr_url", "http://127.0.0.1:1/solr/ckan"),
    ("queue_down", "ckan.redis.url", "redis://127.0.0.1:1/0"),
    ("database_down", "sqlalchemy.url", "postgresql://ckan:a-secret@127.0.0.1:1/ckan"),
    ("datastore_down", "ckan.datastore.read_url", "postgresql://datastore_ro:a-secret@127.0.0.1:1/datastore"),
    ("storage_unwritable", "ckan.storage_path", "/no/such/folder"),
    ("reader_writes", "ckan.datastore.read_url", lambda _now: tk.config["ckan.datastore.write_url"]),
    ("reader_sees_accounts", "ckan.datastore.read_url", lambda _now: tk.config["ckan.datastore.write_url"]),
    ("comparison_stale", "ckanext.edomex.release.check_every_s", 0),
]


@pytest.mark.parametrize(("code", "option", "value"), CONFIGURATION)
def test_a_broken_option_is_found(at_work, monkeypatch, code, option, value):
    assert code not in found(), "it would be found whatever the option says"
    monkeypatch.setitem(tk.config, "smtp.server", "mail.example.org")
    monkeypatch.setitem(tk.config, option, value(tk.aslist(tk.config[option])) if callable(value) else value)
    seen = found()
    assert code in seen
    assert "a-secret" not in seen[code]


TRIGGER = "ALTER TABLE package {} TRIGGER edomex_release_guard"
FEED = "edomex_feed_alembic_version"
RENAME = "ALTER TABLE {} RENAME TO {}"
OUTBOX = "INSERT INTO edomex_release_outbox (kind, dedupe_key, priority, attempts, {}) VALUES ('index', 'x', 0, 12, {})"
SOURCE = """INSERT INTO package (id, name, url, type, state, private)
VALUES ('h', 'h', 'http://169.254.169.254/', 'harvest', 'active', false)"""
LETTER = "INSERT INTO edomex_notices_letter (recipient, attempts, {}) VALUES ('nobody', 0, {})"
SEALS = "ALTER TABLE edomex_audit_seal {} TRIGGER edomex_audit_seal_never_empty"
STEP = """INSERT INTO edomex_release_event (release_id, move, to_state, at)
VALUES ('r', 'edit', 'draft', clock_timestamp() - interval '1 hour')"""
#: Finding, what breaks, what mends it where the next test does not begin anew.
SERVICES = [
    ("guard_missing", TRIGGER.format("DISABLE"), TRIGGER.format("ENABLE")),
    ("migrations_behind", RENAME.format(FEED, "elsewhere"), RENAME.format("elsewhere", FEED)),
    ("loops_silent", "UPDATE edomex_release_worker SET seen_at = clock_timestamp() - interval '1 hour'", None),
    ("comparison_stale", "UPDATE edomex_release_check SET ran_at = clock_timestamp() - interval '1 day'", None),
    ("file_missing", "UPDATE edomex_release_check SET missing = 2", None),
    ("outbox_dead", OUTBOX.format("dead_at", "clock_timestamp()"), None),
    ("outbox_old", OUTBOX.format("created_at", "clock_timestamp() - interval '1 hour'"), None),
    ("harvest_inside", SOURCE, None),
    ("audit_unsealed", STEP, None),
    ("audit_broken", "INSERT INTO edomex_audit_check (name, position, chain, faults) VALUES ('verify', 0, '', 2)", None),
    ("letters_old", LETTER.format("created_at", "clock_timestamp() - interval '1 hour'"), None),
    ("letters_dead", LETTER.format("dead_at", "clock_timestamp()"), None),
    ("guard_missing", SEALS.format("DISABLE"), SEALS.format("ENABLE")),
]


@pytest.mark.parametrize(("code", "breaks", "mends"), SERVICES)
def test_what_is_broken_in_the_database_is_found(at_work, code, breaks, mends):
    assert code not in found()
    sql(breaks)
    try:
        assert code in found()
    finally:
        if mends:
            sql(mends)
    assert not mends or code not in found()


@pytest.fixture
def scheduled(act, editor, agency, reviewer, at_work):
    """A release that is promised, and its dataset."""
    dataset = act(editor, "package_create", title="Agua", owner_org=agency["id"])
    release = act(editor, "edomex_release_submit", dataset_id=dataset["id"])
    act(reviewer, "edomex_release_approve", id=release["id"], release_at=(datetime.now(UTC) + timedelta(days=2)).isoformat())
    model.Session.commit()
    return release["id"]


RELEASES = {
    "release_overdue": "release_at = clock_timestamp() - interval '1 hour', due_at = clock_timestamp() - interval '1 hour'",
    "release_problems": "problems = '[{\"code\": \"file_missing\", \"message\": \"\"}]'",
    "release_failed": "state = 'failed'",
    "release_late": "state = 'released', version = 1, release_at = clock_timestamp() - interval '1 hour',"
    " due_at = clock_timestamp() - interval '1 hour', released_at = clock_timestamp()",
}


@pytest.mark.parametrize("code", RELEASES)
def test_a_release_that_goes_wrong_is_found(scheduled, code):
    assert code not in found()
    sql(f"UPDATE edomex_release SET {RELEASES[code]} WHERE id = :id", id=scheduled)
    assert code in found()


def test_what_the_index_shows_though_it_is_private_is_found(scheduled, act, editor):
    (dataset_id,) = (row[0] for row in sql("SELECT id FROM package WHERE type = 'dataset'"))
    assert "index_shows_hidden" not in found()
    document = documents.build(dataset_id)
    documents.send([{**document, "permission_labels": ["public"]}])
    assert dataset_id in found()["index_shows_hidden"]


def test_what_the_index_does_not_have_is_found(scheduled):
    sql("UPDATE package SET metadata_modified = metadata_modified - interval '5 minutes'")
    (dataset_id,) = (row[0] for row in sql("SELECT id FROM package WHERE type = 'dataset'"))
    documents.send([documents.build(dataset_id)])
    assert "index_behind" not in found()
    documents.remove([dataset_id])
    assert dataset_id in found()["index_behind"]


def test_what_changed_a_moment_ago_is_still_on_its_way(scheduled):
    (dataset_id,) = (row[0] for row in sql("SELECT id FROM package WHERE type = 'dataset'"))
    documents.remove([dataset_id])
    assert "index_behind" not in found()


def test_what_the_index_has_though_it_is_gone_is_found(scheduled):
    (dataset_id,) = (row[0] for row in sql("SELECT id FROM package WHERE type = 'dataset'"))
    documents.send([{**documents.build(dataset_id), "id": "gone", "index_id": "gone", "permission_labels": ["member-x"]}])
    assert found()["index_strays"] == "1: gone"


def test_a_missing_field_of_the_index_is_found(at_work, monkeypatch):
    # A second core would take longer than all other tests of this file: the field that is asked for is one that there is not.
    assert "index_schema" not in found()
    monkeypatch.setattr(index, "FIELDS", index.FIELDS | {"no_such_field"})
    assert found()["index_schema"] == "no_such_field"


@pytest.mark.parametrize("role", ["gather", "fetch"])
def test_a_silent_consumer_is_found(at_work, role):
    assert "consumer_silent" not in found()
    for key in connect_to_redis().scan_iter(f"*edomex:beat:harvest-{role}:*"):
        connect_to_redis().delete(key)
    assert found()["consumer_silent"] == role


def test_a_beat_expires_by_itself(at_work):
    (key,) = connect_to_redis().scan_iter("*edomex:beat:harvest-fetch:*")
    assert 0 < connect_to_redis().ttl(key) <= heartbeats.EXPIRES_S
    assert heartbeats.alive("harvest-fetch") == [key.decode().rsplit("harvest-fetch:", 1)[-1]]


def test_a_worker_that_is_gone_is_found(at_work):
    for worker in Worker.all(connection=connect_to_redis()):
        worker.register_death()
    assert "worker_silent" in found()


@pytest.mark.parametrize("apart", [-3600, 3600])
def test_a_wrong_clock_is_found(at_work, monkeypatch, apart):
    # The clock of this process, as a machine's would be wrong; tests/stack has one with a whole process.
    true = database.time.time
    monkeypatch.setattr(database.time, "time", lambda: true() + apart)
    assert float(found()["clock_skew"].removesuffix(" s")) == pytest.approx(-apart, abs=2)


def test_old_tokens_of_administrators_are_found(at_work, sysadmin, act):
    act(sysadmin, "api_token_create", user=sysadmin["name"], name="viejo")
    assert "tokens_for_ever" not in found()
    sql("UPDATE api_token SET created_at = created_at - interval '2 years'")
    assert found()["tokens_for_ever"] == f"{sysadmin['name']}: 1"


def test_administrators_of_one_factor_are_found(at_work, sysadmin, monkeypatch):
    assert found()["one_factor"] == sysadmin["name"]
    sql(f"INSERT INTO edomex_shield_factor (user_id, secret) VALUES ('{sysadmin['id']}', 'x')")
    assert found()["one_factor"] == sysadmin["name"]
    sql("UPDATE edomex_shield_factor SET confirmed_at = clock_timestamp()")
    assert "one_factor" not in found()
    sql("DELETE FROM edomex_shield_factor")
    monkeypatch.setitem(tk.config, "ckanext.edomex.shield.second_factor_roles", ["reviewer"])
    assert "one_factor" not in found()


def test_files_that_others_can_read_are_found(tmp_path):
    here = tmp_path / "files"
    here.mkdir()
    for folder in (here, tmp_path, *(each for each in tmp_path.parents if each.name.startswith("pytest"))):
        folder.chmod(0o755)
    assert files.open_to_others(here)
    tmp_path.chmod(0o700)
    assert not files.open_to_others(here), "nobody gets there"
    tmp_path.chmod(0o755)
    here.chmod(0o750)
    assert not files.open_to_others(here), "nobody may read it"


def test_a_configuration_that_others_can_read_is_found(at_work, monkeypatch):
    monkeypatch.setattr(files, "open_to_others", lambda path: path.suffix == ".ini")
    assert found()["configuration_readable"] == str(Path(tk.config["__file__"]).resolve())


def test_with_the_database_down_it_still_looks_at_the_rest(at_work, monkeypatch):
    monkeypatch.setitem(tk.config, "sqlalchemy.url", "postgresql://ckan:a-secret@127.0.0.1:1/ckan")
    monkeypatch.setitem(tk.config, "debug", "true")
    seen = {finding.code for finding in logic.examine()}
    assert {"database_down", "debug_on"} <= seen
    assert not seen & {"index_down", "queue_down", "guard_missing"}


def test_the_command_speaks_and_ends_with_a_status(at_work, cli, monkeypatch):
    fine = cli.invoke(doctor, [])
    assert fine.exit_code == 0, fine.output
    assert "0 errores" in fine.output
    monkeypatch.setitem(tk.config, "debug", "true")
    wrong = cli.invoke(doctor, ["--json"])
    assert wrong.exit_code == 1
    told = json.loads(wrong.output)
    (debug,) = (one for one in told["findings"] if one["code"] == "debug_on")
    assert debug["severity"] == "error"
    assert "debug = false" in debug["text"]
    assert told["errors"] == 1
    assert told["production"] is False
