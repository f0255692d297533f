"""A dataset's copy at a target: where it stands, and the words for it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class State(StrEnum):
    """The six states of a copy; «sent» is not «public there», which may be another person's decision (DOF 2025-09-11, Art. 39)."""

    PENDING = "pending"
    SENT = "sent"
    PRIVATE_THERE = "private_there"
    PUBLIC_THERE = "public_there"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


STATE_NAMES: Mapping[str, str] = MappingProxyType({
    State.PENDING: "Pendiente",
    State.SENT: "Enviado",
    State.PRIVATE_THERE: "Privado allá",
    State.PUBLIC_THERE: "Público allá",
    State.REFUSED: "Rechazado",
    State.WITHDRAWN: "Retirado",
})
#: What a person may ask again to be done.
CAN_BE_RETRIED = frozenset({State.REFUSED, State.PENDING, State.SENT})


class Operation(StrEnum):
    """What one step does at the target."""

    CREATE = "create"
    UPDATE = "update"
    PUBLISH = "publish"
    DELETE = "delete"
    NOTHING = "nothing"
    REFUSE = "refuse"


OPERATION_NAMES: Mapping[str, str] = MappingProxyType({
    Operation.CREATE: "Crear",
    Operation.UPDATE: "Actualizar",
    Operation.PUBLISH: "Hacer público",
    Operation.DELETE: "Retirar",
    Operation.NOTHING: "Nada",
    Operation.REFUSE: "No se envía",
})
