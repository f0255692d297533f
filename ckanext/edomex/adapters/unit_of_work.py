"""Who commits: the unit of work, and nobody else."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from ckan import model
from ckan.types import AlchemySession


@contextlib.contextmanager
def unit_of_work() -> Iterator[AlchemySession]:
    """CKAN's session, committed when the block ends well and rolled back when it does not.

    Rows of the outbox and events written inside share the transaction with what they tell of.
    """
    session = model.Session
    try:
        yield session
        session.commit()
    except BaseException:
        session.rollback()
        raise
