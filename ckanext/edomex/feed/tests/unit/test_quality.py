"""Points are the MQA's, and each that is missing has a remedy."""

import pytest

from ckanext.edomex.feed.domain.quality import DIMENSIONS, EVERYTHING, METRICS, left_out, score, together

GOOD = {
    "id": "d1", "name": "ds-1", "title": "Población", "tags": [{"name": "censo"}], "groups": [{"name": "salud"}],
    "spatial_keys": ["15106"], "temporal_start": "2020-01-01", "license_url": "https://creativecommons.org/licenses/by/4.0/",
    "contact_unit": "Unidad",
    "organization": {"id": "o", "name": "o", "title": "O"},
    "resources": [{"id": "r", "url": "a.csv", "url_type": "upload", "format": "CSV", "size": 12, "rights": "Citar."}],
}  # fmt: skip


def test_weights_are_the_published_ones():
    assert sum(metric.weight for metric in METRICS) == EVERYTHING == 405
    by_dimension = [sum(metric.weight for metric in METRICS if metric.dimension == name) for name in DIMENSIONS]
    assert by_dimension == [100, 100, 110, 75, 20]


def test_everything_is_all_points(around):
    found = score(GOOD, around)
    assert (found.points, found.rating, list(found.missing)) == (405, "Excelente", [])


@pytest.mark.parametrize(
    ("changed", "lost"),
    [
        ({"tags": []}, 30), ({"groups": [{"name": "desconocido"}]}, 30), ({"spatial_keys": ["99"]}, 20),
        ({"temporal_start": "ayer"}, 20),
        ({"license_url": "https://datos.gob.mx/libreusomx"}, 10), ({"license_url": None}, 30),
        ({"resources": [{**GOOD["resources"][0], "url_type": None, "url": "https://a.example.org/x.csv"}]}, 100),
        ({"resources": [{**GOOD["resources"][0], "format": "Raro"}]}, 60),
        ({"resources": [{**GOOD["resources"][0], "size": None}]}, 5),
    ],
)  # fmt: skip
def test_what_is_missing_costs_its_weight(changed, lost, around):
    found = score({**GOOD, **changed}, around)
    assert found.points == 405 - lost
    assert sum(each.points for each in found.missing) == pytest.approx(lost)
    assert all(each.remedy for each in found.missing)


def test_a_half_of_the_files_is_a_half_of_the_points(around):
    files = [GOOD["resources"][0], {**GOOD["resources"][0], "rights": ""}]
    assert score({**GOOD, "resources": files}, around).points == 402.5


def test_of_many_each_counts_alike(around):
    whole = together([score(GOOD, around), score({**GOOD, "tags": []}, around)])
    assert (whole.points, together([]).points) == (390, 0)


def test_what_cannot_be_said_is_named_with_its_remedy(around, generated):
    bad = {**GOOD, "url": "x", "temporal_end": "2020-02-30", "spatial_keys": ["99"]}
    bad["resources"] = [{"id": "r", "url": "y", "format": "Raro"}]
    assert len(left_out(bad, around)) == 5
    assert left_out(GOOD, around) == []
    for dataset in generated(40):
        assert 0 <= score(dataset, around).points <= 405
