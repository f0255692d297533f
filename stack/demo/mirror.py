"""What follows at the federal portal: an edition, a withdrawal, and a source that goes bad, each told with its lag."""

from __future__ import annotations

import http.server
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from stack.demo.api import Api, ApiError
from stack.demo.steps import need, until
from stack.places import VENV, Stack
from stack.programs import environment

TURTLE = "text/turtle; charset=utf-8"
#: Seconds that a harvest may take.
FEDERAL_WITHIN_S = 180
#: Type of the federal portal's sources: our harvester, which the federal side may load by itself.
KIND = "edomex_dcat"
#: Datasets of the source that goes bad.
MANY = 12
LOGIN = b"<!doctype html><title>Iniciar sesi\xc3\xb3n</title><form><input name='user'></form>"


def edition(editor: Api, reviewer: Api, dataset_id: str, notes: str) -> None:
    """Change a public dataset as anybody has to: by an edition, reviewed and released at once."""
    draft = editor.call("edomex_release_edition_open", dataset_id=dataset_id)["draft_id"]
    editor.call("package_patch", id=draft, notes=notes)
    release = editor.call("edomex_release_submit", dataset_id=draft)
    reviewer.call("edomex_release_approve", id=release["id"], release_at="now")


def withdrawal(proposer: Api, confirmer: Api, dataset_id: str) -> None:
    """Take a public dataset back, by two people."""
    proposed = proposer.call(
        "edomex_release_withdraw", dataset_id=dataset_id, reason="Fin de la demostración", legal_ground="Demostración"
    )
    confirmer.call("edomex_release_withdraw_confirm", id=proposed["id"])


def lag_of(done: Callable[[], Any]) -> float:
    """Seconds that something takes."""
    begun = time.monotonic()
    done()
    return time.monotonic() - begun


def asked_to_harvest(admin: Api, source: str) -> bool:
    """Ask for a harvest of a source; False where its last one is not closed yet."""
    try:
        admin.call("harvest_job_create", source_id=source, run=True)
    except ApiError as error:
        # 500: ckanext-harvest lets its own exception through where a job runs already.
        if error.status not in {409, 500}:
            raise
        return False
    return True


class FederalSide:
    """The federal portal, its administrator's calls and its operator's commands."""

    def __init__(self, admin: Api, ini: Path, stack: Stack) -> None:
        self.admin, self.ini, self.stack = admin, ini, stack

    def source_of(self, address: str, name: str, title: str) -> str:
        """The federal portal's source of this address; made if it is not there."""
        sources = {source["url"]: source for source in self.admin.call("harvest_source_list")}
        old = sources.get(address)
        if old is not None and old["type"] == KIND:
            return old["id"]
        if old is not None:
            # Of an earlier demonstration, with the stock harvester: the same datasets would be there twice.
            self.forget(old["id"])
        made = self.admin.call(
            "harvest_source_create", name=f"{name}-{int(time.time())}", title=title, url=address, source_type=KIND, frequency="MANUAL",
            owner_org="estado-de-mexico",
        )  # fmt: skip
        return made["id"]

    def harvest_until(self, source: str, step: str, done: Callable[[], bool], message: str) -> None:
        """Harvest again and again, as a cron does, until it has brought about what it has to.

        Our change stream is written just after a release or withdrawal: a harvest that comes at once finds it as it was.
        """

        def harvested() -> bool:
            return done() or (self.start_job(source) and done())

        until(harvested, FEDERAL_WITHIN_S, step, message)

    def harvest_whole(self, source: str, step: str) -> None:
        """Harvest to the job's end, whatever comes of it."""
        until(lambda: self.start_job(source), FEDERAL_WITHIN_S, step, "no se pudo empezar la cosecha")
        until(lambda: self.close_jobs(source), FEDERAL_WITHIN_S, step, "la cosecha no terminó")

    def forget(self, source: str) -> None:
        """Take a source out, with its datasets."""
        self.admin.call("harvest_source_clear", id=source)
        self.admin.call("harvest_source_delete", id=source)

    def close_jobs(self, source: str) -> bool:
        """Do what the federal operator's cron does; whether no job of the source runs any more."""
        self.command("harvester", "run")
        jobs = self.admin.call("harvest_job_list", source_id=source)
        return all(job["status"] == "Finished" for job in jobs)

    def start_job(self, source: str) -> bool:
        """Start a harvest; where the last one is not closed yet, do what the federal operator's cron does, and say no."""
        asked = asked_to_harvest(self.admin, source)
        if not asked:
            self.command("harvester", "run")
        return asked

    def command(self, *command: str) -> None:
        """One of the federal operator's commands."""
        ckan = [str(VENV / "bin" / "ckan"), "--config", str(self.ini), *command]
        done = subprocess.run(ckan, capture_output=True, text=True, env=environment(self.stack))
        need(done.returncode == 0, "federal", f"falló ckan {command[0]}: {done.stderr[-300:]}")


class BadSource:
    """A small portal on this machine that gives its catalogue, until it is told to answer with a log-in page or with nothing."""

    def __init__(self) -> None:
        self.kind, self.body = TURTLE, self._catalogue()
        self.url = ""

    def go_bad(self, *, empty: bool) -> None:
        """From now on: a valid catalogue without a dataset, or a page that is no catalogue."""
        self.kind, self.body = (TURTLE, self._catalogue(0)) if empty else ("text/html; charset=utf-8", LOGIN)

    @contextmanager
    def serving(self) -> Iterator[None]:
        """Answer on a free port of this machine."""
        source = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", source.kind)
                self.send_header("Content-Length", str(len(source.body)))
                self.end_headers()
                self.wfile.write(source.body)

            def log_message(self, *_: Any) -> None:
                """Nobody reads it."""

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{server.server_address[1]}/catalog.ttl"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield
        finally:
            server.shutdown()
            server.server_close()

    def _catalogue(self, count: int = MANY) -> bytes:
        at = "https://datos.otro.example.org"
        named = [f"<{at}/dataset/{number}>" for number in range(count)]
        told = [
            f'{name} a dcat:Dataset ; dct:title "Conjunto {number} de otra fuente"@es ; dct:description "Prueba."@es .'
            for number, name in enumerate(named)
        ]
        listed = f" ; dcat:dataset {', '.join(named)}" if named else ""
        head = "PREFIX dcat: <http://www.w3.org/ns/dcat#>\nPREFIX dct: <http://purl.org/dc/terms/>\n"
        return f'{head}<{at}/> a dcat:Catalog ; dct:title "Otra fuente"@es{listed} .\n{chr(10).join(told)}\n'.encode()
