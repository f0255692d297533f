"""The main job, told and checked step by step, each as the visitor whom it concerns."""

from __future__ import annotations

import signal
import subprocess
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
from stack.places import VENV
from stack.programs import environment
from stack.running import Running, running
from stack.sites import SITES, ini_path, url

#: From approval to release: enough to show that nothing is seen before.
NOTICE = timedelta(seconds=8)
POLL_S = 0.05
VISIBLE_WITHIN_S = 30
FEDERAL_WITHIN_S = 180
SOURCE = "portal-estatal"


class StepFailedError(Exception):
    """A step did not show what it had to; `step` is its name."""

    def __init__(self, step: str, message: str) -> None:
        super().__init__(message)
        self.step = step


def show(directory: Path, *, once: bool) -> int:
    """Set up, tell the story, and stay up unless `once`; the last line is the contract's."""
    begun = time.monotonic()
    step = "setup"
    try:
        with running(directory, ["portal", "federal"]) as here:
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
        self.stack, self.federal_ini = here.stack, ini_path(here.stack, SITES["federal"])
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
        return lag, (datetime.now(UTC) - at).total_seconds()

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
            withdrawal = self.admin.call(
                "edomex_release_withdraw", dataset_id=old["id"], reason="Fin de la demostración", legal_ground="Demostración"
            )
            self.reviewer.call("edomex_release_withdraw_confirm", id=withdrawal["id"])
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
        """The federal portal, a stock CKAN, harvests our feed and has it, files' addresses included."""
        say("El portal federal cosecha nuestro catálogo DCAT…")
        if not self.federal.exists("organization_show", "estado-de-mexico"):
            self.federal.call("organization_create", name="estado-de-mexico", title="Estado de México")
        address = f"{self.anyone.url}/catalog.ttl"
        sources = {source["url"]: source["id"] for source in self.federal.call("harvest_source_list")}
        source = sources.get(address) or self.federal.call(
            "harvest_source_create", name=SOURCE, title="Portal estatal", url=address,
            source_type="dcat_rdf", frequency="MANUAL", owner_org="estado-de-mexico",
        )["id"]  # fmt: skip
        until(lambda: self.start_job(source), FEDERAL_WITHIN_S, "federal", "no se pudo empezar la cosecha")
        until(self.federal_has_it, FEDERAL_WITHIN_S, "federal", "el portal federal no lo recibió")
        say("El portal federal ya lo tiene.")

    def start_job(self, source: str) -> bool:
        """Start a harvest; where the last one is not closed yet, do what the federal operator's cron does, and say no.

        `harvester run` closes finished jobs. ckanext-harvest 1.6.3 on CKAN 2.12 then leaves the source in the index
        without its type, and the next job fails, so it is indexed again. Our own portal mends that
        (ckanext.edomex.federation); the federal one stays the stock CKAN that it plays.
        """
        try:
            self.federal.call("harvest_job_create", source_id=source, run=True)
        except ApiError as error:
            if error.status != 500:
                raise
        else:
            return True
        for command in (["harvester", "run"], ["search-index", "rebuild", source]):
            ckan = [str(VENV / "bin" / "ckan"), "--config", str(self.federal_ini), *command]
            done = subprocess.run(ckan, capture_output=True, text=True, env=environment(self.stack))
            need(done.returncode == 0, "federal", f"falló ckan {command[0]}: {done.stderr[-300:]}")
        return False

    def federal_has_it(self) -> bool:
        """Whether anybody finds it there, with as many resources as here."""
        found = self.federal_anyone.call("package_search", q=f'title:"{self.dataset.title}"')["results"]
        return any(row["title"] == self.dataset.title and len(row["resources"]) == len(self.dataset.resources) for row in found)


def directions(here: Running) -> None:
    """Where to look and whom to be."""
    portal, federal = url(here.stack, SITES["portal"]), url(here.stack, SITES["federal"])
    say(f"\nPortal: {portal}   Calendario: {portal}/calendario   Autoservicio: {portal}/autoservicio")
    say(f"Catálogo DCAT: {portal}/catalog.ttl   Portal federal (simulado): {federal}")
    for login, who in (("enlace", "editora"), ("revisor", "revisor"), ("admin", "administradora")):
        say(f"  {who:15} {login:10} contraseña {here.stack.secret(f'password.{login}')}")
    say("  revisor y admin registran un segundo factor (una aplicación de códigos) la primera vez que entran.")


def need(condition: bool, step: str, message: str) -> None:  # noqa: FBT001  # reads as the sentence it checks
    """Fail the step unless the condition holds."""
    if not condition:
        raise StepFailedError(step, message)


def until(condition: Callable[[], bool], seconds: float, step: str, message: str) -> None:
    """Fail the step unless the condition comes to hold within the time."""
    deadline = time.monotonic() + seconds
    while not condition():
        need(time.monotonic() < deadline, step, f"{message} en {seconds:.0f} s")
        time.sleep(0.25)


def say(text: str) -> None:
    """Tell whoever watches."""
    print(text, flush=True)
