"""What the harvesters' consumers run: the stock DCAT RDF harvester, with what it cannot do here put right."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import redis
from ckan.plugins import toolkit as tk
from ckan.types import Context
from ckanext.dcat.harvesters.rdf import DCATRDFHarvester
from ckanext.harvest import queue as stock_queue

from ckanext.edomex.adapters import heartbeats


def wait_patiently() -> None:
    """Let an idle consumer go on waiting: redis-py gives up a quiet connection after seconds, and the stock one ends with it."""
    stock = stock_queue.RedisConsumer.consume
    if getattr(stock, "is_patient", False):
        return

    def consume(self: Any, queue: str) -> Iterator[Any]:
        # It keeps no record of itself; the doctor asks for this one.
        heartbeats.start(f"harvest-{queue.rsplit('.', 1)[-1]}")
        while True:
            try:
                yield from stock(self, queue)
            except redis.TimeoutError:
                continue

    consume.is_patient = True  # type: ignore[attr-defined]
    stock_queue.RedisConsumer.consume = consume  # type: ignore[assignment]  # the same, patient


class DatasetHarvester(DCATRDFHarvester):
    """Takes the stock harvester's place under its name, `dcat_rdf`: sources stay as they are. Load only one of the two."""

    def import_stage(self, harvest_object: Any) -> bool | str:
        """Import one dataset; a refusal is this object's error. Uncaught, it would end the consumer and with it all sources' jobs."""
        try:
            return super().import_stage(harvest_object)
        except (tk.ValidationError, tk.NotAuthorized, tk.ObjectNotFound) as error:
            self._save_object_error(f"{type(error).__name__}: {error}", harvest_object, "Import")
            return False

    def _get_existing_dataset(self, guid: str) -> dict[str, Any] | None:
        """The dataset harvested before under this guid. The stock one asks as an anonymous visitor, and ours are still private."""
        found = self._read_datasets_from_db(guid)
        if not found:
            return None
        context = Context(ignore_auth=True, use_cache=False, user="")  # type: ignore[typeddict-unknown-key]  # read by package_show
        return tk.get_action("package_show")(context, {"id": found[0][0]})
