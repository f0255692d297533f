"""The main job, told and checked step by step, each as the visitor whom it concerns."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from stack.demo.api import Api, ApiError
from stack.demo.catalogue import one_more
from stack.demo.load import load_portal, register
from stack.demo.mirror import MANY, BadSource, FederalSide, edition, lag_of, withdrawal
from stack.demo.municipality import Municipality
from stack.demo.steps import StepFailedError, need, say, until
from stack.running import Running, running
from stack.sites import SITES, ini_path, url

#: From approval to release: enough to show that nothing is seen before.
NOTICE = timedelta(seconds=8)
POLL_S = 0.05
VISIBLE_WITHIN_S = 30
SOURCE = "portal-estatal"


def show(directory: Path, *, once: bool) -> int:
    """Set up, tell the story, and stay up unless `once`; the last line is the contract's."""
    begun = time.monotonic()
    step = "setup"
    try:
        with running(directory, ["portal", "federal", "municipio"]) as here:
            say("Cargo el catálogo de demostración: 10 dependencias, 22 temas, 43 conjuntos con sus archivos…")
            step = "catalogue"
            load_portal(here)
            setup_s = time.monotonic() - begun
            step = "story"
            lag, federal = Story(here).tell()
            directions(here)
            print(f"DEMO ok release_lag_s={lag:.3f} federal_seen_s={federal:.3f} setup_s={setup_s:.1f}", flush=True)
            if not once:
                say("Ctrl-C lo detiene todo; los datos quedan para la próxima vez.")
                signal.pause()
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        print(f"edomex: {error}", file=sys.stderr)
        print(f"DEMO failed step={getattr(error, 'step', step)}", flush=True)
        return 1
    return 0


class Story:
    """One dataset from its registration to the federal portal."""

    def __init__(self, here: Running) -> None:
        accounts, base = here.stack.accounts["portal"], url(here.stack, SITES["portal"])
        self.editor, self.reviewer = Api(base, accounts["editor_token"]), Api(base, accounts["reviewer_token"])
        self.admin, self.other = Api(base, accounts["sysadmin_token"]), Api(base, accounts["other_editor_token"])
        self.anyone = Api(base)
        federal = url(here.stack, SITES["federal"])
        self.federal = Api(federal, here.stack.accounts["federal"]["sysadmin_token"])
        self.federal_anyone = Api(federal)
        self.source = ""
        self.side = FederalSide(self.federal, ini_path(here.stack, SITES["federal"]), here.stack)
        self.municipality = Municipality(here, self.admin, self.reviewer)
        self.dataset = one_more()
        self.id = ""

    def tell(self) -> tuple[float, float]:
        """All of it; returns the seconds from the promised instant to visibility, here and on the federal portal."""
        self.step("register", self.register)
        release = self.step("submit", lambda: self.editor.call("edomex_release_submit", dataset_id=self.id))
        self.step("four_eyes", lambda: self.refuse_the_submitter(release["id"]))
        self.step("hidden", self.check_hidden)
        at = datetime.now(UTC) + NOTICE
        watch = threading.Thread(target=self.watch, args=(at,), daemon=True)
        self.seen: datetime | None = None
        approve = {"id": release["id"], "release_at": at.isoformat()}
        self.step("approve", lambda: self.reviewer.call("edomex_release_approve", **approve))
        say(f"Aprobado para las {at.astimezone():%H:%M:%S}. Nadie toca nada; un visitante pregunta cada 50 ms…")
        watch.start()
        self.step("calendar", self.check_calendar)
        watch.join()
        lag = self.step("release", lambda: self.check_released(at))
        self.step("public", self.check_public)
        self.step("federal", self.harvest)
        federal = (datetime.now(UTC) - at).total_seconds()
        self.step("edition", self.change)
        self.step("municipality", self.hear_of_a_municipality)
        self.step("poisoned", self.meet_a_bad_source)
        self.step("withdrawal", self.take_back)
        return lag, federal

    def step(self, name: str, work: Callable[[], Any]) -> Any:
        """Do one step; whatever goes wrong in it carries its name."""
        try:
            return work()
        except StepFailedError:
            raise
        except Exception as error:
            raise StepFailedError(name, f"{name}: {error}") from error

    def register(self) -> None:
        """An editor registers a dataset with real files; what an earlier demonstration left goes first."""
        for old in self.admin.call("package_search", q=f'title:"{self.dataset.title}"', include_private=True)["results"]:
            if old["title"] == self.dataset.title:
                self.clear_away(old)
        say(f"Una editora de {self.dataset.organization} registra «{self.dataset.title}» con sus archivos…")
        self.id = register(self.editor, self.dataset)

    def clear_away(self, old: dict[str, Any]) -> None:
        """Take an earlier demonstration's dataset out as anybody would have to: what is public is withdrawn by two people."""
        if not old["private"]:
            withdrawal(self.admin, self.reviewer, old["id"])
        for release in self.admin.call("edomex_release_list", dataset_id=old["id"]):
            if "cancel" in release["allowed"]:
                self.admin.call("edomex_release_cancel", id=release["id"], reason="Fin de la demostración")
        self.admin.call("dataset_purge", id=old["id"])

    def refuse_the_submitter(self, release_id: str) -> None:
        """Nobody approves what they sent, and no editor approves at all."""
        for who in (self.editor, self.other):
            try:
                who.call("edomex_release_approve", id=release_id, release_at="now")
            except ApiError as error:
                need(error.status in {403, 404}, "four_eyes", f"respuesta inesperada: {error}")
            else:
                raise StepFailedError("four_eyes", "una editora pudo aprobar")

    def check_hidden(self) -> None:
        """Neither a visitor nor another agency finds it: page, API, search, file, feed."""
        resource = self.editor.call("package_show", id=self.id)["resources"][0]
        for who in (self.anyone, self.other):
            need(not who.exists("package_show", self.id), "hidden", "package_show lo muestra antes de tiempo")
            need(who.get(f"/dataset/{self.id}").status_code == 404, "hidden", "su página se abre antes de tiempo")
            need(who.get(resource["url"]).status_code in {403, 404}, "hidden", "su archivo se descarga antes de tiempo")
            need(not self.found(who), "hidden", "la búsqueda lo encuentra antes de tiempo")
        need(self.id not in self.anyone.get("/catalog.ttl").text, "hidden", "el catálogo DCAT lo nombra antes de tiempo")

    def check_calendar(self) -> None:
        """The calendar tells that something comes, and not what."""
        page = self.anyone.get("/calendario")
        need(page.status_code == 200, "calendar", f"/calendario respondió {page.status_code}")
        need(self.dataset.title not in page.text, "calendar", "el calendario nombra el conjunto sin que se haya pedido")

    def watch(self, at: datetime) -> None:
        """Ask as anybody, every 50 ms, until it is there."""
        deadline = at + timedelta(seconds=VISIBLE_WITHIN_S)
        while self.seen is None and datetime.now(UTC) < deadline:
            asked = datetime.now(UTC)
            if self.anyone.exists("package_show", self.id):
                # Early if it was there when we asked, late by when the answer was here.
                self.seen = asked if asked < at else datetime.now(UTC)
            time.sleep(POLL_S)

    def check_released(self, at: datetime) -> float:
        """Seen after the instant, and how long after."""
        if self.seen is None:
            raise StepFailedError("release", f"no se publicó en {VISIBLE_WITHIN_S} s")
        lag = (self.seen - at).total_seconds()
        need(lag >= 0, "release", f"se vio {-lag:.3f} s antes de su hora")
        say(f"Público {lag:.3f} s después de la hora prometida.")
        return lag

    def check_public(self) -> None:
        """Page, search, file and feed have it, for anybody."""
        resource = self.anyone.call("package_show", id=self.id)["resources"][0]
        need(self.anyone.get(f"/dataset/{self.id}").status_code in {200, 302}, "public", "su página no abre")
        same = self.anyone.get(resource["url"]).content == self.dataset.resources[0].content()
        need(same, "public", "el archivo no es el que se subió")
        until(lambda: self.found(self.anyone), VISIBLE_WITHIN_S, "public", "la búsqueda no lo encuentra")
        need(self.id in self.anyone.get("/catalog.ttl").text, "public", "el catálogo DCAT no lo trae")

    def found(self, who: Api) -> bool:
        """Whether a search finds it."""
        results = who.call("package_search", q=f'title:"{self.dataset.title}"')["results"]
        return any(row["id"] == self.id for row in results)

    def harvest(self) -> None:
        """The federal portal, a stock CKAN with our harvester, reads our catalogue and has it, files' addresses included."""
        say("El portal federal cosecha nuestro catálogo DCAT…")
        if not self.federal.exists("organization_show", "estado-de-mexico"):
            self.federal.call("organization_create", name="estado-de-mexico", title="Estado de México")
        self.source = self.side.source_of(f"{self.anyone.url}/catalog.ttl", SOURCE, "Portal estatal")
        self.side.harvest_until(self.source, "federal", self.federal_has_it, "el portal federal no lo recibió")
        say("El portal federal ya lo tiene.")

    def change(self) -> None:
        """An edition reaches the federal portal with the next harvest, in the dataset's place there."""
        notes = f"{self.dataset.notes}\n\nCorregido en la demostración."
        lag = lag_of(lambda: self._change(notes))
        say(f"Una edición: el portal federal la muestra {lag:.1f} s después.")

    def _change(self, notes: str) -> None:
        edition(self.editor, self.reviewer, self.id, notes)
        until(lambda: self.anyone.call("package_show", id=self.id)["notes"] == notes, VISIBLE_WITHIN_S, "edition", "no se publicó")
        self.side.harvest_until(self.source, "edition", self.federal_has_the_edition, "no llegó al portal federal")

    def federal_has_the_edition(self) -> bool:
        """Whether anybody finds its words there."""
        return any("Corregido en la demostración" in row["notes"] for row in self.federal_copies())

    def take_back(self) -> None:
        """A withdrawal hides it here at once, and there with the next harvest."""
        lag = lag_of(self._take_back)
        say(f"Un retiro: el portal federal deja de mostrarlo {lag:.1f} s después.")

    def _take_back(self) -> None:
        withdrawal(self.admin, self.reviewer, self.id)
        need(not self.anyone.exists("package_show", self.id), "withdrawal", "sigue siendo público aquí")
        self.side.harvest_until(self.source, "withdrawal", lambda: not self.federal_copies(), "sigue en el portal federal")

    def hear_of_a_municipality(self) -> None:
        """What a municipality publishes on its own portal is public here too, from a source that somebody saw and approved."""
        stamp = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S}"
        self.municipality.publish(self.dataset, stamp)
        lag = lag_of(lambda: self.municipality.reach_the_state(stamp))
        say(f"Un municipio publica en su portal: el estatal lo muestra {lag:.1f} s después.")

    def meet_a_bad_source(self) -> None:
        """A source that answers with nothing, and then with a log-in page, takes nothing away."""
        bad = BadSource()
        with bad.serving():
            source = self.side.source_of(bad.url, "otra-fuente", "Otra fuente")
            try:
                self.side.harvest_until(source, "poisoned", lambda: self.from_elsewhere() >= MANY, "la otra fuente no llegó")
                for empty in (True, False):
                    bad.go_bad(empty=empty)
                    self.side.harvest_whole(source, "poisoned")
                need(self.from_elsewhere() >= MANY, "poisoned", "una fuente dañada borró conjuntos")
            finally:
                self.side.forget(source)
        say(f"Una fuente que se daña: sus {MANY} conjuntos siguen ahí.")

    def from_elsewhere(self) -> int:
        """Datasets of the other source at the federal portal."""
        return self.federal_anyone.call("package_search", q='title:"de otra fuente"', rows=0)["count"]

    def federal_copies(self) -> list[dict[str, Any]]:
        """The dataset as anybody finds it there."""
        found = self.federal_anyone.call("package_search", q=f'title:"{self.dataset.title}"')["results"]
        return [row for row in found if row["title"] == self.dataset.title]

    def federal_has_it(self) -> bool:
        """Whether anybody finds it there, with as many resources as here."""
        return any(len(row["resources"]) == len(self.dataset.resources) for row in self.federal_copies())


def directions(here: Running) -> None:
    """Where to look and whom to be."""
    portal, federal, municipality = (url(here.stack, SITES[name]) for name in ("portal", "federal", "municipio"))
    say(f"\nPortal: {portal}   Calendario: {portal}/calendario   Autoservicio: {portal}/autoservicio")
    say(f"Catálogo DCAT: {portal}/catalog.ttl   Portal federal (simulado): {federal}   De un municipio: {municipality}")
    for login, who in (("enlace", "editora"), ("revisor", "revisor"), ("admin", "administradora")):
        say(f"  {who:15} {login:10} contraseña {here.stack.secret(f'password.{login}')}")
    say("  revisor y admin registran un segundo factor (una aplicación de códigos) la primera vez que entran.")
