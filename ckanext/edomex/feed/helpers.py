"""What pages ask of the feed."""

from __future__ import annotations

import json
from typing import Any

from markupsafe import Markup

from ckanext.edomex.feed import config, profile
from ckanext.edomex.feed.domain.schema_org import schema_org


def edomex_feed_schema_org(dataset: dict[str, Any]) -> Markup:
    """A public dataset as schema.org's JSON-LD, safe inside a page; nothing for a hidden one."""
    if dataset.get("private") or dataset.get("state") != "active":
        return Markup("")
    text = json.dumps(schema_org(dataset, profile.surroundings()), ensure_ascii=False)
    # Inside a script nothing but these can end it or begin another.
    safe = text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
    return Markup(safe)  # noqa: S704  # what could be markup was written otherwise


def edomex_feed_address(path: str) -> str:
    """A lasting address of the feed, whatever the page's language."""
    return config.base() + path
