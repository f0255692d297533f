"""Fixtures of every test. Nothing of CKAN is imported until one is asked for: unit tests need no service."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import settings

# How long an example takes says something of the machine, and nothing of the code.
settings.register_profile("edomex", deadline=None)
settings.load_profile("edomex")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Say of each test that needs a running portal, and has none, that it did not run."""
    if os.environ.get("EDOMEX_URL"):
        return
    missing = pytest.mark.skip(reason="needs the running portal: make with-stack CMD='pytest …'")
    for item in items:
        if item.get_closest_marker("stack") or item.get_closest_marker("faults"):
            item.add_marker(missing)


@pytest.fixture(scope="session")
def _provisioned() -> None:
    """The portal's plugins, loaded once; its database was migrated by the stack, so CKAN only has to delete rows."""
    from ckan import model, plugins
    from ckan.model import user
    from passlib.hash import pbkdf2_sha512

    # Made for each test and never for long: the rounds of a password that is to resist were a tenth of the suite's time.
    user.pbkdf2_sha512 = pbkdf2_sha512.using(rounds=1000)
    plugins.load_all()
    model.repo.tables_created_and_initialised = True


#: The application that tests share, once one has asked for it.
_shared: list[Any] = []


@pytest.fixture
def make_app(make_app: Callable[[], Any]) -> Iterator[Callable[[], Any]]:
    """CKAN's factory. What it makes loads the plugins anew, so what was shared before is of no use after."""

    def make() -> Any:
        _shared.clear()
        return make_app()

    yield make
    _shared.clear()


@pytest.fixture
def app(request: pytest.FixtureRequest) -> Any:
    """A client of one application for all, as a worker has: making it took most of the suite's time.

    A test with a configuration of its own has an application of its own.
    """
    if request.node.get_closest_marker("ckan_config"):
        return request.getfixturevalue("make_app")()
    from ckan.lib.app_globals import _CONFIG_CACHE
    from ckan.tests import helpers

    request.getfixturevalue("ckan_config")
    _CONFIG_CACHE.clear()
    if not _shared:
        _shared.append(helpers._get_test_app().app)
    return helpers.CKANTestApp(_shared[0])


@pytest.fixture
def clean_releases(_provisioned: None, reset_db: Callable[[], None], clean_index: None) -> None:
    """An empty portal: no dataset, account, release, event or entry of the outbox."""
    import sqlalchemy as sa
    from ckan import model

    tables = sa.text("SELECT tablename FROM pg_tables WHERE tablename ~ '^edomex_' AND tablename !~ 'alembic_version$'")
    model.Session.remove()
    with model.meta.engine.begin() as connection:
        # To empty a table that is empty takes as long as any other: all of them were a fifth of the suite's time.
        asked = (f"SELECT '{name}' WHERE EXISTS (SELECT FROM {name})" for name in connection.execute(tables).scalars())
        written = connection.execute(sa.text(" UNION ALL ".join(asked))).scalars().all()
        if written:
            # Who still holds one of them would be waited for without end.
            connection.execute(sa.text("SET LOCAL lock_timeout = '60s'"))
            sealed = "edomex_audit_seal" in written
            if sealed:  # Seals refuse to be emptied; tests alone lift that, within this transaction.
                connection.execute(sa.text("ALTER TABLE edomex_audit_seal DISABLE TRIGGER edomex_audit_seal_never_empty"))
            connection.execute(sa.text(f"TRUNCATE {', '.join(written)} CASCADE"))
            if sealed:
                connection.execute(sa.text("ALTER TABLE edomex_audit_seal ENABLE TRIGGER edomex_audit_seal_never_empty"))
    reset_db()


@pytest.fixture
def editor(clean_releases: None) -> dict[str, Any]:
    """An account; an editor once `agency` is asked for."""
    from ckan.tests import factories

    return factories.User()


@pytest.fixture
def agency(editor: dict[str, Any]) -> dict[str, Any]:
    """An agency with its editor."""
    from ckan.tests import factories

    return factories.Organization(users=[{"name": editor["name"], "capacity": "editor"}])


@pytest.fixture
def stranger(clean_releases: None) -> dict[str, Any]:
    """An editor of another agency."""
    from ckan.tests import factories

    user = factories.User()
    factories.Organization(users=[{"name": user["name"], "capacity": "admin"}])
    return user


@pytest.fixture
def sysadmin(clean_releases: None) -> dict[str, Any]:
    """An administrator of the portal."""
    from ckan.tests import factories

    return factories.Sysadmin()


def _with_role(name: str) -> dict[str, Any]:
    from ckan.plugins import toolkit as tk
    from ckan.tests import factories

    user = factories.User()
    tk.get_action("edomex_release_role_grant")({"ignore_auth": True, "user": ""}, {"user": user["name"], "role": name})
    return user


@pytest.fixture
def reviewer(clean_releases: None) -> dict[str, Any]:
    """Who reviews for the state."""
    return _with_role("reviewer")


@pytest.fixture
def manager(clean_releases: None) -> dict[str, Any]:
    """Who manages the calendar."""
    return _with_role("manager")


@pytest.fixture
def act() -> Callable[..., Any]:
    """Call an action as somebody, with CKAN's checks: `act(editor, "edomex_release_submit", dataset_id=…)`."""
    from ckan import model
    from ckan.plugins import toolkit as tk

    def call(user: dict[str, Any] | None, action: str, /, **data: Any) -> Any:
        name = user["name"] if user else ""
        # As a request would have it: nothing pending from whoever acted before.
        model.Session.commit()
        context = {"user": name, "auth_user_obj": model.User.get(name) if name else None}
        return tk.get_action(action)(context, data)

    return call


@pytest.fixture
def visit(app: Any) -> Callable[..., Any]:
    """`visit(editor, "/autoservicio")`, or with `form={…}` to send one; redirects are not followed."""
    from ckan.tests import factories

    def go(user: dict[str, Any] | None, path: str, form: dict[str, Any] | None = None) -> Any:
        headers = {"Authorization": factories.APIToken(user=user["name"])["token"]} if user else {}
        if form is None:
            return app.get(path, headers=headers, follow_redirects=False)
        return app.post(path, data=form, headers=headers, follow_redirects=False)

    return go
