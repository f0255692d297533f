"""Who works behind the queues: job workers say so themselves, consumers of harvests by their heartbeats."""

from __future__ import annotations

from collections.abc import Iterator

import ckan.plugins as p
from ckan.lib import jobs
from ckan.lib.redis import connect_to_redis
from rq import Worker

from ckanext.edomex.adapters import heartbeats
from ckanext.edomex.shield.domain.findings import Finding

CONSUMERS = ("gather", "fetch")


def look() -> Iterator[Finding]:
    """Workers and consumers that nobody has started, or that are gone."""
    queue = jobs.add_queue_name_prefix(jobs.DEFAULT_QUEUE_NAME)
    if not any(queue in worker.queue_names() for worker in Worker.all(connection=connect_to_redis())):
        yield Finding(code="worker_silent", seen=queue)
    for role in CONSUMERS if p.plugin_loaded("harvest") else ():
        if not heartbeats.alive(f"harvest-{role}"):
            yield Finding(code="consumer_silent", seen=role)
