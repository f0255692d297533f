"""Ask a portal over HTTP, several questions at a time, and say of each answer what it told of the canary."""

from __future__ import annotations

import html
import json
import re
import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import unquote

import requests
from requests.adapters import HTTPAdapter

from tests.shield.probes import Probe

#: As many as the portal's workers answer at a time.
THREADS = 4
TIMEOUT_S = 60


@dataclass(frozen=True)
class Told:
    """An answer, and what of the canary stands in it besides what was asked."""

    probe: Probe
    status: int
    words: tuple[str, ...]
    content: str

    def __str__(self) -> str:
        return f"{self.status} {self.probe} → {', '.join(self.words)}"


class Asker:
    """One person who asks one portal."""

    def __init__(self, url: str, token: str | None = None) -> None:
        self.url, self.token = url, token
        self.local = threading.local()

    def session(self) -> requests.Session:
        """A connection of this thread's, kept open; it forgets every cookie, so that no answer depends on an earlier one."""
        if not hasattr(self.local, "session"):
            session = requests.Session()
            session.trust_env = False
            session.mount("http://", HTTPAdapter(pool_maxsize=1))
            if self.token:
                session.headers["Authorization"] = self.token
            self.local.session = session
        self.local.session.cookies.clear()
        return self.local.session

    def send(self, probe: Probe) -> requests.Response:
        """Ask one question; redirects are answers of their own."""
        return self.session().request(
            probe.method, self.url + probe.path, json=probe.body, headers=probe.headers, timeout=TIMEOUT_S, allow_redirects=False
        )

    def ask(self, probes: Iterable[Probe], watch: Watch) -> list[Told]:
        """Ask all of them; what the answers hold is looked at at once, and they are let go."""
        with ThreadPoolExecutor(THREADS) as pool:
            return list(pool.map(lambda probe: watch.read(probe, self.send(probe)), probes))

    def answers(self, probes: Iterable[Probe]) -> list[requests.Response]:
        """Ask all of them and keep the answers."""
        with ThreadPoolExecutor(THREADS) as pool:
            return list(pool.map(self.send, probes))


class Watch:
    """What must not be seen: marks that begin the canary's words, and ids."""

    def __init__(self, marks: Iterable[str], ids: Iterable[str]) -> None:
        self.pattern = re.compile("|".join([*(f"{mark}[a-z]{{3,}}" for mark in marks), *map(re.escape, sorted(ids))]), re.IGNORECASE)

    def read(self, probe: Probe, answer: requests.Response) -> Told:
        """What the answer tells besides what it was asked: an echo is no news."""
        headers = "\n".join(f"{name}: {value}" for name, value in answer.headers.items())
        content = readable(f"{headers}\n\n{answer.text}")
        echo = {word.lower() for word in self.pattern.findall(readable(f"{probe.path} {json.dumps(probe.body)} {probe.headers}"))}
        found = {word for word in self.pattern.findall(content) if word.lower() not in echo}
        return Told(probe, answer.status_code, tuple(sorted(found)), content)


def readable(text: str) -> str:
    """Text with the escapes of addresses and of HTML undone, so that a word is found however it is written."""
    return html.unescape(unquote(text))
