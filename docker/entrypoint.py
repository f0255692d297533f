"""Write CKAN's configuration from `portal.ini` and the environment, then become the command that was asked for.

    entrypoint.py COMMAND …

Standard library only: it runs before anything of CKAN is loaded. Settings go into a file, not into variables that
begin with `CKAN_`: CKAN reads those as a part of its file, where a percent sign is an error, and a command of
`docker compose exec` would not have what is only in this process's environment.
"""

from __future__ import annotations

import configparser
import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path

HERE = Path(__file__).parent
#: Bind-mounted by whoever wants to set more; read after portal.ini.
LOCAL = HERE / "local.ini"
#: Made by `migrate`: the loader of tables calls the portal as its own client.
XLOADER_TOKEN = Path("/var/lib/edomex/xloader.token")
SECTION = "app:main"
SECRETS = ("CKAN_DB_PASSWORD", "DATASTORE_READ_PASSWORD", "SECRET_KEY", "API_TOKEN_SECRET")
#: Passwords stand in addresses, and Alembic reads those with its own meaning of `%`: so nothing that needs quoting.
SOUND = re.compile(r"[A-Za-z0-9_-]{16,}")
#: Optional settings: variable → CKAN's name.
OPTIONAL = {
    "SITE_TITLE": "ckan.site_title",
    "SMTP_SERVER": "smtp.server",
    "SMTP_STARTTLS": "smtp.starttls",
    "SMTP_USER": "smtp.user",
    "SMTP_PASSWORD": "smtp.password",
    "SMTP_MAIL_FROM": "smtp.mail_from",
}


class ConfigurationError(Exception):
    """What is wrong with the environment, in one sentence with its remedy."""


def main() -> None:
    """Write the file, then replace this process."""
    try:
        write(Path(os.environ["CKAN_INI"]), settings(os.environ))
    except ConfigurationError as error:
        sys.exit(f"edomex: {error}")
    command = sys.argv[1:] or ["ckan", "--help"]
    os.execvp(command[0], command)  # noqa: S606  # no shell is meant


def settings(environment: Mapping[str, str]) -> dict[str, str]:
    """What the environment decides.

    Raises:
        ConfigurationError: a secret is missing, short, or would have to be quoted in an address.
    """
    found = {name: secret(environment, name) for name in SECRETS}
    host = environment.get("DB_HOST") or "db"
    datastore = f"postgresql://ckan:{found['CKAN_DB_PASSWORD']}@{host}/datastore"
    values = {
        "SECRET_KEY": found["SECRET_KEY"],
        "api_token.jwt.encode.secret": f"string:{found['API_TOKEN_SECRET']}",
        "api_token.jwt.decode.secret": f"string:{found['API_TOKEN_SECRET']}",
        "sqlalchemy.url": f"postgresql://ckan:{found['CKAN_DB_PASSWORD']}@{host}/ckan",
        "ckan.datastore.write_url": datastore,
        "ckan.datastore.read_url": f"postgresql://datastore_ro:{found['DATASTORE_READ_PASSWORD']}@{host}/datastore",
        "ckanext.xloader.jobs_db.uri": datastore,
        "ckan.site_url": site_url(environment),
    }
    given = {setting: environment[name] for name, setting in OPTIONAL.items() if environment.get(name)}
    return {**values, **given}


def secret(environment: Mapping[str, str], name: str) -> str:
    """A secret that is fit for use."""
    value = environment.get(name, "")
    if not SOUND.fullmatch(value):
        problem = "falta" if not value else "es corta o tiene caracteres que no caben en una dirección"
        raise ConfigurationError(f"{name}: {problem}; genere una con «openssl rand -hex 32» y póngala en .env.")
    return value


def site_url(environment: Mapping[str, str]) -> str:
    """The portal's public address. CKAN reads the same variable by itself; here it is only checked."""
    value = environment.get("CKAN_SITE_URL", "")
    if not re.fullmatch(r"https?://[^\s/%]+", value):
        raise ConfigurationError(
            "CKAN_SITE_URL: escriba la dirección pública sin diagonal final; por ejemplo https://datos.example.org."
        )
    return value


def write(path: Path, values: Mapping[str, str]) -> None:
    """Write the whole configuration; its owner alone may read it."""
    # Read and written as it stands: CKAN alone gives its percent signs a meaning.
    parser = configparser.RawConfigParser(delimiters=("=",))
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # SECRET_KEY is not secret_key
    parser.read([HERE / "portal.ini", LOCAL], encoding="utf-8")
    for setting, value in values.items():
        parser.set(SECTION, setting, value.replace("%", "%%"))
    if XLOADER_TOKEN.exists():
        parser.set(SECTION, "ckanext.xloader.api_token", XLOADER_TOKEN.read_text().strip())
    path.touch(mode=0o600)
    with path.open("w", encoding="utf-8") as file:
        parser.write(file)


if __name__ == "__main__":
    main()
