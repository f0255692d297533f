"""What may be asked of the feed: how good what it says is."""

from __future__ import annotations

from typing import Any

from ckan.plugins import toolkit as tk
from ckan.types import Context

from ckanext.edomex.feed import profile
from ckanext.edomex.feed.domain.quality import EVERYTHING, Score, left_out, score, together
from ckanext.edomex.feed.logic import catalogue
from ckanext.edomex.feed.logic import state as states
from ckanext.edomex.feed.logic.state import State

Data = dict[str, Any]
#: The last state with its points; there is another after every commit.
_held: list[tuple[State, list[tuple[Score, Data]]]] = []


@tk.side_effect_free
def edomex_feed_report(context: Context, data_dict: Data) -> Data:
    """How good the metadata of public datasets is (MQA, 405 points), what is missing with its remedy, and what was left out.

    :param agency: only this agency's, by its name (optional)
    :returns: `{points, of, rating, dimensions, agencies, datasets}`; each dataset `{id, name, title, agency, points, rating, missing,
        left_out}`
    """
    tk.check_access("edomex_feed_report", context, data_dict)
    agency = data_dict.get("agency")
    found = [(points, row) for points, row in _scored(states.current()) if agency in {None, "", row["agency"]}]
    titles = {row["agency"]: row["agency_title"] for _, row in found if row["agency"]}
    return {
        **_summary([points for points, _ in found]),
        "agencies": [
            {"name": name, "title": titles[name], **_summary([points for points, row in found if row["agency"] == name])}
            for name in sorted(titles)
        ],
        "datasets": sorted((row for _, row in found), key=lambda row: (row["points"], row["name"])),
    }


def _scored(state: State) -> list[tuple[Score, Data]]:
    """Every public dataset with its points. Anybody may ask, and it reads them all: once after a commit."""
    for known, scored in _held[:]:
        if known is state:
            return scored
    around = profile.surroundings()
    datasets = catalogue.read_all(state.listed)
    scored = [(points := score(dataset, around), _row(dataset, points, left_out(dataset, around))) for dataset in datasets]
    _held[:] = [(state, scored)]
    return scored


def _row(dataset: Data, points: Score, lost: list[str]) -> Data:
    agency: Data = dataset.get("organization") or {}
    return {
        "id": dataset["id"], "name": dataset["name"], "title": dataset.get("title"), "agency": agency.get("name"),
        "agency_title": agency.get("title"),
        "points": points.points, "rating": points.rating, "left_out": lost,
        "missing": [{"label": each.label, "remedy": each.remedy, "points": each.points} for each in points.missing],
    }  # fmt: skip


def _summary(scores: list[Score]) -> Data:
    whole = together(scores)
    return {
        "points": whole.points, "of": EVERYTHING, "rating": whole.rating, "count": len(scores), "dimensions": dict(whole.by_dimension),
    }  # fmt: skip
