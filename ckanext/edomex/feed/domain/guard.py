"""When a catalogue has lost so much that its readers, who would delete it all, had better wait for a person."""

from __future__ import annotations

#: Fewer datasets than these may always go: a small portal's few are a large share of it.
FEW = 5


def lost_too_many(before: int, unexplained: int, share: float) -> bool:
    """Whether more is missing without a recorded withdrawal than may be.

    Args:
        before: datasets that the feed last told of.
        unexplained: those of them that are not there any more, and that nobody withdrew.
        share: the largest part that may go unexplained, from 0 to 1.
    """
    return unexplained > max(FEW, share * before)
