"""xloader's last word of a file, which is lost where the portal does not take it at once.

ckanext-xloader 2.5.2 tells the portal over HTTP that a table is loaded, once, and goes on whatever the answer is: a worker that is
just being replaced, or a request that fails, leaves the table «running» for an hour. Nobody's edition takes its place until then.
"""

from __future__ import annotations

import logging
import time
from typing import Any

log = logging.getLogger(__name__)
#: Seconds before each further attempt.
WAITS = (0.5, 2.0, 5.0, 15.0)


def keep_its_word() -> None:
    """Let the loader tell it again until it is taken. A second call changes nothing."""
    from ckanext.xloader import jobs

    stock = jobs.callback_xloader_hook
    if getattr(stock, "is_patient", False):
        return

    def told(result_url: str, api_key: str, job_dict: dict[str, Any]) -> bool:
        # The stock function takes the key out of what it is given.
        for wait in (0.0, *WAITS):
            time.sleep(wait)
            if stock(result_url=result_url, api_key=api_key, job_dict=dict(job_dict)):
                return True
            status, resource = job_dict.get("status"), job_dict["metadata"].get("resource_id")
            extra = {"event": "loader.not_heard", "resource": resource, "status": status}
            log.warning("loader: the portal did not take «%s»", status, extra=extra)
        return False

    told.is_patient = True  # type: ignore[attr-defined]
    jobs.callback_xloader_hook = told
