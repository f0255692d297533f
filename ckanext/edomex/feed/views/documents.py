"""The catalogue in every form: whole, page by page as ckanext-dcat gives it, as dumps; and each dataset by itself."""

from __future__ import annotations

from flask import Response, request

from ckanext.edomex.feed import config
from ckanext.edomex.feed.domain.writing import SUFFIXES, Form
from ckanext.edomex.feed.logic import catalogue, paging
from ckanext.edomex.feed.logic.catalogue import Document
from ckanext.edomex.feed.views.frame import answer, feed

SUFFIX = "<any(ttl, rdf, xml, jsonld, n3, nt):suffix>"
#: Parameters that ask for a part.
PARTIAL = ("page", "modified_since", "q", "fq", "snapshot")


@feed.get(f"/catalog.{SUFFIX}")
def whole(suffix: str) -> Response:
    """Every public dataset; pages of them once they are more than one document should hold, or somebody asks for pages."""
    form = SUFFIXES[suffix]
    return answer(form.content_type, lambda: _asked_for(form, suffix), whole="" if _part() else form.name)


@feed.get(f"/catalog/full.{SUFFIX}")
def full(suffix: str) -> Response:
    """Every public dataset in one document, however many there are."""
    form = SUFFIXES[suffix]
    return answer(form.content_type, lambda: catalogue.catalogue(form.name), whole=form.name)


@feed.get(f"/dataset/<ref>.{SUFFIX}")
def one(ref: str, suffix: str) -> Response:
    """One public dataset."""
    form = SUFFIXES[suffix]
    return answer(form.content_type, lambda: catalogue.dataset(form.name, ref))


def _part() -> dict[str, str]:
    """Which part the reader asks for; nothing for the whole."""
    return {name: request.args[name] for name in PARTIAL if request.args.get(name)}


def _asked_for(form: Form, suffix: str) -> Document:
    asked = _part()
    if not asked and not paging.is_too_long(config.whole_up_to()):
        return catalogue.catalogue(form.name)
    address = f"{config.base()}/catalog.{suffix}"
    return catalogue.part(form.name, lambda state: paging.select(state, asked, address))
