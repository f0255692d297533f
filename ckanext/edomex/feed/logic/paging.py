"""Pages of the catalogue. Those of one run come from one list, kept for hours: what is edited meanwhile moves none of them.

What was withdrawn since the run began is left out, and what changed is given as it is now: a run that shows the past
would show what has to be hidden.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from ckan import model as ckan_model
from ckan.lib.search.common import SearchError
from ckan.plugins import toolkit as tk
from ckan.types import Context

from ckanext.edomex.adapters.unit_of_work import unit_of_work
from ckanext.edomex.domain.clock import aware
from ckanext.edomex.feed import config
from ckanext.edomex.feed.domain.errors import PageError, UnavailableError
from ckanext.edomex.feed.domain.guard import lost_too_many
from ckanext.edomex.feed.domain.heading import describe_page
from ckanext.edomex.feed.domain.keys import Listed, digest
from ckanext.edomex.feed.logic import state as states
from ckanext.edomex.feed.logic.catalogue import Selection
from ckanext.edomex.feed.logic.state import State
from ckanext.edomex.feed.model import ledger

#: How long after its last page a run can be gone on with.
RUN_AGE = timedelta(hours=24)
WRONG_PAGE = "La página es un número entero desde 1."
WRONG_DATE = "La fecha se escribe como 2027-03-01 o 2027-03-01T09:00:00-06:00."
OLD_RUN = "Esa lectura por páginas ya no se guarda; empiece de nuevo por la página 1."
BAD_QUERY = "No se entiende la búsqueda; revise q y fq."


def is_too_long(limit: int) -> bool:
    """Whether the catalogue is more than one document should hold."""
    return len(states.current().listed) > limit


def select(state: State, asked: Mapping[str, str], address: str) -> Selection:
    """One page.

    Args:
        state: the catalogue of this moment.
        asked: `page`, `modified_since`, `q`, `fq`, `snapshot`, as far as they were given.
        address: of the catalogue in this form, without parameters.

    Raises:
        PageError: a parameter that nobody can read, or a run that is forgotten.
        UnavailableError: the index has lost what the database has.
    """
    page, size = _number(asked.get("page")), config.per_page()
    if "q" in asked or "fq" in asked:
        return _searched(state, asked, address, page, size)
    run, ids = _run(state, asked)
    here = {one.id: one for one in state.listed}
    on_page = ids[size * (page - 1) : size * page]
    more = {"snapshot": run} if run else {}
    if "modified_since" in asked:
        more["modified_since"] = asked["modified_since"]
    return _page([here[key] for key in on_page if key in here], len(ids), page, size, (address, more))


def _run(state: State, asked: Mapping[str, str]) -> tuple[str, Sequence[str]]:
    """The list that the reader goes on with, or begins with now."""
    if "snapshot" in asked:
        ids = ledger.run_ids(ckan_model.Session, asked["snapshot"])
        if ids is None:
            raise PageError(OLD_RUN)
        return asked["snapshot"], ids
    since = _since(asked["modified_since"]) if "modified_since" in asked else None
    ids = [one.id for one in state.listed if since is None or aware(one.modified) >= since]
    # Equal lists are one run, however many read it.
    run = digest(ids)[:24]
    with unit_of_work() as session:
        ledger.keep_run(session, run, ids, RUN_AGE)
    return run, ids


def _searched(state: State, asked: Mapping[str, str], address: str, page: int, size: int) -> Selection:
    """As ckanext-dcat does it: the index says what belongs to the page, the database whether it is public."""
    query: dict[str, Any] = {"q": asked.get("q", "*:*"), "fq": asked.get("fq", ""), "rows": size, "start": size * (page - 1)}
    since = f"+metadata_modified:[{_since(asked['modified_since']):%Y-%m-%dT%H:%M:%SZ} TO *]" if "modified_since" in asked else ""
    types = ["-dataset_type:harvest", *([since] if since else [])]
    query |= {"fq_list": types, "fl": "id", "sort": "metadata_modified desc, id asc"}
    try:
        found = _search(query)
        everything = _search({"rows": 0, "fq": "dataset_type:dataset"})["count"]
    except SearchError as error:
        if "connect" in str(error).lower():
            raise UnavailableError("the index does not answer") from error
        raise PageError(BAD_QUERY) from error
    if lost_too_many(len(state.listed), len(state.listed) - everything, config.guard_share()):
        raise UnavailableError("the index has lost what the database has")
    here = {one.id: one for one in state.listed}
    listed = [here[row["id"]] for row in found["results"] if row["id"] in here]
    more = {name: asked[name] for name in ("q", "fq", "modified_since") if name in asked}
    return _page(listed, found["count"], page, size, (address, more))


def _search(query: Mapping[str, Any]) -> dict[str, Any]:
    """With nobody's rights."""
    context = Context(user="", ignore_auth=False, auth_user_obj=None)  # type: ignore[typeddict-item]  # nobody
    return tk.get_action("package_search")(context, dict(query))


def _page(listed: Sequence[Listed], count: int, page: int, size: int, where: tuple[str, Mapping[str, str]]) -> Selection:
    address, more = where
    last = max(1, math.ceil(count / size))

    def of(number: int) -> str:
        return f"{address}?{urlencode({**more, 'page': number})}"

    paging: dict[str, str | int] = {"first": of(1), "last": of(last), "count": count, "items_per_page": size}
    if page < last:
        paging["next"] = of(page + 1)
    if page > 1:
        paging["previous"] = of(min(page - 1, last))
    return Selection(listed=listed, head=describe_page(of(page), paging))


def _number(text: str | None) -> int:
    if text is None:
        return 1
    if not (text.isascii() and text.isdigit() and 1 <= len(text) <= 9 and int(text) >= 1):  # noqa: PLR2004  # more is no page
        raise PageError(WRONG_PAGE)
    return int(text)


def _since(text: str) -> datetime:
    """An instant with or without a zone; without one it is UTC, as CKAN's own dates are."""
    try:
        # A plus sign in an address that was not encoded has become a space.
        return aware(datetime.fromisoformat(text.strip().replace(" ", "+") if "T" in text else text.strip())).astimezone(UTC)
    except ValueError:
        raise PageError(WRONG_DATE) from None
