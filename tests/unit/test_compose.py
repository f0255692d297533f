"""The production form: valid Compose, no secret in it, nothing open but the portal, and in step with the code."""

from __future__ import annotations

import configparser
import fnmatch
import importlib
import importlib.metadata
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import click
import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docker-compose.yml").read_text()
COMPOSE = yaml.safe_load(TEXT)
SERVICES = COMPOSE["services"]
ONE_SHOT = {"migrate", "schema", "backup"}
SECRET = re.compile(r"(PASSWORD|SECRET|KEY|TOKEN)", re.IGNORECASE)
VARIABLE = re.compile(r"\$\{(?P<name>\w+)(?P<rest>[^}]*)\}")
#: Where the first word after `ckan` is defined.
GROUPS = {
    "edomex": "ckanext.edomex.adapters.commands:edomex",
    "harvester": "ckanext.harvest.cli:harvester",
    "jobs": "ckan.cli.jobs:jobs",
    "db": "ckan.cli.db:db",
    "datastore": "ckanext.datastore.cli:datastore",
    "user": "ckan.cli.user:user",
    "sysadmin": "ckan.cli.sysadmin:sysadmin",
}
#: Settings of the local stack that the image gets otherwise: its CSRF key follows from SECRET_KEY, the title and the
#: token are the operator's and the migration's.
ELSEWHERE = {"WTF_CSRF_SECRET_KEY", "ckan.site_title", "ckanext.xloader.api_token"}


def entrypoint():
    sys.path.insert(0, str(ROOT / "docker"))
    try:
        return importlib.import_module("entrypoint")
    finally:
        sys.path.pop(0)


@pytest.fixture
def environment():
    names = entrypoint().SECRETS
    return {
        **{name: f"{name}-of-a-test".replace("_", "-") for name in names},
        "CKAN_SITE_URL": "https://datos.example.org",
    }


@pytest.fixture
def rendered(environment, tmp_path):
    path = tmp_path / "portal.ini"
    entrypoint().write(path, entrypoint().settings(environment))
    return path


def words(service):
    command = service.get("command") or []
    return shlex.split(command) if isinstance(command, str) else [str(word) for word in command]


def test_it_fits_the_compose_schema():
    command = [
        sys.executable,
        "-m",
        "check_jsonschema",
        "--builtin-schema",
        "vendor.compose-spec",
        str(ROOT / "docker-compose.yml"),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_expected_services_are_there():
    expected = {
        "web",
        "release",
        "worker",
        "harvest-gather",
        "harvest-fetch",
        "harvest-run",
        "tick",
        "db",
        "valkey",
        "solr",
    }
    assert set(SERVICES) == expected | ONE_SHOT
    assert SERVICES["release"]["deploy"]["replicas"] >= 2
    assert "container_name" not in TEXT, "a fixed name keeps a service from being scaled"
    assert "version" not in COMPOSE


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_it_is_watched_or_ends_by_itself(name):
    service = SERVICES[name]
    assert service["init"] is True
    if name in ONE_SHOT:
        assert service["restart"] == "no"
        assert "healthcheck" not in service
    else:
        assert service["restart"] == "unless-stopped"
        assert service["healthcheck"]["test"][0] in {"CMD", "CMD-SHELL"}


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_only_the_portal_is_published(name):
    service = SERVICES[name]
    assert ("ports" in service) is (name == "web")
    assert service.get("network_mode", "none") == "none"
    assert "privileged" not in service


def test_the_portal_is_published_to_this_machine_alone():
    assert all(str(port).startswith("127.0.0.1:") for port in SERVICES["web"]["ports"])


def test_data_services_have_no_way_out():
    assert COMPOSE["networks"]["back"]["internal"] is True
    assert all(SERVICES[name]["networks"] == ["back"] for name in ("db", "valkey", "solr"))


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_no_secret_is_written_down(name):
    for variable, value in (SERVICES[name].get("environment") or {}).items():
        if SECRET.search(variable):
            # Without a value it is handed through, and may be absent.
            assert value is None or re.fullmatch(rf"\$\{{{variable}:\?.+\}}", value), variable


def test_a_missing_secret_stops_the_start_and_says_what_to_do():
    found = list(VARIABLE.finditer(TEXT))
    assert found
    for match in found:
        if SECRET.search(match["name"]):
            assert match["rest"].startswith(":?"), match[0]
            assert "openssl rand" in match["rest"]
            assert ".env" in match["rest"]


def test_the_example_names_every_variable_and_gives_no_secret():
    lines = (ROOT / ".env.example").read_text().splitlines()
    example = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    handed_through = {name for name, value in SERVICES["web"]["environment"].items() if value is None}
    assert {match["name"] for match in VARIABLE.finditer(TEXT)} | handed_through == set(example)
    assert not [name for name, value in example.items() if SECRET.search(name) and value]


def test_volumes_and_networks_are_declared_and_used():
    mounts = [mount.split(":")[0] for service in SERVICES.values() for mount in service.get("volumes", [])]
    assert {mount for mount in mounts if not mount.startswith(".")} == set(COMPOSE["volumes"])
    assert {network for service in SERVICES.values() for network in service.get("networks", [])} == set(
        COMPOSE["networks"]
    )
    assert all((ROOT / mount).exists() for mount in mounts if mount.startswith("."))


def test_everything_waits_for_the_migration():
    for name, service in SERVICES.items():
        if service["image"].startswith("edomex/") and name not in ONE_SHOT:
            assert service["depends_on"]["migrate"]["condition"] == "service_completed_successfully", name


def ckan_commands():
    for name, service in SERVICES.items():
        found = words(service)
        if "ckan" in found:
            yield pytest.param(found[found.index("ckan") + 1 :], id=name)


@pytest.mark.parametrize("path", ckan_commands())
def test_its_command_exists(path):
    for room in ROOT.glob("ckanext/edomex/*/cli.py"):
        importlib.import_module(f"ckanext.edomex.{room.parent.name}.cli")
    module, name = GROUPS[path[0]].split(":")
    command = getattr(importlib.import_module(module), name)
    rest = path[1:]
    while isinstance(command, click.Group):
        word, *rest = rest
        assert word in command.commands, f"{' '.join(path)}: {sorted(command.commands)}"
        command = command.commands[word]
    # And it takes what follows.
    command.make_context(path[-1], rest)


def test_the_image_has_a_dump_program_as_new_as_the_server():
    server = SERVICES["db"]["image"].removeprefix("postgres:")
    assert f"ARG POSTGRES_MAJOR={server}\n" in (ROOT / "Dockerfile").read_text()


def test_scripts_are_in_the_image_and_may_be_run():
    dockerfile = (ROOT / "Dockerfile").read_text()
    for name, service in SERVICES.items():
        for word in [*words(service), *service.get("healthcheck", {}).get("test", [])]:
            if word.startswith("/srv/edomex/"):
                script = ROOT / "docker" / Path(word).name
                assert f"docker/{script.name}" in dockerfile, name
                assert script.suffix != ".sh" or script.stat().st_mode & 0o111


def test_a_health_check_that_is_named_exists():
    text = (ROOT / "docker" / "alive.py").read_text()
    for name, service in SERVICES.items():
        check = service.get("healthcheck", {}).get("test", [])
        if "/srv/edomex/alive.py" in check:
            assert f"\ndef {check[check.index('/srv/edomex/alive.py') + 1]}(" in text, name


def test_plugins_and_settings_are_those_of_the_local_stack(rendered, tmp_path):
    from stack.places import Stack
    from stack.sites import OUR_SETTINGS, PORTAL_PLUGINS, SITES, settings

    parser = configparser.ConfigParser()
    parser.optionxform = str
    parser.read(rendered)
    ours = dict(parser["app:main"])
    assert ours["ckan.plugins"].split() == PORTAL_PLUGINS.split()
    local = settings(Stack(tmp_path / "stack", throwaway=True), SITES["portal"])
    assert set(local) - set(ours) <= ELSEWHERE
    alike = {
        *OUR_SETTINGS,
        "ckan.locale_default",
        "ckan.locales_offered",
        "ckan.display_timezone",
        "ckan.views.default_views",
    }
    for setting in sorted(alike - {"ckanext.xloader.jobs_db.uri"}):
        assert ours[setting] == local[setting], setting


def test_ckan_reads_what_the_entrypoint_writes(environment, tmp_path):
    from ckan.cli import CKANConfigLoader

    environment |= {"SMTP_PASSWORD": "50% ñ = #", "SITE_TITLE": "Ayuntamiento de Ñ"}
    path = tmp_path / "portal.ini"
    entrypoint().write(path, entrypoint().settings(environment))
    config = CKANConfigLoader(str(path)).get_config()
    assert path.stat().st_mode & 0o077 == 0
    assert config["smtp.password"] == "50% ñ = #"
    assert config["ckan.site_title"] == "Ayuntamiento de Ñ"
    assert config["SECRET_KEY"] == environment["SECRET_KEY"]


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("SECRET_KEY", ""),
        ("SECRET_KEY", "corta"),
        ("CKAN_DB_PASSWORD", "larga-pero-con@arroba"),
        ("CKAN_SITE_URL", "datos.example.org"),
        ("CKAN_SITE_URL", "https://datos.example.org/"),
    ],
)
def test_an_unsound_environment_is_refused_by_name(environment, variable, value):
    module = entrypoint()
    with pytest.raises(module.ConfigurationError, match=variable):
        module.settings({**environment, variable: value})


def test_the_image_gets_every_file_of_the_plugins():
    """Data files that no pattern of pyproject.toml names stay out of the wheel, and so of the image."""
    patterns = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["package-data"]["*"]
    package = ROOT / "ckanext" / "edomex"
    data = [
        path
        for path in package.rglob("*")
        if path.is_file() and path.suffix not in {".py", ".pyc"} and "tests" not in path.parts
    ]
    left_out = [
        str(path.relative_to(ROOT))
        for path in data
        if not any(fnmatch.fnmatch(path.name, pattern) for pattern in patterns)
    ]
    assert left_out == []


def test_requirements_agree_with_what_ckan_pins():
    """`pip install -r requirements.txt` would find no solution otherwise."""
    ours = dict(re.findall(r"^([\w.-]+)==([\w.]+)$", (ROOT / "requirements.txt").read_text(), flags=re.MULTILINE))
    pinned = {}
    for line in importlib.metadata.requires("ckan") or []:
        if match := re.match(r"([\w.-]+)(?:\[[^]]*\])?==([\w.]+).*extra == .requirements.", line):
            pinned[match[1].lower()] = match[2]
    assert {name: version for name, version in ours.items() if pinned.get(name.lower(), version) != version} == {}
