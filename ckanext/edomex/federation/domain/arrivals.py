"""What a trusted source may release without anybody's word: nothing that people took back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


def is_left_to_people(ended: Iterable[Mapping[str, Any]]) -> bool:
    """Whether a dataset's last decided release is people's no, which only their own next release takes back.

    Args:
        ended: those of its releases that are released or cancelled, as `edomex_release_list` gives them.
    """
    # That a withdrawal was cancelled says nothing against the dataset.
    decided = [each for each in ended if (each["kind"], each["state"]) != ("withdrawal", "cancelled")]
    last = max(decided, key=lambda each: each["created_at"], default=None)
    return last is not None and (last["kind"] == "withdrawal" or last["state"] == "cancelled")
