"""How long a target rests after a trouble, and the copy that met it; how often what is settled is looked at."""

from __future__ import annotations

from ckanext.edomex.outbound.domain.answers import Trouble

#: Seconds of the first rest of a target, and of a copy, doubled up to the longest: the circuit breaker.
FIRST_REST_S, LONGEST_REST_S = 10.0, 900.0
#: A target that asks for a person is tried so often, in case that the person did without telling us.
PERSON_REST_S = 3_600.0
#: After so many troubles in a row, of a target or of a copy, somebody is told.
ALARM_AFTER = 5
#: Seconds until something settled is compared again: what is private there may become public any day, by their hand.
LOOK_AGAIN_PRIVATE_S, LOOK_AGAIN_S = 3_600.0, 86_400.0


def rest_s(trouble: Trouble, failures: int, asked_s: float | None = None) -> float:
    """Seconds that a target rests after so many failures in a row, this one included."""
    if trouble.needs_person:
        return PERSON_REST_S
    return copy_rest_s(failures) if asked_s is None else max(asked_s, 1.0)


def copy_rest_s(attempts: int) -> float:
    """Seconds until a copy that met trouble so often is tried again, so that another is tried meanwhile: it may be its own."""
    return min(FIRST_REST_S * 2.0 ** min(attempts - 1, 10), LONGEST_REST_S)


def is_alarm(trouble: Trouble, failures: int) -> bool:
    """Whether a person has to know: not for what mends itself."""
    return trouble.needs_person or failures >= ALARM_AFTER
