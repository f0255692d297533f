"""How the sealed log is doing, from the audit room's own figures."""

from __future__ import annotations

from collections.abc import Iterator

import ckan.plugins as p

from ckanext.edomex.adapters.callers import call_as_site
from ckanext.edomex.shield.domain.findings import Finding


def look() -> Iterator[Finding]:
    """What waits for its seal, and what the last verification found. A walk along the chain is `ckan edomex audit verify`."""
    if not p.plugin_loaded("edomex_audit"):
        return
    status = call_as_site("edomex_audit_status")
    if "broken" in status["alarms"]:
        yield Finding(code="audit_broken", seen=f"{status['faults']}; {status['verified_at']}")
    if "unsealed" in status["alarms"]:
        yield Finding(code="audit_unsealed", seen=f"{status['unsealed']}; {status['oldest_s']:.0f} s")
