"""Work inside a CKAN that harvests: a source, its jobs as the consumers do them, and what they cost."""

from __future__ import annotations

import json
import resource
import time
from typing import Any

from ckan import model
from ckan.plugins import toolkit as tk

AGENCY = "bench-cosecha"


def source(url: str, source_type: str) -> str:
    """A source of this address; its id."""
    create: Any = tk.get_action
    context = {"user": "admin", "ignore_auth": True}
    if model.Group.get(AGENCY) is None:
        create("organization_create")(dict(context), {"name": AGENCY, "title": "Cosecha"})
    fields = {"name": f"bench-{time.time_ns()}", "title": "Cosecha", "frequency": "MANUAL", "owner_org": AGENCY}
    config = json.dumps({"rdf_format": "text/turtle"}) if source_type == "dcat_rdf" else ""
    data = {**fields, "url": url, "source_type": source_type, "config": config}
    return create("harvest_source_create")(dict(context), data)["id"]


def harvest(source_id: str, most: int = 0) -> dict[str, float]:
    """One job, from its creation to its end, in this process.

    Args:
        source_id: of the source.
        most: objects that are imported; of more, the seconds of the others are reckoned from those. 0 for all.

    Returns: `seconds`, `objects` and `imported`.
    """
    from ckanext.harvest import queue
    from ckanext.harvest.model import HarvestJob, HarvestObject

    context: Any = {"user": "admin", "ignore_auth": True, "model": model, "session": model.Session}
    begun = time.perf_counter()
    job: Any = HarvestJob(source=_source(source_id), status="Running")
    job.save()
    harvester = queue.get_harvester(job.source.type)
    ids = queue.gather_stage(harvester, job) or []
    gathered = time.perf_counter()
    taken = ids[:most] if most else ids
    for each in taken:
        queue.fetch_and_import_stages(harvester, HarvestObject.get(each))
    imported_s = time.perf_counter() - gathered
    if len(taken) < len(ids):
        left = model.Session.query(HarvestObject).filter_by(harvest_job_id=job.id).filter(HarvestObject.state != "COMPLETE")
        left.update({"state": "ERROR"})
        model.Session.commit()
    closing = time.perf_counter()
    if job.status != "Finished":
        tk.get_action("harvest_jobs_run")(context, {"source_id": source_id})
    model.Session.expire_all()
    if job.status != "Finished":
        raise RuntimeError("the job did not end")
    closed_s = time.perf_counter() - closing
    scaled_s = imported_s * (len(ids) / len(taken)) if taken else 0.0
    objects = model.Session.query(HarvestObject).filter_by(harvest_job_id=job.id).count()
    model.Session.remove()
    return {"seconds": gathered - begun + scaled_s + closed_s, "objects": objects, "imported": len(taken)}


def clear(source_id: str) -> None:
    """Take a source's datasets away, and all that is known of them."""
    tk.get_action("harvest_source_clear")({"user": "admin", "ignore_auth": True}, {"id": source_id})  # type: ignore[arg-type]
    model.Session.remove()


def count() -> int:
    """Active datasets."""
    found = model.Session.query(model.Package).filter_by(type="dataset", state="active").count()
    model.Session.remove()
    return found


def peak_mb() -> float:
    """Megabytes of memory that this process ever had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _source(source_id: str) -> Any:
    from ckanext.harvest.model import HarvestSource

    return HarvestSource.get(source_id)
