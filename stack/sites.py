"""The CKAN sites of a stack: which plugins, database, core and port each has, and its configuration file."""

from __future__ import annotations

import configparser
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from stack.places import VENV, Stack
from stack.programs import Program
from stack.services.postgres import Postgres
from stack.services.solr import Solr
from stack.services.valkey import Valkey

OURS = "edomex_shield edomex_notices edomex_audit edomex edomex_planning edomex_outbound edomex_release edomex_feed edomex_federation"
STOCK_HARVEST = "dcat dcat_rdf_harvester harvest ckan_harvester"
# Beside the stock ones on every site but the peer; the federal side has these and nothing else of ours.
HARVESTERS = "edomex_dcat_harvester edomex_ckan_harvester edomex_datajson_harvester"
# Without `dcat` itself, whose templates link to endpoints that are off: our feed has its own. The harvester does not need it.
# Our harvester takes the place of `dcat_rdf_harvester`, under the same type of source.
OUR_HARVEST = f"edomex_dcat_rdf_harvester harvest ckan_harvester {HARVESTERS}"
SCHEMAS = "scheming_datasets scheming_organizations scheming_groups"
PORTAL_PLUGINS = f"{OURS} {SCHEMAS} activity datastore xloader datatables_view image_view text_view {OUR_HARVEST}"
VANILLA_PLUGINS = "activity datastore dcat structured_data dcat_rdf_harvester harvest ckan_harvester"

#: For stock consumers: redis-py gives up a quiet connection after seconds, and they end with it, to begin anew each minute.
PATIENT = "?socket_timeout=86400"


@dataclass(frozen=True, kw_only=True)
class Site:
    """One CKAN: its place in the stack and what runs there."""

    name: str
    title: str
    plugins: str
    #: Number of its Valkey database.
    redis: int
    workers: int = 1
    extra: Mapping[str, str] = field(default_factory=dict)
    #: Release loops, where our plugins run: two show that it does not matter which of them does the work.
    loops: int = 2
    #: Whether consumers of harvest jobs run.
    harvests: bool = True
    #: Whether processes run for it; the site of the tests is a database and a core only.
    serves: bool = True

    @property
    def is_ours(self) -> bool:
        """Whether our plugins run there."""
        return "edomex" in self.plugins.split()


OUR_SETTINGS = {
    "scheming.dataset_schemas": "ckanext.edomex:schemas/dataset.yaml",
    "scheming.organization_schemas": "ckanext.edomex:schemas/organization.yaml",
    "scheming.group_schemas": "ckanext.edomex:schemas/group.yaml",
    "scheming.presets": "ckanext.scheming:presets.json",
    "ckanext.dcat.enable_rdf_endpoints": "false",
    "ckanext.dcat.enable_content_negotiation": "false",
    "ckanext.xloader.jobs_db.uri": "",
}
SITES = {
    site.name: site
    for site in (
        Site(
            name="portal", title="Datos Abiertos del Estado de México", plugins=PORTAL_PLUGINS, redis=1, workers=2, extra=OUR_SETTINGS
        ),
        Site(
            name="federal", title="Portal federal (simulado)", plugins=f"{STOCK_HARVEST} edomex_federation {HARVESTERS}", redis=2,
            extra={"ckanext.edomex.federation.approve_sources": "false"},
        ),
        Site(
            name="municipio", title="Datos Abiertos Municipales", plugins=PORTAL_PLUGINS, redis=3, extra=OUR_SETTINGS, loops=1,
            harvests=False,
        ),
        Site(name="peer", title="CKAN sin complementos", plugins=VANILLA_PLUGINS, redis=4, workers=2, harvests=False),
        Site(name="test", title="Pruebas", plugins=PORTAL_PLUGINS, redis=5, extra=OUR_SETTINGS, serves=False),
    )
}


class Services:
    """The three services of a stack, for whoever needs their addresses."""

    def __init__(self, stack: Stack) -> None:
        self.postgres, self.valkey, self.solr = Postgres(stack), Valkey(stack), Solr(stack)

    def __iter__(self):  # noqa: ANN204  # iter over three unlike things
        return iter((self.postgres, self.valkey, self.solr))


def url(stack: Stack, site: Site) -> str:
    """Address of a site, no slash at the end."""
    return f"http://127.0.0.1:{stack.port(site.name)}" if site.serves else "http://test.ckan.net"


def ini_path(stack: Stack, site: Site) -> Path:
    """The site's configuration file."""
    return stack.directory / f"{site.name}.ini"


def write_ini(stack: Stack, site: Site) -> Path:
    """Write the site's configuration; its owner alone may read it."""
    parser = configparser.ConfigParser(interpolation=None, delimiters=("=",))
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser["app:main"] = {"use": "egg:ckan", **settings(stack, site)}
    parser.read_dict(LOGGING)
    path = ini_path(stack, site)
    path.touch(mode=0o600)
    with path.open("w") as file:
        parser.write(file)
    return path


def settings(stack: Stack, site: Site) -> dict[str, str]:
    """Every setting of a site that differs from CKAN's defaults."""
    services = Services(stack)
    storage = stack.directory / "storage" / site.name
    storage.mkdir(mode=0o700, parents=True, exist_ok=True)
    values = {
        "ckan.site_url": url(stack, site),
        "ckan.site_id": site.name,
        "ckan.site_title": site.title,
        "ckan.plugins": site.plugins,
        "ckan.locale_default": "es",
        "ckan.locales_offered": "es en",
        "ckan.display_timezone": "America/Mexico_City",
        "SECRET_KEY": stack.secret(f"{site.name}.session"),
        "WTF_CSRF_SECRET_KEY": stack.secret(f"{site.name}.csrf"),
        "api_token.jwt.encode.secret": f"string:{stack.secret(f'{site.name}.jwt')}",
        "api_token.jwt.decode.secret": f"string:{stack.secret(f'{site.name}.jwt')}",
        "sqlalchemy.url": services.postgres.url("ckan", site.name),
        "solr_url": services.solr.url(site.name),
        "ckan.redis.url": services.valkey.url(site.redis) + ("" if site.is_ours else PATIENT),
        "ckan.storage_path": str(storage),
        "ckan.uploads_enabled": "true",
        "ckan.max_resource_size": "200",
        "ckan.harvest.mq.type": "redis",
        "ckan.harvest.timeout": "60",
        "ckan.search.solr_commit": "true",
        "ckan.tracking_enabled": "false",
        # A laptop has no TLS; what would be refused in production is a warning of the doctor's here.
        "ckanext.edomex.shield.production": "false",
        # The sites of a stack harvest one another on this machine.
        "ckanext.edomex.federation.allowed_addresses": "127.0.0.0/8",
        # And take copies of one another, once a test signs one up and leaves its key there.
        "ckanext.edomex.outbound.allowed_addresses": "127.0.0.0/8",
        "ckanext.edomex.outbound.tokens_folder": str(stack.directory / "targets"),
        "ckan.views.default_views": "datatables_view image_view text_view" if site.is_ours else "",
        **site.extra,
    }
    if "datastore" in site.plugins.split():
        values["ckan.datastore.write_url"] = services.postgres.url("ckan", f"{site.name}_datastore")
        values["ckan.datastore.read_url"] = services.postgres.url("datastore_ro", f"{site.name}_datastore")
        values["ckan.datastore.sqlsearch.enabled"] = "false"
    if not site.serves:
        # What CKAN's own pytest plugin expects of a test site.
        values |= {"testing": "true", "ckan.mail.smtp.server": "127.0.0.1:1", "WTF_CSRF_ENABLED": "false"}
    if "xloader" in site.plugins.split():
        # xloader answers to the site by name; the token is made when the site is provisioned.
        values["ckanext.xloader.api_token"] = stack.accounts.get(site.name, {}).get("xloader_token", "none-yet")
        values["ckanext.xloader.site_url"] = url(stack, site)
        values["ckanext.xloader.jobs_db.uri"] = services.postgres.url("ckan", f"{site.name}_datastore")
    return values


LOGGING = {
    "loggers": {"keys": "root,ckan,ckanext"},
    "handlers": {"keys": "console"},
    "formatters": {"keys": "plain"},
    "logger_root": {"level": "WARNING", "handlers": "console"},
    "logger_ckan": {"level": "WARNING", "handlers": "", "qualname": "ckan"},
    "logger_ckanext": {"level": "INFO", "handlers": "", "qualname": "ckanext"},
    "handler_console": {"class": "StreamHandler", "args": "(sys.stderr,)", "formatter": "plain"},
    "formatter_plain": {"format": "%(asctime)s %(levelname)-7s [%(name)s] %(message)s"},
}


def programs(stack: Stack, site: Site) -> list[Program]:
    """A site's processes: web first, then what works behind it."""
    if not site.serves:
        return []
    ini = {"CKAN_INI": str(ini_path(stack, site))}
    ckan = str(VENV / "bin" / "ckan")
    web = [str(VENV / "bin" / "gunicorn"), "--config", "python:stack.wsgi", "--workers", str(site.workers)]
    web += ["--bind", f"127.0.0.1:{stack.port(site.name)}", "stack.wsgi:application"]
    found = [Program(name=f"{site.name}-web", command=web, environment=ini)]

    def behind(suffix: str, *command: str, stop_signal: str = "TERM") -> None:
        name = f"{site.name}-{suffix}"
        found.append(Program(name=name, command=[ckan, *command], environment=ini, stop_signal=stop_signal))

    if site.is_ours:
        for number in range(1, site.loops + 1):
            behind(f"release-{number}", "edomex", "release", "run")
        behind("worker", "jobs", "worker")
    if site.harvests:
        behind("gather", "harvester", "gather-consumer")
        behind("fetch", "harvester", "fetch-consumer")
    return found
