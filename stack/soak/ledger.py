"""What happened during a soak: requests, releases, and everything that should not have been."""

from __future__ import annotations

import threading
from collections import Counter
from typing import Any

import requests

from stack.demo.api import Api
from stack.faults.promises import Promise

#: Complaints that are kept; more would say nothing new.
KEPT = 50


class Ledger:
    """Counts and complaints of all threads, and the datasets that are public at this moment."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.statuses: Counter[int] = Counter()
        self.complaints: list[str] = []
        #: Every release that came out.
        self.released: list[Promise] = []
        #: Seconds between promise and commit of each.
        self.lateness: list[float] = []
        self._public: list[str] = []
        self._left: set[str] = set()
        #: Dataset → agency.
        self._owners: dict[str, str] = {}

    def visitor(self, url: str, token: str | None = None) -> Api:
        """A visitor whose requests are counted here."""
        visitor = Api(url, token)
        visitor.session.hooks["response"].append(self._count)
        return visitor

    def _count(self, response: requests.Response, **_: Any) -> None:
        with self._lock:
            self.statuses[response.status_code] += 1
        if response.status_code >= 500:
            self.complain(f"{response.request.method} {response.request.path_url}: {response.status_code}")

    def complain(self, text: str) -> None:
        """Note something that should not have been."""
        with self._lock:
            if len(self.complaints) < KEPT:
                self.complaints.append(text)

    def came_out(self, promise: Promise, late: float, *, agency: str) -> None:
        """Note a release, and that its dataset may be read by anybody."""
        with self._lock:
            self.released.append(promise)
            self.lateness.append(late)
            self._owners[promise.dataset] = agency
            if promise.dataset not in self._left and promise.dataset not in self._public:
                self._public.append(promise.dataset)

    def mine(self, agency: str) -> list[str]:
        """An agency's datasets that anybody may read and that are not the next to go."""
        with self._lock:
            return [each for each in self._public[5:] if self._owners[each] == agency]

    def is_leaving(self, dataset: str) -> bool:
        """Whether somebody is withdrawing it, or has."""
        with self._lock:
            return dataset in self._left

    @property
    def public(self) -> list[str]:
        """Ids of the datasets that anybody may read, oldest first."""
        with self._lock:
            return list(self._public)

    def take_oldest(self, keep: int) -> str | None:
        """The oldest public dataset once there are more than `keep`; readers are not sent to it any more."""
        with self._lock:
            if len(self._public) <= keep:
                return None
            self._left.add(self._public[0])
            return self._public.pop(0)

    @property
    def requests(self) -> int:
        """How many requests were answered."""
        return self.statuses.total()
