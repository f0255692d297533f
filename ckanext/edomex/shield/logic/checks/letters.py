"""How the letters to people are doing, from the notices room's own figures."""

from __future__ import annotations

from collections.abc import Iterator

import ckan.plugins as p

from ckanext.edomex.adapters.callers import call_as_site
from ckanext.edomex.shield.domain.findings import Finding


def look() -> Iterator[Finding]:
    """Letters that the mail server does not take, and those that were given up. Whether it answers is asked by `send-test`."""
    if not p.plugin_loaded("edomex_notices"):
        return
    status = call_as_site("edomex_notice_status")
    if "letters_old" in status["alarms"]:
        yield Finding(code="letters_old", seen=f"{status['waiting']}; {status['oldest_s']:.0f} s")
    if "letters_dead" in status["alarms"]:
        yield Finding(code="letters_dead", seen=str(status["dead"]))
