"""How good the metadata is, by the points of data.europa.eu's MQA (405), and what brings the missing ones.

Points are weight times the share of files, or whether the dataset has it. Published faults of other calculators are not
repeated: the licence is looked for where DCAT-AP puts it, and each metric counts once. A link elsewhere is not opened:
its points for answering are not given, and the report says so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ckanext.edomex.domain.places import name_of
from ckanext.edomex.feed.domain.formats import Format
from ckanext.edomex.feed.domain.nodes import day, items, rows, web
from ckanext.edomex.feed.domain.surroundings import Surroundings

Data = Mapping[str, Any]
EVERYTHING = 405
#: Least points → what they are called.
RATINGS = ((351, "Excelente"), (221, "Buena"), (121, "Suficiente"), (0, "Deficiente"))


@dataclass(frozen=True, kw_only=True)
class Metric:
    """One line of the MQA."""

    dimension: str
    weight: int
    label: str
    remedy: str
    #: Whether the dataset has it, for what is of the dataset.
    dataset: Callable[[Data, Surroundings], bool] | None = None
    #: Whether a file has it, for what is of files.
    file: Callable[[Data, Data, Surroundings], bool] | None = None


@dataclass(frozen=True, kw_only=True)
class Missing:
    """Points that a dataset does not have, and how it gets them."""

    label: str
    remedy: str
    points: float


@dataclass(frozen=True, kw_only=True)
class Score:
    """What a dataset, an agency or a portal comes to."""

    points: float
    by_dimension: Mapping[str, float]
    missing: Sequence[Missing] = ()

    @property
    def rating(self) -> str:
        """The word for the points."""
        return next(word for least, word in RATINGS if self.points >= least)


def score(dataset: Data, around: Surroundings) -> Score:
    """Points of one dataset, and what is missing, the most valuable first."""
    files = rows(dataset.get("resources"))
    by_dimension, missing = dict[str, float].fromkeys(DIMENSIONS, 0.0), list[Missing]()
    for metric in METRICS:
        share = _share(metric, dataset, files, around)
        by_dimension[metric.dimension] += metric.weight * share
        if share < 1:
            missing.append(Missing(label=metric.label, remedy=metric.remedy, points=round(metric.weight * (1 - share), 1)))
    missing.sort(key=lambda each: -each.points)
    rounded = {name: round(points, 1) for name, points in by_dimension.items()}
    return Score(points=round(sum(by_dimension.values()), 1), by_dimension=rounded, missing=missing)


def together(scores: Sequence[Score]) -> Score:
    """Of many, each counts alike."""
    count = max(1, len(scores))
    by_dimension = {name: round(sum(each.by_dimension[name] for each in scores) / count, 1) for name in DIMENSIONS}
    return Score(points=round(sum(each.points for each in scores) / count, 1), by_dimension=by_dimension)


def left_out(dataset: Data, around: Surroundings) -> list[str]:
    """What stands in the dataset and cannot be said, each with its remedy."""
    found: list[str] = []
    if dataset.get("url") and not web(dataset["url"]):
        found.append("La página del tema no es una dirección; escríbala completa, con https://.")
    for name, label in (("temporal_start", "Cubre desde"), ("temporal_end", "Cubre hasta"), ("issued", "Fecha de los datos")):
        if dataset.get(name) and day(dataset[name]) is None:
            found.append(f"«{label}» no es una fecha del calendario; escríbala como 2027-03-01.")
    strange = [str(key) for key in items(dataset.get("spatial_keys")) if not name_of(str(key), around.municipalities)]
    found += [f"«{key}» no es la clave de ningún lugar del estado; elija el lugar de la lista." for key in strange]
    for resource in rows(dataset.get("resources")):
        name = resource.get("name") or resource["id"]
        if resource.get("url_type") != "upload" and not web(resource.get("url")):
            found.append(f"El enlace de «{name}» no es una dirección; el catálogo lleva a la página del recurso.")
        if resource.get("format") and _format(resource, around) is None:
            found.append(f"El formato de «{name}» no está en el registro; elija uno de la lista.")
    return found


def _share(metric: Metric, dataset: Data, files: Sequence[Data], around: Surroundings) -> float:
    if metric.dataset:
        return float(metric.dataset(dataset, around))
    assert metric.file is not None
    return sum(metric.file(each, dataset, around) for each in files) / len(files) if files else 0.0


def _format(resource: Data, around: Surroundings) -> Format | None:
    return around.formats.get(str(resource.get("format") or "").strip().lstrip(".").upper())


def _is_ours(resource: Data, *_: Any) -> bool:
    return resource.get("url_type") == "upload"


def _has_theme(dataset: Data, around: Surroundings) -> bool:
    return any(str(group.get("name")) in around.themes for group in rows(dataset.get("groups")))


def _has_place(dataset: Data, around: Surroundings) -> bool:
    keys = items(dataset.get("spatial_keys"))
    return bool(dataset.get("spatial_bbox") or dataset.get("spatial")) or any(name_of(str(key), around.municipalities) for key in keys)


def _has_period(dataset: Data, _around: Surroundings) -> bool:
    return bool(day(dataset.get("temporal_start")) or day(dataset.get("temporal_end")))


def _media_type(resource: Data, _dataset: Data, around: Surroundings) -> bool:
    known = _format(resource, around)
    return bool(known and known.media_type)


def _always(*_: Any) -> bool:
    """The feed says it of every dataset."""
    return True


DIMENSIONS: tuple[str, ...] = ("Localización", "Accesibilidad", "Interoperabilidad", "Reutilización", "Contexto")
FIND, REACH, USE, REUSE, KNOW = DIMENSIONS
_UPLOAD = "Suba el archivo al portal en lugar de enlazarlo: aquí no se comprueban los enlaces a otros servidores."
_FORMAT = "Publique el archivo en un formato del registro, como CSV o GeoJSON."
METRICS = (
    Metric(dimension=FIND, weight=30, label="Palabras clave", remedy="Agregue tres palabras clave o más.",
           dataset=lambda d, _: bool(rows(d.get("tags")))),
    Metric(dimension=FIND, weight=30, label="Tema", remedy="Elija el tema en el que la gente lo buscaría.", dataset=_has_theme),
    Metric(dimension=FIND, weight=20, label="Lugar", remedy="Diga de qué municipios son los datos, o de todo el estado.",
           dataset=_has_place),
    Metric(dimension=FIND, weight=20, label="Periodo", remedy="Diga desde cuándo y hasta cuándo son los datos.", dataset=_has_period),
    Metric(dimension=REACH, weight=50, label="El acceso responde", remedy=_UPLOAD, file=_is_ours),
    Metric(dimension=REACH, weight=20, label="Descarga directa", remedy=_UPLOAD, file=_is_ours),
    Metric(dimension=REACH, weight=30, label="La descarga responde", remedy=_UPLOAD, file=_is_ours),
    Metric(dimension=USE, weight=20, label="Formato", remedy="Diga el formato de cada archivo.",
           file=lambda r, _d, _a: bool(r.get("format"))),
    Metric(dimension=USE, weight=10, label="Tipo de medio", remedy=_FORMAT, file=_media_type),
    Metric(dimension=USE, weight=10, label="Formato de un registro", remedy=_FORMAT, file=lambda r, _d, a: _format(r, a) is not None),
    Metric(dimension=USE, weight=20, label="Formato abierto",
           remedy="Agregue el archivo en un formato que no sea de una sola empresa.",
           file=lambda r, _d, a: bool((known := _format(r, a)) and known.open)),
    Metric(dimension=USE, weight=20, label="Lo leen las máquinas", remedy="Publique tablas como CSV; un PDF o una imagen no bastan.",
           file=lambda r, _d, a: bool((known := _format(r, a)) and known.machine_readable)),
    Metric(dimension=USE, weight=30, label="Cumple DCAT-AP", remedy="", dataset=_always),
    Metric(dimension=REUSE, weight=20, label="Licencia", remedy="Elija una licencia.",
           file=lambda _r, d, _a: bool(web(d.get("license_url")))),
    Metric(dimension=REUSE, weight=10, label="Licencia del registro europeo",
           remedy="Libre Uso MX no está en ese registro; Creative Commons sí. No es obligatorio.",
           file=lambda _r, d, a: str(d.get("license_url")) in a.licences),
    Metric(dimension=REUSE, weight=10, label="Derechos de acceso", remedy="", dataset=_always),
    Metric(dimension=REUSE, weight=5, label="Derechos de acceso del registro", remedy="", dataset=_always),
    Metric(dimension=REUSE, weight=20, label="Contacto", remedy="Diga qué unidad responde dudas.",
           dataset=lambda d, _: bool(d.get("contact_unit") or d.get("contact_email") or d.get("organization"))),
    Metric(dimension=REUSE, weight=10, label="Quién publica", remedy="", dataset=lambda d, _: bool(d.get("organization"))),
    Metric(dimension=KNOW, weight=5, label="Derechos y avisos", remedy="Escriba en cada recurso sus derechos y avisos.",
           file=lambda r, _d, _a: bool(r.get("rights"))),
    Metric(dimension=KNOW, weight=5, label="Tamaño", remedy=_UPLOAD, file=lambda r, _d, _a: bool(r.get("size"))),
    Metric(dimension=KNOW, weight=5, label="Fecha de publicación", remedy="", file=_always),
    Metric(dimension=KNOW, weight=5, label="Fecha de cambio", remedy="", file=_always),
)  # fmt: skip
