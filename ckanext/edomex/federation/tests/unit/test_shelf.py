"""A document's statements by their subject."""

from __future__ import annotations

from ckanext.edomex.adapters.rdf import Node, Statement
from ckanext.edomex.federation.logic.shelf import FEW, KEPT, Shelf

AGENCY = "https://datos.example.org/organization/agua"


def said(subject: str, *texts: str) -> list[Statement]:
    return [Statement(subject, "dct:title", Node("l", text, "es")) for text in texts]


class TestLook:
    def test_what_each_dataset_says_of_its_agency_is_said_once_and_in_order(self):
        with Shelf() as shelf:
            shelf.fill([*said(AGENCY, "Agua", "CAEM"), *said(AGENCY, "Agua"), *said(AGENCY, "CAEM", "Comisión")])
            assert [text for _, (_, text, _) in shelf.look(AGENCY)] == ["Agua", "CAEM", "Comisión"]
            assert shelf.look(AGENCY) == shelf.look(AGENCY)
            assert shelf.look("https://datos.example.org/otra") == []

    def test_more_nodes_than_are_kept_and_nodes_of_much_are_found_all_the_same(self):
        nodes = [f"https://datos.example.org/{number}" for number in range(2 * KEPT)]
        much = [str(number) for number in range(FEW + 1)]
        with Shelf() as shelf:
            shelf.fill([*said(AGENCY, *much), *(each for node in nodes for each in said(node, node))])
            for _ in range(2):
                assert [text for _, (_, text, _) in shelf.look(AGENCY)] == much
                assert [shelf.look(node)[0][1][1] for node in nodes] == nodes
