"""What may be asked of the feed: how good what it says is."""

from __future__ import annotations

from typing import Any

from ckan.plugins import toolkit as tk
from ckan.types import Context

from ckanext.edomex.feed import profile
from ckanext.edomex.feed.domain.quality import EVERYTHING, Score, left_out, score, together
from ckanext.edomex.feed.logic import fragments
from ckanext.edomex.feed.logic import state as states

Data = dict[str, Any]


@tk.side_effect_free
def edomex_feed_report(context: Context, data_dict: Data) -> Data:
    """How good the metadata of public datasets is (MQA, 405 points), what is missing with its remedy, and what was left out.

    :param agency: only this agency's, by its name (optional)
    :returns: `{points, of, rating, dimensions, agencies, datasets}`; each dataset `{id, name, title, agency, points, rating, missing,
        left_out}`
    """
    tk.check_access("edomex_feed_report", context, data_dict)
    around, agency = profile.surroundings(), data_dict.get("agency")
    found: list[tuple[Score, Data]] = []
    listed = states.current().listed
    for start in range(0, len(listed), fragments.BATCH):
        for dataset in fragments.read(listed[start : start + fragments.BATCH]):
            own: Data = dataset.get("organization") or {}
            if agency in {None, "", own.get("name")}:
                found.append((points := score(dataset, around), _row(dataset, own, points, left_out(dataset, around))))
    names = sorted({row["agency"] for _, row in found if row["agency"]})
    return {
        **_summary([points for points, _ in found]),
        "agencies": [{"name": name, **_summary([points for points, row in found if row["agency"] == name])} for name in names],
        "datasets": sorted((row for _, row in found), key=lambda row: (row["points"], row["name"])),
    }


def _row(dataset: Data, agency: Data, points: Score, lost: list[str]) -> Data:
    return {
        "id": dataset["id"], "name": dataset["name"], "title": dataset.get("title"), "agency": agency.get("name"),
        "points": points.points, "rating": points.rating, "left_out": lost,
        "missing": [{"label": each.label, "remedy": each.remedy, "points": each.points} for each in points.missing],
    }  # fmt: skip


def _summary(scores: list[Score]) -> Data:
    whole = together(scores)
    return {
        "points": whole.points, "of": EVERYTHING, "rating": whole.rating, "count": len(scores), "dimensions": dict(whole.by_dimension),
    }  # fmt: skip
