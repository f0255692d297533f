"""How long a letter waits after it was not taken, and when it is given up."""

from __future__ import annotations

from datetime import datetime, timedelta

#: A letter that was not taken for so long is no use any more, and somebody has to look.
GIVE_UP = timedelta(days=3)
#: A letter that waits for so long waits for a server.
OLD_S = 900.0
FIRST_WAIT_S, LONGEST_WAIT_S = 60.0, 3600.0


def wait_s(attempts: int) -> float:
    """Seconds after so many refusals: one minute, two, four … an hour at most."""
    return min(FIRST_WAIT_S * 2 ** min(attempts, 10), LONGEST_WAIT_S)


def is_over(created_at: datetime, now: datetime) -> bool:
    """Whether it is time to give up."""
    return now - created_at >= GIVE_UP


def alarms(*, oldest_s: float, dead: int) -> list[str]:
    """Names of what somebody has to look at; each has its row in docs/operations.md."""
    raised = {"letters_dead": dead > 0, "letters_old": oldest_s > OLD_S}
    return [name for name, is_raised in raised.items() if is_raised]
