"""The canary's life, and what each person was told at each moment of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from tests.shield.asking import Asker, Told, Watch
from tests.shield.canary import Canary
from tests.shield.inventory import Inventory
from tests.shield.probes import ACTS, BYTES, Probe, every

FARTHER = timedelta(hours=3)
#: The header of an answer that sends nobody anywhere but to the log-in page.
LOGIN = re.compile(r"^Location: (https?://[^/\s]+)?/user/login(\?next=[^\s]*)?\s*$", re.MULTILINE)
#: In what is asked for, and of no dataset.
EVERYBODYS = ("/catalog", "/vocabularios", "format_autocomplete")


@dataclass
class Findings:
    """Who was told what, and which routes and actions have shown the canary to somebody who may see it."""

    #: (moment, person) → answers that held something.
    leaks: dict[tuple[str, str], list[Told]] = field(default_factory=dict)
    #: (moment, person) → answers of 500 and above.
    failures: dict[tuple[str, str], list[Told]] = field(default_factory=dict)
    #: (moment, person) → where bytes of the canary were sent, whole, in part or as «you have it already».
    served: dict[tuple[str, str], list[Told]] = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)
    proven: set[str] = field(default_factory=set)
    count: int = 0

    @property
    def void(self) -> set[str]:
        """What never showed the canary to anybody: silence that proves nothing."""
        return self.asked - self.proven


class Rounds:
    """Goes through the life once and keeps what it heard."""

    def __init__(self, canary: Canary, inventory: Inventory, known_void: Iterable[str]) -> None:
        self.canary, self.inventory, self.known_void = canary, inventory, set(known_void)
        self.findings = Findings()

    def run(self) -> Findings:
        """The whole life: hidden with a promised date that was moved, public, with an edition under way, withdrawn."""
        canary, tokens = self.canary, self.canary.people.tokens
        canary.hide()
        canary.reschedule(FARTHER)
        self.strangers("rescheduled")
        self.prove(tokens["editor"], tokens["sysadmin"], again=False)
        canary.be_released()
        self.prove(None, again=False)
        canary.open_edition()
        self.strangers("edition")
        self.prove(tokens["editor"])
        canary.withdraw()
        self.strangers("withdrawn")
        self.prove(tokens["editor"], tokens["sysadmin"])
        return self.findings

    def strangers(self, moment: str) -> None:
        """Ask everything as those who must learn nothing."""
        probes = every(self.inventory, self.canary.values)
        self.findings.asked |= {probe.owner for probe in probes}
        for person, token in {"anonymous": None, "other agency": self.canary.people.tokens["other"]}.items():
            told = self.ask(token, probes)
            self.findings.leaks[moment, person] = [each for each in told if each.words]
            given = [each for each in told if each.status < 400 and not is_asked_who(each)]
            self.findings.served[moment, person] = [each for each in given if is_of_bytes(each.probe)]
            self.findings.failures[moment, person] = [each for each in told if each.status >= 500]

    def prove(self, *tokens: str | None, again: bool = True) -> None:
        """Ask what has not shown the canary yet, as somebody who may see it; what is known to be void only the first time."""
        for token in tokens:
            done = self.findings.proven | ACTS | (self.known_void if again else set())
            probes = [probe for probe in every(self.inventory, self.canary.values) if probe.owner not in done]
            told = self.ask(token, probes)
            self.findings.proven |= {each.probe.owner for each in told if each.words and each.status < 400}

    def ask(self, token: str | None, probes: Sequence[Probe]) -> list[Told]:
        """The answers of one person's questions."""
        self.findings.count += len(probes)
        return Asker(self.canary.people.url, token).ask(probes, Watch(self.canary.words, self.canary.secret_ids))


def is_of_bytes(probe: Probe) -> bool:
    """Whether it asks for a file or a table of the canary's; the whole catalogue and the vocabularies are everybody's."""
    return bool(BYTES.search(probe.owner)) and not any(word in probe.owner for word in EVERYBODYS)


def is_asked_who(told: Told) -> bool:
    """Whether the answer is the way to the log-in page, and no byte of anything."""
    return told.status in {302, 303} and bool(LOGIN.search(told.content))


def lines(told: Iterable[Told], most: int = 12) -> str:
    """Answers for a message of failure."""
    found = [str(each)[:400] for each in told]
    return "\n".join([*found[:most], f"… {len(found) - most} more" if len(found) > most else ""])
