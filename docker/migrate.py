"""Bring the databases up to date, once, before anything else of the portal starts. Doing it twice changes nothing.

Exit status 0 lets the other services start.
"""

from __future__ import annotations

import configparser
import os
import subprocess
from contextlib import closing
from pathlib import Path

import psycopg2

XLOADER_TOKEN = Path("/var/lib/edomex/xloader.token")


def main() -> None:
    """Tables of CKAN and of each plugin, scripts and styles, rights in the datastore, a token for the loader of tables."""
    subprocess.run(["ckan", "db", "upgrade"], check=True)
    # Now, because two workers that do it at their first page trip over each other's half-made files.
    subprocess.run(["ckan", "asset", "build"], check=True)
    grant_reading()
    if not XLOADER_TOKEN.exists():
        make_token()


def grant_reading() -> None:
    """Run CKAN's own script as the owner of both databases, which is enough for all that it does."""
    script = subprocess.run(["ckan", "datastore", "set-permissions"], check=True, capture_output=True, text=True).stdout
    lines = [line for line in script.splitlines() if not line.startswith("\\connect")]
    # `with` on a connection of psycopg2 ends the transaction and leaves the connection open.
    with (
        closing(psycopg2.connect(setting("ckan.datastore.write_url"))) as connection,
        connection,
        connection.cursor() as cursor,
    ):
        cursor.execute("\n".join(lines))


def make_token() -> None:
    """A token of the site's own account, in a file of a volume that web and worker read when they start."""
    command = ["ckan", "user", "token", "add", "--quiet", setting("ckan.site_id"), "xloader"]
    token = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()[-1]
    draft = XLOADER_TOKEN.with_suffix(".new")
    draft.touch(mode=0o600)
    draft.write_text(token)
    draft.replace(XLOADER_TOKEN)


def setting(name: str) -> str:
    """A setting of this container's configuration."""
    parser = configparser.ConfigParser()
    parser.read(os.environ["CKAN_INI"], encoding="utf-8")
    return parser.get("app:main", name)


if __name__ == "__main__":
    main()
