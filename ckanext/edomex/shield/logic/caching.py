"""No copy of an answer outlives the next release, and no copy of a file is used without asking.

CKAN lets an operator have pages kept for a time (`ckan.cache_enabled`, `ckan.cache_expires`). A page that was kept over a
release goes on saying that there is nothing; a file that was kept over a withdrawal goes on being read.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from ckan.plugins import toolkit as tk
from ckan.types import Context
from flask import Response, request

#: Parts of the portal itself: they say nothing of data.
OWN = frozenset({"static", "webassets.index"})
#: Addresses of bytes: a withdrawal comes unannounced.
BYTES = re.compile(r"download|dump|version_file")
#: Releases «now» and withdrawals are in no calendar: a page waits no longer than this for them, in seconds.
UNANNOUNCED = 300
#: Where a date stands that may still be kept at any moment.
WAITING = frozenset({"upcoming", "overdue"})
#: How far back something may be due and still wait.
OVERDUE = timedelta(hours=1)


def bound(response: Response) -> Response:
    """Shorten how long an answer may be kept without asking."""
    control = response.cache_control
    kept = max(control.max_age or 0, control.s_maxage or 0)
    if kept <= 0 or control.no_store or request.endpoint in OWN:
        return response
    most = 0 if BYTES.search(request.endpoint or "") else min(kept, seconds_to_next())
    control.max_age = min(control.max_age or 0, most)
    if control.s_maxage is not None:
        control.s_maxage = min(control.s_maxage, most)
    control.must_revalidate = True
    return response


def seconds_to_next() -> int:
    """Whole seconds until the next promised instant; none at all if something is due and has not happened yet."""
    try:
        calendar = tk.get_action("edomex_calendar_list")
    except KeyError:
        return UNANNOUNCED
    now = datetime.now(UTC)
    entries = calendar(Context(user="", ignore_auth=True), {"from": (now - OVERDUE).isoformat(), "limit": 100})
    coming = [datetime.fromisoformat(each["release_at"]) for each in entries if each["status"] in WAITING]
    return max(0, min(UNANNOUNCED, int((min(coming) - now).total_seconds()))) if coming else UNANNOUNCED
