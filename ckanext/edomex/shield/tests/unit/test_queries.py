"""Search parameters from outside: what would look past the caller's rights is refused, the rest stays as it is."""

import pytest

from ckanext.edomex.shield.domain.queries import QueryError, narrowed

ORDINARY = {
    "q": "agua potable (2020)", "fq": "tags:agua +organization:igecem", "sort": "score desc, metadata_modified desc", "fl": "id,name",
    "facet.field": ["tags", "res_format"], "facet.mincount": 1, "rows": 20,
}  # fmt: skip


def test_an_ordinary_search_stays_as_it_is():
    assert narrowed(ORDINARY) == ORDINARY


@pytest.mark.parametrize("asked", [0, "0", -1])
def test_facets_are_of_what_is_found(asked):
    assert narrowed({"facet.mincount": asked})["facet.mincount"] == 1


def test_facet_names_may_come_as_a_query_in_an_address_has_them():
    assert narrowed({"facet.field": '["tags", "res_format"]'})


@pytest.mark.parametrize(
    "asked",
    [
        {"sort": 'if(docfreq(text,"secreto"),name,id) asc'},
        {"sort": "docfreq(text,$x) desc"},
        {"fl": ["id", "n:docfreq(text,secreto)"]},
        {"fl": "id, score"},
        {"bf": "docfreq(text,secreto)"},
        {"boost": "name"},
        {"facet.field": ["{!key=x}text"]},
        {"q": '_val_:"docfreq(text,secreto)"'},
        {"fq_list": ['_query_:"{!frange l=1}docfreq(text,secreto)"']},
        {"facet.mincount": "x"},
    ],
)
def test_what_speaks_of_every_document_is_refused(asked):
    with pytest.raises(QueryError) as error:
        narrowed(asked)
    assert error.value.parameter in asked
    assert error.value.remedy
