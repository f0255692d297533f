"""Judges that others wrote: the SHACL shapes of DCAT-AP 3.0.1. `EDOMEX_JUDGES` is their folder."""

import os
from collections import Counter
from pathlib import Path

import pytest
from rdflib import RDF, Graph, URIRef

BASE, RANGES = "dcat-ap-3.0.1-shapes.ttl", "dcat-ap-3.0.1-range.ttl"
#: What the ranges are asked of: the authorities' own tables.
BACKGROUND = ("data-theme-skos.rdf", "filetypes-skos.rdf", "licences-skos.rdf")
SH = "http://www.w3.org/ns/shacl#"


def judged(data, *names, with_background=False):
    """Violations by path, component and node of what these shapes say."""
    import pyshacl

    folder = os.environ.get("EDOMEX_JUDGES")
    if not folder:
        pytest.skip("needs the judges' folder: EDOMEX_JUDGES")
    shapes, known = Graph(), Graph()
    for name in names:
        shapes.parse(Path(folder, name), format="turtle")
    for name in BACKGROUND if with_background else ():
        known.parse(Path(folder, "background", name), format="xml")
    asked = data + known if with_background else data
    _, report, _ = pyshacl.validate(asked, shacl_graph=shapes, inference="none", do_owl_imports=False)
    found = Counter()
    for result in report.subjects(RDF.type, URIRef(SH + "ValidationResult")):
        keys = ("resultPath", "sourceConstraintComponent", "focusNode")
        found[tuple(str(report.value(result, URIRef(SH + key))) for key in keys)] += 1
    return found
