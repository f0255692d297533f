"""What a description needs to know besides its dataset: the catalogue's address and the vocabularies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ckanext.edomex.feed.domain.formats import Format

Codes = Mapping[str, str]


def _none() -> dict[str, str]:
    return {}


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """Address and vocabularies. A vocabulary that is not given is one without words."""

    #: Address of the catalogue, no slash at the end.
    base: str
    #: Slug of a theme → code of the EU's data theme.
    themes: Codes
    #: Our code of a frequency → code of the EU's.
    frequencies: Codes
    #: INEGI's key of a municipality → its name.
    municipalities: Codes
    #: A word for a format, in capitals → what both registers call it.
    formats: Mapping[str, Format] = field(default_factory=dict[str, Format])
    #: Our code of an access level, a language, an availability → code of the EU's.
    access: Codes = field(default_factory=_none)
    languages: Codes = field(default_factory=_none)
    availability: Codes = field(default_factory=_none)
    #: Address of a licence → code of the EU's.
    licences: Codes = field(default_factory=_none)
    #: Slug of a theme → the federal theme of 2015.
    federal_themes: Codes = field(default_factory=_none)
    #: Vocabulary and code, with a slash between them → what people call it.
    labels: Codes = field(default_factory=_none)
