"""Work of the schemas' benchmark inside a CKAN: validating one dataset many times, taking and loading many datasets."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ckan import model, plugins
from ckan.lib.plugins import lookup_package_plugin, plugin_validate
from ckan.plugins import toolkit as tk

from bench.datasets import NOTES, OUR_FIELDS, THEMES

Data = dict[str, Any]
DCAT = "ckanext.dcat.schemas:dcat_ap_full.yaml"
DCAT_PRESETS = "ckanext.scheming:presets.json ckanext.dcat.schemas:presets.yaml"
AGENCY = "bench-catalogo"
#: What both schemas know, under their names.
DATES = {"issued": "2024-02-01", "modified": "2024-12-31"}
LINK = "https://dependencia.example.org/datos/{number}.csv"


def validate(*, schema: str, resources: int, times: int) -> float:
    """Seconds of validating one new dataset so many times with `ours`, or with the stock `dcat_ap_full`."""
    data = {**(_described() if schema == "ours" else _described_in_dcat()), "resources": [_file(each) for each in range(resources)]}
    data["owner_org"] = _agency()
    with _ours() if schema == "ours" else _stock() as plugin:
        return _validated(plugin, data, times)


def _validated(plugin: Any, data: Data, times: int) -> float:
    context: Any = {"user": "", "ignore_auth": True, "model": model, "session": model.Session}
    copies = [json.loads(json.dumps(data)) for _ in range(times + 1)]
    _, errors = plugin_validate(plugin, context, copies.pop(), plugin.create_package_schema(), "package_create")
    if errors:
        raise ValueError(f"refused: {sorted(errors)}")
    begun = time.perf_counter()
    for copy in copies:
        plugin_validate(plugin, context, copy, plugin.create_package_schema(), "package_create")
    return time.perf_counter() - begun


def workbook(*, path: str, number: int, size: int) -> str:
    """Write a catalogue of so many datasets as a workbook in our layout; returns the agency that it is for."""
    from ckanext.edomex.adapters.workbooks import xlsx_of
    from ckanext.edomex.domain import catalogue
    from ckanext.edomex.logic.catalogue import fields

    rows = catalogue.written((_dataset(number, each) for each in range(size)), catalogue.full_header(*fields()))
    Path(path).write_bytes(xlsx_of(rows, "Catálogo"))
    return _agency()


def take(*, path: str, agency: str) -> int:
    """Register a workbook's datasets as drafts; returns how many are new."""
    from ckanext.edomex.logic.catalogue import take_file

    try:
        return len(take_file(Path(path).read_bytes(), agency, dry_run=False)["created"])
    finally:
        model.Session.remove()


def lines(*, path: str, number: int, size: int) -> None:
    """Write so many datasets as `ckanapi load` reads them: what a stock CKAN keeps of the same, the rest as extras."""
    owner = _agency()
    with Path(path).open("w", encoding="utf-8") as file:
        for each in range(size):
            dataset = _dataset(number, each)
            extras = [{"key": name, "value": str(value)} for name, value in OUR_FIELDS.items()]
            stock = {name: dataset[name] for name in ("title", "notes", "tags", "license_id")}
            stock["resources"] = [{"name": one["name"], "url": one["url"], "format": "CSV"} for one in dataset["resources"]]
            name = f"catalogo-{number}-{each}-{time.time_ns()}"
            file.write(json.dumps({**stock, "name": name, "owner_org": owner, "extras": extras, "private": True}) + "\n")


def load(*, path: str) -> int:
    """`ckanapi load datasets` with one worker in this process; returns how many were created."""
    from ckanapi import LocalCKAN
    from ckanapi.cli.load import load_things_worker

    options = ("--create-only", "--update-only", "--upload-resources", "--upload-logo", "--upload-local-files", "--insecure")
    arguments = {**dict.fromkeys(options, False), "--create-only": True}
    answers = io.BytesIO()
    with Path(path).open("rb") as file:
        load_things_worker(LocalCKAN(), "datasets", arguments, stdin=file, stdout=answers)
    model.Session.remove()
    return sum(json.loads(line)[2] is None for line in answers.getvalue().splitlines())


@contextmanager
def _ours() -> Iterator[Any]:
    yield lookup_package_plugin("dataset")


@contextmanager
def _stock() -> Iterator[Any]:
    """ckanext-scheming with the stock schema, in a CKAN that has its validators and no scheming of its own."""
    tk.config.update({"scheming.dataset_schemas": DCAT, "scheming.presets": DCAT_PRESETS})
    plugins.load("scheming_datasets")
    try:
        yield plugins.get_plugin("scheming_datasets")
    finally:
        plugins.unload("scheming_datasets")


def _agency() -> str:
    if model.Group.get(AGENCY) is None:
        site = tk.get_action("get_site_user")({"ignore_auth": True, "user": ""}, {})["name"]
        data = {"name": AGENCY, "title": "Dependencia de prueba"}
        tk.get_action("organization_create")({"user": site, "ignore_auth": True}, data)
        model.Session.remove()
    return AGENCY


def _dataset(number: int, each: int) -> Data:
    resources = [{**_file(one), "format": "CSV"} for one in range(3)]
    title = f"{THEMES[each % len(THEMES)]}, corte {number}-{each}"
    return {**_described(), "title": title, "resources": resources}


def _described() -> Data:
    tags = [{"name": "padrón"}, {"name": "serie mensual"}, {"name": "municipios"}, {"name": "estadística"}]
    return {
        "type": "dataset", "name": "bench-validar", "title": THEMES[0], "notes": NOTES, "license_id": "cc-by-4.0", "tags": tags,
        "provenance": NOTES, "legal_basis": NOTES, "url": "https://dependencia.example.org/", **OUR_FIELDS, **DATES,
    }  # fmt: skip


def _described_in_dcat() -> Data:
    shared = {name: value for name, value in _described().items() if name not in {*OUR_FIELDS, "legal_basis"}}
    return {
        **shared, "frequency": "MONTHLY", "language": ["es"], "access_rights": "PUBLIC",
        "contact": [{"name": OUR_FIELDS["contact_unit"], "email": OUR_FIELDS["contact_email"]}],
        "temporal_coverage": [{"start": OUR_FIELDS["temporal_start"], "end": OUR_FIELDS["temporal_end"]}],
        "spatial_coverage": [{"uri": "https://www.inegi.org.mx/app/ageeml/15", "text": "Estado de México"}],
    }  # fmt: skip


def _file(number: int) -> Data:
    return {"url": LINK.format(number=number), "name": f"Tabla {number}", "description": NOTES, "format": "CSV"}
