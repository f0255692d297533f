"""People at work in a soak: agencies that publish, a reviewer, an administrator who removes, and readers of all kinds."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from stack.demo.api import Api, ApiError
from stack.faults.promises import Promise
from stack.soak.ledger import Ledger

#: Datasets that stay public: the catalogue does not grow for ever, so memory has no reason to.
KEEP = 40
#: Seconds after its instant in which a release has to be seen.
VISIBLE_WITHIN_S = 15.0
POLL_S = 0.25
#: Seconds within which a file of three rows has its table.
LOADED_WITHIN_S = 30.0
#: Share of an author's steps that change something public.
EDITIONS = 0.3
#: States of a release that came out, whatever came after.
CAME_OUT = frozenset({"released", "superseded", "withdrawn"})
WHY: Mapping[str, Any] = {"reason": "Fin de la prueba.", "legal_ground": "Prueba larga."}
FILE = ("datos.csv", b"municipio,valor\nToluca,1\nMetepec,2\nEcatepec,3\n", "text/csv")


class Person(threading.Thread):
    """Somebody who does one thing every `every_s` seconds, until told to stop. Whatever goes wrong is noted, and goes on."""

    def __init__(self, ledger: Ledger, over: threading.Event, *, seed: int, every_s: float) -> None:
        super().__init__(daemon=True, name=f"{type(self).__name__.lower()}-{seed}")
        self.ledger, self.over, self.every_s = ledger, over, every_s
        self.chance = random.Random(seed)

    def run(self) -> None:
        """Work at an even pace."""
        while not self.over.is_set():
            begun = time.monotonic()
            try:
                self.step()
            except Exception as error:  # a soak counts errors, it does not end with the first
                self.ledger.complain(f"{self.name}: {error!r}")
            self.over.wait(max(0.0, self.every_s - (time.monotonic() - begun)))

    def step(self) -> None:
        """The one thing."""
        raise NotImplementedError


class Author(Person):
    """An agency's editor and the reviewer who answers: a dataset from its registration to its release."""

    def __init__(self, ledger: Ledger, over: threading.Event, *, seed: int, every_s: float, who: Mapping[str, Any]) -> None:
        super().__init__(ledger, over, seed=seed, every_s=every_s)
        self.editor, self.reviewer, self.anyone, self.agency = who["editor"], who["reviewer"], who["anyone"], who["agency"]

    def step(self) -> None:
        """One dataset, or a new edition of one; its way differs from one to the next."""
        if (public := self.ledger.mine(self.agency)) and self.chance.random() < EDITIONS:
            self._edit(self.chance.choice(public))
            return
        way = self.chance.choice([self._straight, self._straight, self._changed_late, self._sent_back, self._moved, self._given_up])
        dataset = self.editor.call("package_create", title=f"Prueba larga {self.chance.random():.9f}", owner_org=self.agency)
        self._loaded(self.editor.call("resource_create", package_id=dataset["id"], name="Datos", file=FILE))
        self.editor.call("package_patch", id=dataset["id"], notes="Con descripción.")
        release = self.editor.call("edomex_release_submit", dataset_id=dataset["id"])
        if way(release):
            self._wait_for(Promise(dataset=dataset["id"], release=release["id"]))
        else:
            self.editor.call("package_delete", id=dataset["id"])

    def _loaded(self, resource: Mapping[str, Any]) -> None:
        """Look at the table before going on, as people do. What is deleted while it loads is an error of the loader's log."""
        deadline = time.monotonic() + LOADED_WITHIN_S
        while (job := self.editor.call("xloader_status", resource_id=resource["id"]))["status"] != "complete":
            if time.monotonic() > deadline:
                self.ledger.complain(f"the table of {resource['id']} is {job['status']} after {LOADED_WITHIN_S:.0f} s")
                return
            time.sleep(POLL_S)

    def _approve(self, release: Mapping[str, Any], in_s: float) -> None:
        at = "now" if in_s == 0 else (datetime.now(UTC) + timedelta(seconds=in_s)).isoformat()
        self.reviewer.call("edomex_release_approve", id=release["id"], release_at=at)

    def _straight(self, release: Mapping[str, Any]) -> bool:
        self._approve(release, self.chance.choice([0, 0, 1, 3]))
        return True

    def _changed_late(self, release: Mapping[str, Any]) -> bool:
        """An edit after the approval takes it back; sent and approved again."""
        self._approve(release, 600)
        self.editor.call("package_patch", id=release["dataset_id"], notes="Corregido después de la aprobación.")
        again = self.editor.call("edomex_release_submit", dataset_id=release["dataset_id"])
        self._approve(again, 2)
        return True

    def _sent_back(self, release: Mapping[str, Any]) -> bool:
        self.reviewer.call("edomex_release_request_changes", id=release["id"], note="Falta la fuente.")
        self.editor.call("package_patch", id=release["dataset_id"], notes="Con fuente.")
        self.editor.call("edomex_release_submit", dataset_id=release["dataset_id"])
        self._approve(release, 1)
        return True

    def _moved(self, release: Mapping[str, Any]) -> bool:
        self._approve(release, 600)
        at = (datetime.now(UTC) + timedelta(seconds=2)).isoformat()
        self.reviewer.call("edomex_release_reschedule", id=release["id"], release_at=at, reason="Se adelanta.")
        return True

    def _given_up(self, release: Mapping[str, Any]) -> bool:
        self._approve(release, 600)
        self.reviewer.call("edomex_release_cancel", id=release["id"], reason="Ya no se publica.")
        return False

    def _wait_for(self, promise: Promise) -> None:
        deadline = time.monotonic() + VISIBLE_WITHIN_S
        while (release := self._look(promise)) is None or release["state"] not in CAME_OUT:
            if release is None or self.ledger.is_leaving(promise.dataset):
                return
            if time.monotonic() > deadline:
                self.ledger.complain(f"release {promise.release} is {release['state']} {VISIBLE_WITHIN_S:.0f} s after its approval")
                return
            time.sleep(POLL_S)
        if not self.anyone.exists("package_show", promise.dataset) and not self.ledger.is_leaving(promise.dataset):
            self.ledger.complain(f"{promise.dataset} is released and not to be seen")
        self.ledger.came_out(promise, release["lateness_s"], agency=self.agency)

    def _look(self, promise: Promise) -> dict[str, Any] | None:
        """The release as it stands; nothing once its dataset was withdrawn and removed."""
        try:
            return self.reviewer.call("edomex_release_show", id=promise.release)
        except ApiError:
            if not self.ledger.is_leaving(promise.dataset):
                raise
            return None

    def _edit(self, dataset: str) -> None:
        """An edition with another file, released in a moment. Whoever withdraws it meanwhile ends it: that is no fault."""
        try:
            opened = self.editor.call("edomex_release_edition_open", dataset_id=dataset)
            (resource, *_) = self.editor.call("package_show", id=opened["draft_id"])["resources"]
            self._loaded(self.editor.call("resource_patch", id=resource["id"], file=(FILE[0], FILE[1] + b"Lerma,4\n", FILE[2])))
            self.editor.call("package_patch", id=opened["draft_id"], notes="Segunda edición.")
            self.editor.call("edomex_release_submit", dataset_id=opened["draft_id"])
            self._approve(opened, self.chance.choice([0, 2]))
        except ApiError:
            if not self.ledger.is_leaving(dataset):
                raise
            return
        self._wait_for(Promise(dataset=dataset, release=opened["id"]))


class Remover(Person):
    """Two managers who withdraw the oldest once there are many, look whether it is gone, and remove it."""

    def __init__(self, ledger: Ledger, over: threading.Event, *, seed: int, every_s: float, who: Mapping[str, Any]) -> None:
        super().__init__(ledger, over, seed=seed, every_s=every_s)
        self.admin, self.reviewer, self.anyone = who["admin"], who["reviewer"], who["anyone"]

    def step(self) -> None:
        """Withdraw one."""
        dataset = self.ledger.take_oldest(KEEP)
        if dataset is None:
            return
        withdrawal = self.admin.call("edomex_release_withdraw", dataset_id=dataset, **WHY)
        self.reviewer.call("edomex_release_withdraw_confirm", id=withdrawal["id"])
        if self.anyone.exists("package_show", dataset):
            self.ledger.complain(f"{dataset} was withdrawn and is still to be seen")
        if self.anyone.get(f"/dataset/{dataset}").status_code != 410:
            self.ledger.complain(f"{dataset} was withdrawn and its page does not say so")
        for release in self.admin.call("edomex_release_list", dataset_id=dataset):
            if "cancel" in release["allowed"]:
                self.admin.call("edomex_release_cancel", id=release["id"], reason="Se retiró.")
        self.admin.call("dataset_purge", id=dataset)


class Reader(Person):
    """Anybody: pages, search, files of the calendar, feed with and without a known ETag, tables."""

    def __init__(self, ledger: Ledger, over: threading.Event, *, seed: int, every_s: float, who: Mapping[str, Any]) -> None:
        super().__init__(ledger, over, seed=seed, every_s=every_s)
        self.anyone: Api = who["anyone"]
        self._etags: dict[str, str] = {}

    def step(self) -> None:
        """Read one thing."""
        self.chance.choice(self._things())()

    def _things(self) -> list[Callable[[], None]]:
        pages = ("/", "/dataset", "/dataset/?q=prueba", "/organization", "/calendario", "/calendario.json", "/calendario.ics")
        found: list[Callable[[], None]] = [lambda page=page: self._page(page) for page in pages]
        found += [lambda suffix=suffix: self._feed(f"/catalog.{suffix}") for suffix in ("ttl", "rdf", "jsonld")]
        return [*found, self._search, self._dataset, self._dataset, self._table]

    def _page(self, path: str) -> None:
        answer = self.anyone.get(path)
        if answer.status_code >= 400:
            self.ledger.complain(f"{path}: {answer.status_code}")

    def _feed(self, path: str) -> None:
        known = {"If-None-Match": self._etags[path]} if path in self._etags else {}
        answer = self.anyone.session.get(self.anyone.url + path, headers=known, timeout=60)
        if answer.status_code not in {200, 304}:
            self.ledger.complain(f"{path}: {answer.status_code}")
        self._etags[path] = answer.headers.get("ETag", "")

    def _search(self) -> None:
        self.anyone.call("package_search", q="prueba", rows=20)

    def _dataset(self) -> None:
        if not (public := self.ledger.public):
            return
        chosen = self.chance.choice(public)
        answer = self.anyone.get(f"/dataset/{chosen}")
        # Whoever is removed while we read may be gone.
        if answer.status_code >= 400 and chosen in self.ledger.public:
            self.ledger.complain(f"/dataset/{chosen}: {answer.status_code}")

    def _table(self) -> None:
        if not (public := self.ledger.public):
            return
        chosen = self.chance.choice(public)
        try:
            for resource in self.anyone.call("package_show", id=chosen)["resources"]:
                if resource.get("datastore_active"):
                    self.anyone.call("datastore_search", resource_id=resource["id"], limit=5)
        except ApiError:
            if chosen in self.ledger.public:
                raise


def crowd(ledger: Ledger, over: threading.Event, url: str, accounts: Mapping[str, str]) -> list[Person]:
    """Who is at work in a soak: about eight requests a second in all, which two cores answer with ease."""

    def who(editor: str, agency: str) -> dict[str, Any]:
        tokens = {"editor": editor, "reviewer": "reviewer_token", "admin": "sysadmin_token"}
        # A connection of its own for each: a session is not shared by threads.
        people = {role: ledger.visitor(url, accounts[token]) for role, token in tokens.items()}
        return {**people, "anyone": ledger.visitor(url), "agency": accounts[agency]}

    def one() -> dict[str, Any]:
        return who("editor_token", "agency")

    return [
        Author(ledger, over, seed=1, every_s=6, who=one()),
        Author(ledger, over, seed=2, every_s=6, who=who("other_editor_token", "other_agency")),
        Remover(ledger, over, seed=3, every_s=2, who=one()),
        *(Reader(ledger, over, seed=seed, every_s=0.5, who=one()) for seed in (4, 5)),
    ]
