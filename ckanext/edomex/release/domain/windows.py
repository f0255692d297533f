"""When nothing should go out, and when an agency usually publishes: blackout windows and slots.

By default nothing is held: data are not propaganda. A window warns, and then a person confirms, or it holds, and then no
date is set within it. It never moves a date that was promised before: only a person does, with a reason
(docs/adr/0018-windows-move-no-promise.md).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import count, takewhile

from ckanext.edomex.domain.clock import local, spoken
from ckanext.edomex.release.domain.errors import FieldError
from ckanext.edomex.release.domain.schedule import FIELD, local_instant

#: Name of the parameter by which a person says that they saw the warning.
CONFIRM = "confirm"
#: A slot so near is none: whoever approves needs a moment to take it back.
LEAST_NOTICE = timedelta(hours=1)
#: How far a slot is looked for, in days.
HORIZON_DAYS = 366
MINUTE = timedelta(minutes=1)


class Effect(StrEnum):
    """What a window does to a date within it."""

    WARN = "warn"
    HOLD = "hold"


EFFECT_NAMES = {Effect.WARN: "avisa", Effect.HOLD: "detiene"}


@dataclass(frozen=True, kw_only=True)
class Window:
    """A period, its end not included, for everybody or for one agency."""

    effect: Effect
    reason: str
    starts_at: datetime
    ends_at: datetime

    def covers(self, instant: datetime) -> bool:
        """Whether an instant lies within it."""
        return self.starts_at <= instant < self.ends_at


@dataclass(frozen=True, kw_only=True)
class Habit:
    """When an agency publishes: a time of the day, and weekdays as ISO has them (1 is Monday)."""

    time: time
    weekdays: frozenset[int]


class HeldError(FieldError):
    """The date lies in a window that holds; the message says until when, why, and the next minute that is free."""

    def __init__(self, message: str, next_allowed: datetime) -> None:
        super().__init__(FIELD, message)
        self.next_allowed = next_allowed


class WarnedError(FieldError):
    """The date lies in a window that warns, and nobody confirmed that they know."""

    def __init__(self, message: str) -> None:
        super().__init__(CONFIRM, message)


def next_allowed(instant: datetime, windows: Iterable[Window]) -> datetime:
    """The first whole minute from an instant on at which nothing is held; the instant itself if it is free."""
    holding = [window for window in windows if window.effect == Effect.HOLD]
    while over := [window.ends_at for window in holding if window.covers(instant)]:
        instant = _whole_minute(max(over))
    return instant


def check(instant: datetime, windows: Sequence[Window], *, confirmed: bool) -> None:
    """Let a date pass, or say why not.

    Raises:
        HeldError: a window holds it.
        WarnedError: a window warns, and that was not confirmed.
    """
    met = [window for window in windows if window.covers(instant)]
    held = next((window for window in met if window.effect == Effect.HOLD), None)
    if held is not None:
        free = next_allowed(instant, windows)
        text = f"No se publica entre el {spoken(held.starts_at)} y el {spoken(held.ends_at)}: {held.reason}"
        raise HeldError(f"{text.rstrip('.')}. El siguiente momento permitido es el {spoken(free)}.", free)
    warned = next((window for window in met if window.effect == Effect.WARN), None)
    if warned is not None and not confirmed:
        text = f"Esa fecha está en un periodo con aviso, hasta el {spoken(warned.ends_at)}: {warned.reason}"
        raise WarnedError(f"{text.rstrip('.')}. Confirme que lo sabe, o elija otra fecha.")


def next_slot(
    now: datetime, habit: Habit, windows: Sequence[Window], holiday: Callable[[date], str | None]
) -> datetime | None:
    """The next usual moment of an agency that is no holiday and in no window; none within a year where there is none."""
    today = local(now).date()
    for day in takewhile(lambda day: (day - today).days <= HORIZON_DAYS, (today + timedelta(days=number) for number in count())):
        if day.isoweekday() not in habit.weekdays or holiday(day):
            continue
        try:
            slot = local_instant(datetime.combine(day, habit.time))
        except FieldError:
            # Clocks skip that time on that day.
            continue
        if slot >= now + LEAST_NOTICE and not any(window.covers(slot) for window in windows):
            return slot
    return None


def _whole_minute(instant: datetime) -> datetime:
    floor = instant.replace(second=0, microsecond=0)
    return floor if floor == instant else floor + MINUTE
