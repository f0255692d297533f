"""Work inside a CKAN, called through `bench.inside`: indexing, the peer's way to publish, the engine's own hashes."""

from __future__ import annotations

import time

from ckan import model
from ckan.lib import search
from ckan.plugins import toolkit as tk


def index(ids: list[str]) -> None:
    """Write the datasets' documents, with one commit: the state before anything is measured."""
    search.rebuild(package_ids=ids)
    search.commit()
    model.Session.remove()


def publish(ids: list[str]) -> float:
    """What an operator's cron would do on a vanilla CKAN: `package_patch` one by one; returns its seconds."""
    begun = time.monotonic()
    for dataset_id in ids:
        context = {"user": "admin", "ignore_auth": True}
        tk.get_action("package_patch")(context, {"id": dataset_id, "private": False})  # type: ignore[arg-type]
    return time.monotonic() - begun


def hashes(ids: list[str]) -> dict[str, str]:
    """What an approval would have kept of each dataset."""
    from ckanext.edomex.release.model import content_hashes

    try:
        return dict(content_hashes(model.Session, ids))
    finally:
        model.Session.remove()


def forget_feed(fragments: bool) -> None:  # noqa: FBT001  # it comes as JSON
    """Take this machine's copies of the feed's documents away, and the fragments with them if so asked."""
    import sqlalchemy as sa

    from ckanext.edomex.feed.logic import copies

    for path in copies.folder().iterdir():
        path.unlink()
    if fragments:
        assert model.meta.engine is not None
        with model.meta.engine.begin() as connection:
            connection.execute(sa.text("TRUNCATE edomex_feed_fragment"))


def make_fragments(form: str) -> None:
    """Make and keep the feed's fragments in one form, so that reading it whole is nothing but reading."""
    from ckanext.edomex.feed import model as feed
    from ckanext.edomex.feed.logic import fragments

    for _ in fragments.stream(form, feed.public_datasets(model.Session)):
        pass
    model.Session.remove()
