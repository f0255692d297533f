"""From a release's instant until anybody sees it on the federal side, pulled by its consumers and pushed by our loops."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from bench.figures import Figure, Measure
from bench.place import Place, sleep_until, variable, wait_until
from stack.demo.api import Api
from stack.demo.mirror import asked_to_harvest

ROUNDS, AHEAD_S, WITHIN_S, LIMIT_S = 5, 4.0, 60.0, 10.0
POLL_S, ASK_EVERY_S = 0.1, 1.0
SIGNED: dict[str, Any] = {
    "agreement_number": "CA-2026-1", "agreement_date": "2026-03-01", "agreement_post": "Titular de la dependencia",
    "agreement_document": "https://legislacion.example.org/convenio.pdf",
}  # fmt: skip


def public(place: Place) -> list[Figure]:
    """A release on each way, its seconds from T; the slowest of all counts."""
    federal = Api(variable("EDOMEX_FEDERAL_URL"), variable("EDOMEX_FEDERAL_SYSADMIN_TOKEN"))
    mark = f"bench-{time.time_ns()}"
    found: dict[str, list[float]] = {"pulled": [], "pushed": []}
    with _withdrawn(place) as made, _pulled(place, federal, mark) as ask, _pushed(place, federal, mark):
        for number in range(ROUNDS):
            title = f"Publicación {number} {mark}"
            instant = _promised(place, title, made)
            sleep_until(instant)
            for way, seconds in _seen(Api(federal.url), title, mark, instant, ask).items():
                found[way].append(seconds)
    worst = max(max(samples) for samples in found.values())
    return [Measure(name="release_to_public", value=worst, limit=LIMIT_S, unit="s", samples=found)]


@contextmanager
def _withdrawn(place: Place) -> Iterator[list[str]]:
    """Ids of datasets that are withdrawn in the end: other cases count what is public."""
    made: list[str] = []
    yield made
    managers = [Api(place.ours.url, variable(name)) for name in ("EDOMEX_SYSADMIN_TOKEN", "EDOMEX_REVIEWER_TOKEN")]
    for dataset in made:
        asked = managers[0].call("edomex_release_withdraw", dataset_id=dataset, reason="Fin de la medición", legal_ground="Prueba")
        managers[1].call("edomex_release_withdraw_confirm", id=asked["id"])


def _promised(place: Place, title: str, made: list[str]) -> float:
    """A dataset with a date in a few seconds; its instant."""
    editor, reviewer = (Api(place.ours.url, variable(name)) for name in ("EDOMEX_EDITOR_TOKEN", "EDOMEX_REVIEWER_TOKEN"))
    files = [{"name": "Pozos", "url": "https://datos.example.org/pozos.csv", "format": "CSV"}]
    fields: dict[str, Any] = {"notes": "Medición de pozos por municipio.", "license_id": "cc-by-4.0", "frequency": "R/P1Y"}
    dataset = editor.call("package_create", title=title, owner_org=os.environ["EDOMEX_AGENCY"], resources=files, **fields)
    made.append(dataset["id"])
    sent = editor.call("edomex_release_submit", dataset_id=dataset["id"])
    at = datetime.now(UTC) + timedelta(seconds=AHEAD_S)
    reviewer.call("edomex_release_approve", id=sent["id"], release_at=at.isoformat())
    return at.timestamp()


def _seen(anyone: Api, title: str, mark: str, instant: float, ask: Callable[[], object]) -> dict[str, float]:
    """Seconds after the instant at which each way's copy is found by anybody; the federal side is asked to harvest meanwhile."""
    agencies, seen, asked = {"pulled": f"{mark}-cosecha", "pushed": f"{mark}-envio"}, dict[str, float](), 0.0

    def both() -> bool:
        nonlocal asked
        if "pulled" not in seen and time.monotonic() - asked > ASK_EVERY_S:
            ask()
            asked = time.monotonic()
        for way in agencies.keys() - seen.keys():
            if anyone.call("package_search", q=f'title:"{title}"', fq=f"organization:{agencies[way]}", rows=0)["count"]:
                seen[way] = time.time() - instant
        return len(seen) == len(agencies)

    wait_until(both, WITHIN_S, "the release was not public on the federal side", every=POLL_S)
    return seen


@contextmanager
def _pulled(place: Place, federal: Api, mark: str) -> Iterator[Callable[[], object]]:
    """A source of our catalogue, harvested once; asks for another harvest when called, as a short frequency would."""
    federal.call("organization_create", name=f"{mark}-cosecha", title="Cosecha")
    address = f"{place.ours.url}/catalog.ttl"
    about: dict[str, Any] = {"title": mark, "url": address, "source_type": "edomex_dcat", "frequency": "MANUAL"}
    source = federal.call("harvest_source_create", name=mark, owner_org=f"{mark}-cosecha", **about)["id"]

    def ask() -> None:
        if not asked_to_harvest(federal, source):
            federal.call("harvest_jobs_run", source_id=source)

    def is_over() -> bool:
        federal.call("harvest_jobs_run", source_id=source)
        return all(job["status"] == "Finished" for job in federal.call("harvest_job_list", source_id=source))

    ask()
    wait_until(is_over, WITHIN_S, "the first harvest did not end", every=1.0)
    try:
        yield ask
    finally:
        wait_until(is_over, WITHIN_S, "the last harvest did not end", every=1.0)
        federal.call("harvest_source_clear", id=source)
        federal.call("harvest_source_delete", id=source)


@contextmanager
def _pushed(place: Place, federal: Api, mark: str) -> Iterator[None]:
    """The federal side as a target, in step with what is public so far."""
    federal.call("organization_create", name=f"{mark}-envio", title="Envío")
    clerk, key = place.ours.clerk(), place.stack.directory / "targets" / mark
    given: dict[str, Any] = {"kind": "ckan", "url": federal.url, "organization": f"{mark}-envio", "rate": 600, "may_publish": True}
    key.parent.mkdir(exist_ok=True)
    key.write_text(variable("EDOMEX_FEDERAL_SYSADMIN_TOKEN"))
    clerk.call("edomex_target_create", name=mark, title="Federal", enabled=True, **given, **SIGNED)
    wait_until(lambda: not clerk.call("edomex_target_show", id=mark)["behind"], WITHIN_S, "the target did not come in step", every=1.0)
    try:
        yield
    finally:
        clerk.call("edomex_target_update", id=mark, enabled=False)
        key.unlink()
