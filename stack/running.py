"""Start a stack, wait until it is healthy, and end it whatever happens."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

from stack import lifetime
from stack.accounts import STAFF
from stack.places import LOCAL, ROOT, VENV, Stack
from stack.programs import StackError, Supervisor, environment, wait_for
from stack.sites import SITES, Services, Site, ini_path, programs, url, write_ini

#: Least free space to start a stack with, in bytes.
ROOM = 400_000_000


class Running:
    """A started stack: its record, its process manager and its sites."""

    def __init__(self, stack: Stack, sites: Sequence[Site]) -> None:
        self.stack, self.sites = stack, sites
        self.supervisor = Supervisor(stack)
        self.services = Services(stack)

    def start(self) -> None:
        """Bring up services, databases and sites, each step only when the one before answers."""
        for service in self.services:
            service.prepare()
        for site in self.sites:
            write_ini(self.stack, site)
        for login in ("admin", *STAFF):
            # Made here, where they are kept: provisioning only reads them.
            self.stack.secret(f"password.{login}")
        self.stack.save()
        everything = [s.program() for s in self.services] + [p for site in self.sites for p in programs(self.stack, site)]
        self.supervisor.launch(everything)
        self.supervisor.start("postgres", "valkey", "solr")
        for service in self.services:
            name = type(service).__name__
            wait_for(service.answers, 60, f"{name} no respondió", self.stack)
        self.services.postgres.ensure_roles()
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(self.provision, self.sites))
        self.stack.save()
        self.open()

    def open(self) -> None:
        """Start the sites' processes: web, then the release loops, each waited for; then what nobody waits for."""
        serving = [site for site in self.sites if site.serves]
        names = [p.name for site in serving for p in programs(self.stack, site)]
        web = [name for name in names if name.endswith("-web")]
        loops = [name for name in names if "-release-" in name]
        self.supervisor.start(*web)
        for site in serving:
            wait_for(lambda site=site: self.answers(site), 120, f"el sitio {site.name} no respondió", self.stack)
        self.supervisor.start(*loops)
        for site in (s for s in serving if s.is_ours):
            wait_for(lambda site=site: self.loops_run(site), 120, f"los lazos de publicación de {site.name} no arrancaron", self.stack)
        self.supervisor.start(*(name for name in names if name not in {*web, *loops}))

    def loops_run(self, site: Site) -> bool:
        """Whether every release loop of this start has reported."""
        expected = {self.supervisor.pid(p.name) for p in programs(self.stack, site) if "-release-" in p.name}
        with closing(self.services.postgres.connect(site.name)) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT id FROM edomex_release_worker")
            reported = {int(row[0].split(":")[1]) for row in cursor.fetchall()}
        return expected <= reported

    def provision(self, site: Site) -> None:
        """Create the site's database and core; run `stack.provision` when something in them may be out of date."""
        postgres = self.services.postgres
        fresh = postgres.ensure_database(site.name)
        if "datastore" in site.plugins.split():
            fresh |= postgres.ensure_database(f"{site.name}_datastore")
        self.services.solr.ensure_core(site.name)
        stamp = self.stack.directory / f"{site.name}.provisioned"
        if not fresh and stamp.exists() and stamp.read_text() == migrations():
            return
        run_python(self.stack, "stack.provision", str(self.stack.directory), site.name)
        accounts = self.stack.directory / f"{site.name}.accounts.json"
        if accounts.exists():
            self.stack.accounts[site.name] = json.loads(accounts.read_text())
            accounts.unlink()
            write_ini(self.stack, site)
        stamp.write_text(migrations())

    def answers(self, site: Site) -> bool:
        """Whether the site serves its API."""
        try:
            with urllib.request.urlopen(f"{url(self.stack, site)}/api/3/action/status_show", timeout=10) as answer:
                return bool(json.load(answer)["success"])
        except (OSError, ValueError):
            return False

    def variables(self) -> dict[str, str]:
        """What `contract.md` promises to a command that runs beside this stack."""
        portal = self.stack.accounts["portal"]
        found = {
            "EDOMEX_STACK_DIR": str(self.stack.directory),
            "CKAN_INI": str(ini_path(self.stack, SITES["portal"])),
            "EDOMEX_SYSADMIN_TOKEN": portal["sysadmin_token"],
            "EDOMEX_EDITOR_TOKEN": portal["editor_token"],
            "EDOMEX_OTHER_EDITOR_TOKEN": portal["other_editor_token"],
            "EDOMEX_REVIEWER_TOKEN": portal["reviewer_token"],
            "EDOMEX_OTHER_REVIEWER_TOKEN": portal["other_reviewer_token"],
            "EDOMEX_AGENCY": portal["agency"],
            "EDOMEX_OTHER_AGENCY": portal["other_agency"],
            "EDOMEX_URL": url(self.stack, SITES["portal"]),
        }
        for site in self.sites:
            if site.name in {"federal", "peer", "municipio"}:
                prefix = f"EDOMEX_{site.name.upper()}"
                found[f"{prefix}_URL"] = url(self.stack, site)
                found[f"{prefix}_SYSADMIN_TOKEN"] = self.stack.accounts[site.name]["sysadmin_token"]
                found[f"{prefix}_INI"] = str(ini_path(self.stack, site))
            if site.name == "test":
                found["EDOMEX_TEST_INI"] = str(ini_path(self.stack, site))
        return found


@contextlib.contextmanager
def running(directory: Path, sites: Sequence[str], *, throwaway: bool = False) -> Iterator[Running]:
    """A healthy stack for as long as the block runs. A watcher process ends it if we cannot."""
    LOCAL.mkdir(exist_ok=True)
    free = shutil.disk_usage(LOCAL).free
    if free < ROOM:
        raise StackError(f"quedan {free / 1e6:.0f} MB libres en {LOCAL} y hacen falta {ROOM / 1e6:.0f}; libere espacio.")
    directory.mkdir(parents=True, exist_ok=True)
    record = Stack(directory)
    lock = lifetime.hold(record)
    lifetime.end(record, grace=3)  # whatever a killed start left behind
    stack = Stack.open(directory, throwaway=throwaway)
    if throwaway:
        (directory / "throwaway").touch()
    watcher = subprocess.Popen(
        [sys.executable, "-m", "stack.lifetime", str(os.getpid()), str(directory)],
        cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )
    here = Running(stack, [SITES[name] for name in sites])
    try:
        here.start()
        yield here
    finally:
        lifetime.end(stack)
        stack.save()
        watcher.kill()
        watcher.wait()
        lock.close()


def run_python(stack: Stack, module: str, *arguments: str) -> None:
    """Run one of our modules in the stack's environment; StackError with its last lines if it fails."""
    log = stack.logs / f"{module}-{arguments[-1]}.log"
    with log.open("wb") as out:
        done = subprocess.run(
            [str(VENV / "bin" / "python"), "-m", module, *arguments], cwd=ROOT, stdout=out, stderr=out, env=environment(stack)
        )
    if done.returncode:
        last = "\n".join(f"  | {line}" for line in log.read_text(errors="replace").splitlines()[-6:])
        raise StackError(f"falló {module} {arguments[-1]}; el registro completo está en {log}:\n{last}")


def migrations() -> str:
    """What provisioning depends on: our migrations and the provisioning itself, newest change first."""
    paths = [*ROOT.glob("ckanext/edomex/migration/*/versions/*.py"), ROOT / "stack/provision.py", ROOT / "stack/requirements.lock"]
    return f"{max(p.stat().st_mtime_ns for p in paths)} {len(paths)}"


