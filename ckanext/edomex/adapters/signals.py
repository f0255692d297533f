"""What rooms tell one another of within the transaction in which it happens; who sends does not know who listens."""

from __future__ import annotations

from ckan.plugins import toolkit as tk

#: A step of an opening plan. Sender: the plan's id; with `move`, `version`, `agency_id`, `actor`, `submitted_by`, `approved_by`.
PLAN_MOVED = tk.signals.ckanext.signal("edomex:plan_moved")
#: The agency answered an observation of a review under way. Sender: the observation's id; with `version`, `release_id`, `agency_id`,
#: `actor`, and `author`, who wrote it.
OBSERVATION_ANSWERED = tk.signals.ckanext.signal("edomex:observation_answered")
#: A harvest source that people have to know of. Sender: its name; with `move` (`tried`, `approved`, `held`), `key` (its own for each
#: time that it comes to that), `agency_id`, `actor`.
SOURCE_MOVED = tk.signals.ckanext.signal("edomex:source_moved")
