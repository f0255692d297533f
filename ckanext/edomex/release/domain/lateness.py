"""How late releases were, in figures; and which figures are alarms. Each alarm has its row in docs/operations.md."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

#: Upper bounds of the histogram, in seconds: from what nobody notices to what everybody does.
BUCKETS = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 3600.0)
#: An entry that has waited so long is no hiccup, in seconds.
OUTBOX_OLD_S = 300.0


def summary(late: Sequence[float]) -> dict[str, Any]:
    """Count, sum, percentiles and histogram of lateness in seconds."""
    ordered = sorted(late)
    return {
        "count": len(ordered),
        "sum": math.fsum(ordered),
        "p50": percentile(ordered, 50),
        "p99": percentile(ordered, 99),
        "max": ordered[-1] if ordered else None,
        "buckets": {f"{bound:g}": sum(1 for each in ordered if each <= bound) for bound in BUCKETS},
    }


def percentile(ordered: Sequence[float], rank: int) -> float | None:
    """The smallest value that at least `rank` per cent do not exceed (nearest rank); None of nothing."""
    return ordered[max(math.ceil(len(ordered) * rank / 100), 1) - 1] if ordered else None


def alarms(status: Mapping[str, Any], *, late_after_s: float) -> list[str]:
    """Names of what somebody has to look at now, the gravest first."""
    outbox = status["outbox"]
    checks = status["checks"]
    found = {
        "no_loop": status["loops"]["alive"] == 0,
        "overdue": status["overdue"]["oldest_s"] > late_after_s,
        "file_missing": any(each["missing"] for each in checks),
        "outbox_dead": any(each["dead"] for each in outbox),
        "outbox_old": any(each["oldest"] > OUTBOX_OLD_S for each in outbox),
        "problems_ahead": status["problems"] > 0,
        "failed": status["states"].get("failed", 0) > 0,
    }
    return [name for name, raised in found.items() if raised]
