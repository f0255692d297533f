"""Bring one site's database up to date and make its accounts; runs inside CKAN, once per start.

    python -m stack.provision STACK_FOLDER SITE     # writes STACK_FOLDER/SITE.accounts.json
"""

from __future__ import annotations

import json
import logging
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

from stack.accounts import STAFF
from stack.demo.catalogue import load_catalogue
from stack.demo.load import of_agency
from stack.places import Stack
from stack.services.postgres import Postgres
from stack.sites import SITES, Site, ini_path


def main() -> None:
    """Load CKAN with the site's configuration and provision it."""
    stack, site = Stack.load(Path(sys.argv[1])), SITES[sys.argv[2]]
    from ckan.cli import CKANConfigLoader
    from ckan.config.middleware import make_app

    app = make_app(CKANConfigLoader(str(ini_path(stack, site))).get_config())
    logging.disable(logging.WARNING)
    with app._wsgi_app.app_context():  # type: ignore[attr-defined]  # what it wraps is a Flask app
        upgrade(stack, site)
        if site.serves:
            build_assets()
            make_loaders_tables(site)
            accounts = make_accounts(stack, site)
            path = stack.directory / f"{site.name}.accounts.json"
            path.touch(mode=0o600)
            path.write_text(json.dumps(accounts))


def upgrade(stack: Stack, site: Site) -> None:
    """Run every pending migration, of CKAN and of each plugin; grant the datastore's reader its rights."""
    from ckan import model
    from ckan.cli import db

    db._run_migrations("")
    for plugin in sorted(db._get_pending_plugins()):
        db._run_migrations(plugin)
    model.Session.remove()
    if "datastore" in site.plugins.split():
        from ckanext.datastore.cli import permissions_sql

        name = f"{site.name}_datastore"
        sql = permissions_sql(site.name, name, "ckan", "ckan", "datastore_ro")
        lines = [line for line in sql.splitlines() if not line.startswith("\\connect")]
        # The script asks for a superuser connected to the datastore's database.
        with closing(Postgres(stack).connect(name)) as connection, connection.cursor() as cursor:
            cursor.execute("\n".join(lines))


def build_assets() -> None:
    """Put scripts and styles together now: two workers that do it at their first page trip over each other's half-made files."""
    from ckan.lib import webassets_tools

    for bundle in webassets_tools.env:
        bundle.urls()


def make_loaders_tables(site: Site) -> None:
    """The tables of xloader's log, which it makes at its first use: two workers at once would trip over each other."""
    if "xloader" in site.plugins.split():
        from ckan.common import config
        from ckanext.xloader import db

        db.init(config)


def make_accounts(stack: Stack, site: Site) -> dict[str, str]:
    """Create what is missing of the site's accounts and agencies; returns names and tokens."""
    from ckan import model
    from ckan.plugins import toolkit as tk

    known = dict(stack.accounts.get(site.name, {}))
    ensure_user(stack, "admin", sysadmin=True)
    token(known, "sysadmin_token", "admin")
    if not site.is_ours:
        return known
    token(known, "xloader_token", "admin")
    agencies = [ensure_agency(org) for org in load_catalogue().organizations[:2]]
    known |= {"agency": agencies[0], "other_agency": agencies[1]}
    for login, (agency, role, rooms) in STAFF.items():
        ensure_user(stack, login)
        if agency is not None:
            member = {"id": agencies[agency], "username": login, "role": role}
            tk.get_action("organization_member_create")(as_site(), member)
        for name in rooms:
            tk.get_action("edomex_release_role_grant")(as_site(), {"user": login, "role": name})
    token(known, "editor_token", "enlace")
    token(known, "other_editor_token", "enlace-2")
    token(known, "reviewer_token", "revisor")
    token(known, "other_reviewer_token", "revisor-2")
    model.repo.commit_and_remove()
    return known


def as_site() -> Any:
    """A context with the rights of the sysadmin of this site."""
    return {"user": "admin", "ignore_auth": True}


def ensure_user(stack: Stack, login: str, *, sysadmin: bool = False) -> None:
    """Create an account with a random password that `make demo` prints."""
    from ckan import model
    from ckan.plugins import toolkit as tk
    from ckan.types import Context

    if model.User.get(login) is None:
        profile = {"name": login, "fullname": login.replace("-", " ").capitalize(), "password": stack.secret(f"password.{login}")}
        tk.get_action("user_create")(Context(ignore_auth=True, user=""), {**profile, "email": f"{login}@example.org"})
    user = model.User.get(login)
    if user and not user.validate_password(stack.secret(f"password.{login}")):
        # From a backup of another stack: the password that this one knows is its own.
        user.password = stack.secret(f"password.{login}")
        model.repo.commit()
    if sysadmin and user and not user.sysadmin:
        user.sysadmin = True
        model.repo.commit()


def ensure_agency(org: Any) -> str:
    """Create one of the demonstration's agencies; returns its name."""
    from ckan import model
    from ckan.plugins import toolkit as tk

    if model.Group.get(org.name) is None:
        fields = {"name": org.name, "title": org.title, "description": org.description, **of_agency(org)}
        tk.get_action("organization_create")(as_site(), fields)
    return org.name


def token(known: dict[str, str], key: str, login: str) -> None:
    """Make an API token for an account unless there is one."""
    from ckan.plugins import toolkit as tk

    if key not in known:
        known[key] = tk.get_action("api_token_create")(as_site(), {"user": login, "name": f"stack {key}"})["token"]


if __name__ == "__main__":
    main()
