"""Tables of releases, and the queries that more than one action needs.

They stay out of CKAN's metadata and have no foreign key into it: CKAN's tests delete whatever they find
there, and append-only events would stop that (docs/adr/0004-own-tables.md).
"""

from ckanext.edomex.release.model.calendar import (
    DONE,
    LOCAL_DAY,
    STANDING,
    WHERE_IT_STANDS,
    has_moved,
    histories,
    outcomes,
    promises,
    was_withdrawn,
)
from ckanext.edomex.release.model.content import content_hashes
from ckanext.edomex.release.model.outbox import Subjects, announce, enqueue, hold, owed
from ckanext.edomex.release.model.queries import (
    CHANNEL,
    current_release,
    is_released,
    now,
    open_edition,
    open_release,
    roles_of,
    version_count,
    wake_loops,
    withdrawal_of,
)
from ckanext.edomex.release.model.review import (
    Look,
    Observation,
    ObservationEvent,
    Submission,
    content_of,
    keep_submission,
    newest_submission,
    pending,
    pending_count,
    submissions,
)
from ckanext.edomex.release.model.tables import (
    Base,
    Blackout,
    Check,
    Event,
    Outbox,
    Release,
    RoleGrant,
    Schedule,
    Version,
    Warmup,
    Worker,
)
from ckanext.edomex.release.model.windows import OVER_AT, blackouts, promised_within, windows_of

__all__ = [
    "CHANNEL", "DONE", "LOCAL_DAY", "OVER_AT", "STANDING", "WHERE_IT_STANDS", "Base", "Blackout", "Check", "Event", "Look",
    "Observation", "ObservationEvent", "Outbox", "Release", "RoleGrant", "Schedule", "Subjects", "Submission", "Version", "Warmup",
    "Worker", "announce", "blackouts", "content_hashes", "content_of", "current_release", "enqueue", "has_moved", "histories",
    "hold", "is_released", "keep_submission", "newest_submission", "now", "open_edition", "open_release", "outcomes", "owed",
    "pending", "pending_count", "promised_within", "promises", "roles_of", "submissions", "version_count", "wake_loops",
    "was_withdrawn", "windows_of", "withdrawal_of",
]
