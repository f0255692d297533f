"""What the harvesters' consumers run: our harvesters, and the stock DCAT RDF one with what it cannot do here put right."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import ckan.plugins as p
import redis
from ckan.plugins import toolkit as tk
from ckan.types import Context
from ckanext.dcat.harvesters.rdf import DCATRDFHarvester
from ckanext.harvest import queue as stock_queue
from ckanext.harvest.interfaces import IHarvester
from ckanext.harvest.model import HarvestObject

from ckanext.edomex.adapters import heartbeats
from ckanext.edomex.federation.domain.settings import read as read_settings
from ckanext.edomex.federation.logic.gathering import gather
from ckanext.edomex.federation.logic.importing import import_batch
from ckanext.edomex.federation.logic.json_sources import read_ckan, read_data_json
from ckanext.edomex.federation.logic.reading import Reader, read_dcat


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


class InboundHarvester(p.SingletonPlugin):
    """What our harvesters have in common: each is a name, a sentence, and a reader."""

    p.implements(IHarvester)
    #: `staticmethod` of each.
    reader: Reader
    #: CKAN gives `name` to a plugin itself: its entry point.
    kind = title = description = ""

    def info(self) -> dict[str, str]:
        """What the form of a source says of this type."""
        return {"name": self.kind, "title": self.title, "description": self.description, "form_config_interface": "Text"}

    def validate_config(self, config: str) -> str:
        """The settings as they were written; SettingsError with what is wrong with them."""
        read_settings(config)
        return config

    def get_original_url(self, harvest_object_id: str) -> str | None:
        """The record's own address."""
        found: Any = HarvestObject.get(harvest_object_id)
        return found.guid if found is not None and str(found.guid).startswith("http") else None

    def gather_stage(self, harvest_job: Any) -> list[str]:
        """What has to be done, in batches."""
        return gather(harvest_job, type(self).reader)

    def fetch_stage(self, harvest_object: Any) -> bool:
        """The content came with the reading."""
        return True

    def import_stage(self, harvest_object: Any) -> bool | str:
        """Import a batch."""
        return import_batch(harvest_object)


class DcatHarvester(InboundHarvester):
    """`edomex_dcat`."""

    kind, title = "edomex_dcat", "Catálogo DCAT"
    description = "Catálogo en RDF (Turtle, N-Triples, RDF/XML o JSON-LD), entero o por páginas, y su canal de cambios si lo tiene."
    reader = staticmethod(read_dcat)


class CkanHarvester(InboundHarvester):
    """`edomex_ckan`."""

    kind, title = "edomex_ckan", "Otro CKAN"
    description = "Los conjuntos públicos de otro portal CKAN, por su Action API. Escriba la dirección del portal."
    reader = staticmethod(read_ckan)


class DataJsonHarvester(InboundHarvester):
    """`edomex_datajson`."""

    kind, title = "edomex_datajson", "data.json o catalogo.json"
    description = "Un catálogo en JSON: DCAT-US 1.1, sus variantes argentinas, o el catalogo.json de ADELA."
    reader = staticmethod(read_data_json)
