"""How the engine is doing: a page for people, figures for monitoring programs."""

from __future__ import annotations

import hmac
from http import HTTPStatus
from typing import Any

from ckan.plugins import toolkit as tk
from ckan.types import Context
from flask import Response, jsonify, request
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, HistogramMetricFamily, Metric

from ckanext.edomex.adapters import figures
from ckanext.edomex.adapters.callers import NO_PAGE, call
from ckanext.edomex.adapters.pages import Page, in_one, see_other
from ckanext.edomex.release import config
from ckanext.edomex.release.views.frame import Data, explained, for_staff, release

PLAIN = "text/plain; version=0.0.4; charset=utf-8"


@release.get("/autoservicio/motor")
@for_staff
def engine() -> Page:
    """What is late, what waits, what was given up."""
    try:
        shown = {"status": call("edomex_release_status"), "dead": call("edomex_release_outbox_list")}
    except tk.NotAuthorized:
        return tk.abort(HTTPStatus.NOT_FOUND, NO_PAGE)
    return tk.render("edomex_release/engine.html", shown)


@release.post("/autoservicio/motor/repetir")
@for_staff
def replay() -> Page:
    """Give an entry, or all, another beginning."""
    chosen = {"id": request.form["id"]} if request.form.get("id") else {}
    try:
        done = call("edomex_release_outbox_replay", **chosen)
    except tk.NotAuthorized:
        return tk.abort(HTTPStatus.NOT_FOUND, NO_PAGE)
    except tk.ValidationError as error:
        tk.h.flash_error(in_one(explained(error)[1]))
    else:
        tk.h.flash_success(f"Se repetirán {done['replayed']} tareas.")
    return see_other("edomex_release.engine")


@release.get("/edomex/metrics")
def metrics() -> Page:
    """The figures in Prometheus' text format."""
    status = _status()
    if status is None:
        return tk.abort(HTTPStatus.NOT_FOUND, NO_PAGE)
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Figures(status))  # type: ignore[arg-type]  # a collector is whatever has `collect`
    return Response(generate_latest(registry), content_type=PLAIN, headers={"Cache-Control": "no-store"})


@release.get("/edomex/metrics.json")
def metrics_json() -> Page:
    """The same as JSON."""
    status = _status()
    if status is None:
        return tk.abort(HTTPStatus.NOT_FOUND, NO_PAGE)
    response = jsonify(status)
    response.headers["Cache-Control"] = "no-store"
    return response


def _status() -> Data | None:
    """For a monitoring program with the operator's token, and for whoever manages the calendar; nobody else learns of it."""
    token = config.metrics_token()
    given = request.headers.get("Authorization", "")
    if token and hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
        found = tk.get_action("edomex_release_status")(Context(ignore_auth=True, user=""), {})
    else:
        try:
            found = call("edomex_release_status")
        except tk.NotAuthorized:
            return None
    return {**found, "rooms": {room: each.status() for room, each in sorted(figures.known().items())}}


class _Figures:
    """The status as families of metrics."""

    def __init__(self, status: Data) -> None:
        self.status = status

    def collect(self) -> list[Metric]:
        """Every family, in a constant order."""
        status = self.status
        late = status["lateness_s"]
        buckets = [(bound, float(count)) for bound, count in late["buckets"].items()]
        lateness = HistogramMetricFamily("edomex_release_lateness_seconds", "Seconds from the promised instant to the commit, 30 days")
        lateness.add_metric([], [*buckets, ("+Inf", late["count"])], late["sum"])
        return [
            lateness,
            _gauge("edomex_release_releases", "Releases by state", status["states"], "state"),
            _gauge("edomex_release_overdue", "Releases that are due and have not happened", status["overdue"]["releases"]),
            _gauge("edomex_release_overdue_seconds", "Age of the oldest of them", status["overdue"]["oldest_s"]),
            _gauge("edomex_release_loops_alive", "Loops that were seen in the last 45 s", status["loops"]["alive"]),
            _gauge("edomex_release_problems", "Coming releases whose rehearsal found a problem", status["problems"]),
            *(_table(f"edomex_outbox_{name}", text, status["outbox"], "kind", name) for name, text in OUTBOX.items()),
            *(_table(f"edomex_check_{name}", text, status["checks"], "name", name) for name, text in CHECKS.items()),
            *(gauge for room, found in status["rooms"].items() for gauge in _of_room(figures.known()[room], found)),
            _gauge("edomex_alarm", "1 for each alarm that is raised", dict.fromkeys(_alarms(status), 1), "alarm"),
        ]


#: Columns of the outbox and of the comparisons that become metrics, with their help texts.
OUTBOX = {"waiting": "Entries that wait", "dead": "Entries that were given up", "oldest": "Seconds since the oldest was made"}
CHECKS = {
    "compared": "Datasets compared since the beginning",
    "hidden": "Datasets that the index showed and the database does not",
    "repaired": "Datasets written anew",
    "missing": "Files that were gone at the last comparison",
}


def _of_room(room: figures.Figures, found: figures.Status) -> list[Metric]:
    return [_gauge(f"edomex_{room.room}_{key}", text, found[key] or 0) for key, text in room.gauges.items()]


def _alarms(status: Data) -> list[str]:
    return [*status["alarms"], *(alarm for found in status["rooms"].values() for alarm in found["alarms"])]


def _table(name: str, text: str, rows: list[Data], label: str, column: str) -> GaugeMetricFamily:
    return _gauge(name, text, {row[label]: row[column] for row in rows}, label)


def _gauge(name: str, text: str, values: Any, label: str = "") -> GaugeMetricFamily:
    if not label:
        return GaugeMetricFamily(name, text, value=values)
    family = GaugeMetricFamily(name, text, labels=[label])
    for key, value in values.items():
        family.add_metric([key], value)
    return family
