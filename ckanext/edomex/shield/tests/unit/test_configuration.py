"""Rules over a configuration: a sound one has no finding, each broken one exactly its own."""

import secrets as random
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.edomex.shield.domain.addresses import host_of, is_inside
from ckanext.edomex.shield.domain.commands import mends
from ckanext.edomex.shield.domain.configuration import JWT, ORDER, Facts, examine
from ckanext.edomex.shield.domain.secrets import is_default_password, is_weak

SECRET, OTHER = random.token_hex(32), random.token_hex(32)
FORCED = {"ckan.auth.public_user_details": False, "ckan.datastore.public_table_search": []}
DEFAULTS = {"ckan.auth.create_user_via_web": False}
SOUND = MappingProxyType({
    **FORCED,
    **DEFAULTS,
    "SECRET_KEY": SECRET,
    "WTF_CSRF_SECRET_KEY": random.token_hex(32),
    "api_token.jwt.encode.secret": f"string:{OTHER}",
    "api_token.jwt.decode.secret": f"string:{OTHER}",
    "api_token.jwt.algorithm": "HS256",
    "SESSION_TYPE": "redis",
    "SESSION_COOKIE_SECURE": True,
    "SESSION_COOKIE_HTTPONLY": True,
    "SESSION_COOKIE_SAMESITE": "Lax",
    "REMEMBER_COOKIE_SECURE": True,
    "REMEMBER_COOKIE_HTTPONLY": True,
    "WTF_CSRF_ENABLED": True,
    "WTF_CSRF_CHECK_DEFAULT": True,
    "debug": False,
    "ckan.site_id": "portal",
    "ckan.site_url": "https://datos.example.org",
    "ckan.display_timezone": "America/Mexico_City",
    "ckan.hide_activity_from_users": ["portal"],
    "ckan.auth.roles_that_cascade_to_sub_groups": ["admin"],
    "ckan.upload.user.mimetypes": ["image/png"],
    "ckan.upload.group.mimetypes": ["image/png"],
    "ckan.files.inline_content_types": ["image/png", "application/pdf"],
    "ckan.files.default_storages.user": "users",
    "ckan.files.storage.users.public": True,
    "ckan.files.storage.edomex_blobs.type": "ckan:fs",
    "ckanext.xloader.ssl_verify": True,
    "sqlalchemy.url": f"postgresql://ckan:{random.token_hex(16)}@db/ckan",
    "ckan.datastore.write_url": f"postgresql://ckan:{random.token_hex(16)}@db/datastore",
    "ckan.datastore.read_url": f"postgresql://datastore_ro:{random.token_hex(16)}@db/datastore",
    "smtp.mail_from": "portal@example.org",
    "smtp.server": "mail.example.org:587",
    "smtp.user": "portal",
    "smtp.password": random.token_hex(8),
    "smtp.starttls": True,
})
PLUGINS = (*ORDER, "activity", "datastore", "xloader", "harvest")


def codes(plugins=PLUGINS, labels=("edomex_release",), served=(), stored=(), **options):
    tables = {"forced": FORCED, "defaults": DEFAULTS}
    facts = Facts(options={**SOUND, **options}, plugins=plugins, label_plugins=labels, served=served, stored=stored, **tables)
    return {finding.code for finding in examine(facts)}


def test_a_sound_one_is_clean():
    assert codes() == set()


BROKEN = [
    ("forced_setting", {"ckan.auth.public_user_details": True}),
    ("forced_setting", {"ckan.datastore.public_table_search": ["_table_metadata"]}),
    ("open_door", {"ckan.auth.create_user_via_web": True}),
    ("debug_on", {"debug": "true"}),
    ("rdf_endpoints", {"ckanext.dcat.enable_rdf_endpoints": True}),
    ("rdf_endpoints", {"ckanext.dcat.enable_content_negotiation": "True"}),
    ("secret_weak", {"SECRET_KEY": "short"}),
    ("secret_weak", {"WTF_CSRF_SECRET_KEY": "a" * 64}),
    ("secret_weak", dict.fromkeys(JWT, "string:CHANGE_ME_2024_x9Qz81LmP")),
    ("secret_weak", {"ckanext.edomex.release.metrics_token": "metrics"}),
    ("secret_weak", {"beaker.session.secret": "beaker"}),
    ("secret_shared", dict.fromkeys(JWT, "")),
    ("token_secrets_differ", {"api_token.jwt.decode.secret": f"string:{random.token_hex(32)}"}),
    ("address_http", {"ckan.site_url": "http://datos.example.org"}),
    ("address_local", {"ckan.site_url": "https://localhost:5000"}),
    ("address_local", {"ckan.site_url": "https://10.1.2.3"}),
    ("cookie_insecure", {"SESSION_COOKIE_SECURE": False}),
    ("cookie_insecure", {"REMEMBER_COOKIE_SECURE": False}),
    ("cookie_readable", {"SESSION_COOKIE_HTTPONLY": False}),
    ("cookie_cross_site", {"SESSION_COOKIE_SAMESITE": "None"}),
    ("cookie_cross_site", {"SESSION_COOKIE_SAMESITE": None}),
    ("csrf_off", {"WTF_CSRF_ENABLED": False}),
    ("session_in_cookie", {"SESSION_TYPE": "cookie"}),
    ("default_api_keys", {"ckan.auth.create_default_api_keys": True}),
    ("roles_cascade", {"ckan.auth.roles_that_cascade_to_sub_groups": ["admin", "editor"]}),
    ("collaborators", {"ckan.auth.allow_dataset_collaborators": True}),
    ("activity_of_site", {"ckan.hide_activity_from_users": ["somebody"]}),
    ("inline_pages", {"ckan.files.inline_content_types": ["text/html"]}),
    ("inline_pages", {"ckan.files.inline_content_types": "image"}),
    ("svg_uploads", {"ckan.upload.user.mimetypes": ["image/png", "image/svg+xml"]}),
    ("svg_uploads", {"ckan.upload.group.mimetypes": ["*"]}),
    ("storage_public", {"ckan.files.storage.edomex_blobs.public": True}),
    ("storage_public", {"ckan.files.storage.edomex_blobs.type": "ckan:fs:public"}),
    ("datastore_same_user", {"ckan.datastore.read_url": "postgresql://ckan:x9Q@db/datastore"}),
    ("datastore_same_database", {"ckan.datastore.write_url": "postgresql://ckan:x9Q@db/ckan"}),
    ("password_default", {"sqlalchemy.url": "postgresql://ckan_default:pass@db/ckan"}),
    ("mail_absent", {"smtp.mail_from": None}),
    ("mail_open", {"smtp.starttls": False}),
    ("mail_no_password", {"smtp.password": None}),
    ("loader_trusts_anybody", {"ckanext.xloader.ssl_verify": False}),
    ("time_zone", {"ckan.display_timezone": "UTC"}),
]


@pytest.mark.parametrize(("code", "options"), BROKEN)
def test_a_broken_option_is_found_and_nothing_else(code, options):
    assert codes(**options) == {code}


@pytest.mark.parametrize(
    ("code", "plugins"),
    [
        ("plugin_missing", [name for name in PLUGINS if name != "edomex"]),
        ("plugin_order", ["activity", *(name for name in PLUGINS if name != "activity")]),
        ("plugin_order", [PLUGINS[1], PLUGINS[0], *PLUGINS[2:]]),
        ("plugin_leaks", [*PLUGINS, "stats"]),
        ("plugin_leaks", [*PLUGINS, "resource_proxy"]),
        ("plugin_tracks", [*PLUGINS, "tracking"]),
    ],
)
def test_a_wrong_plugin_is_found_and_nothing_else(code, plugins):
    assert codes(plugins=plugins) == {code}


def test_the_first_plugin_with_labels_is_ours():
    assert codes(labels=("other", "edomex_release")) == {"labels_not_first"}


def test_files_are_not_below_what_is_served():
    assert codes(served=["/srv/www"], stored=["/srv/www/files"]) == {"storage_served"}
    assert codes(served=["/srv/www"], stored=["/srv/www-files", "/srv/files"]) == set()


def test_findings_never_show_a_secret():
    facts = Facts(
        options={**SOUND, "SECRET_KEY": "my-secret", "smtp.password": "", "sqlalchemy.url": "postgresql://ckan:pass@db/ckan"},
        plugins=PLUGINS, label_plugins=["edomex_release"], forced=FORCED, defaults=DEFAULTS,
    )  # fmt: skip
    text = " ".join(finding.text for finding in examine(facts))
    assert "my-secret" not in text
    assert ":pass" not in text


@given(st.text(max_size=23))
def test_what_is_short_is_weak(secret):
    assert is_weak(secret)


@pytest.mark.parametrize("words", ["Ckan", "1234", "aBcD"])
def test_a_random_secret_may_hold_an_examples_word(words):
    assert not is_weak(f"qT7-{words}_{random.token_urlsafe(30)}")


@pytest.mark.parametrize(
    "secret", ["change-me-to-a-real-secret-1234", "cambia-esta-contraseña-de-ejemplo", "%(SECRET_KEY)-default-abcd-ckan"]
)
def test_an_examples_sentence_is_weak(secret):
    assert is_weak(secret)


def test_random_secrets_are_not_weak():
    assert not any(is_weak(random.token_hex(32)) or is_weak(random.token_urlsafe(32)) for _ in range(2000))


@pytest.mark.parametrize(
    ("account", "password", "expected"), [("ckan", "CKAN", True), ("portal", "portal", True), ("ckan", "x8-Fq", False)]
)
def test_passwords_of_examples(account, password, expected):
    assert is_default_password(account, password) is expected


@pytest.mark.parametrize(
    "host", ["localhost", "127.0.0.1", "10.0.0.1", "192.168.1.1", "169.254.169.254", "::1", "[fd00::1]", "db", "x.local", ""]
)
def test_inside(host):
    assert is_inside(host)


@pytest.mark.parametrize("host", ["datos.example.org", "8.8.8.8", "2606:4700::1111"])
def test_outside(host):
    assert not is_inside(host)


def test_a_host_of_what_is_no_address():
    assert host_of("http://[") == ""


@pytest.mark.parametrize(
    "line",
    ["-c x.ini edomex doctor", "--config x.ini edomex doctor --json", "--config=x.ini db upgrade", "db upgrade -p edomex_release",
     "edomex backup create folder", "datastore set-permissions", "user token add x", "-h", ""],
)  # fmt: skip
def test_commands_that_mend(line):
    assert mends(line.split())


@pytest.mark.parametrize(
    "line",
    ["run", "-c db jobs worker", "jobs worker", "edomex release run", "edomex release tick", "harvester gather-consumer",
     "search-index rebuild", "datastore", "shell"],
)  # fmt: skip
def test_commands_that_serve(line):
    assert not mends(line.split())
