"""`edomex_release`: wiring only."""

from __future__ import annotations

from typing import Any

import ckan.plugins as p
from ckan import model
from ckan.plugins import toolkit as tk
from ckan.types import Context

from ckanext.edomex.adapters import ledgers, outbox
from ckanext.edomex.release.jobs import followups
from ckanext.edomex.release.logic import (
    action,
    agenda,
    approval,
    boards,
    calendar,
    changes,
    edition,
    guard,
    happenings,
    labels,
    observations,
    public,
    queue,
    reading,
    roles,
    side_doors,
    telemetry,
    updates,
    versions,
    windows,
    withdrawal,
)
from ckanext.edomex.release.model.ledger import LEDGER

_MODULES = (
    action, agenda, approval, boards, calendar, changes, edition, happenings, observations, public, queue, reading, roles, telemetry,
    updates, versions, windows, withdrawal,
)  # fmt: skip


def _actions() -> dict[str, Any]:
    own = {
        name: function
        for module in _MODULES
        for name, function in vars(module).items()
        if name.startswith("edomex_")
    }
    return {**own, **guard.CHAINED, **side_doors.chained()}


@tk.blanket.actions(_actions)
@tk.blanket.auth_functions
@tk.blanket.blueprints
@tk.blanket.cli
@tk.blanket.config_declarations
@tk.blanket.helpers
class ReleasePlugin(p.IConfigurer, p.IPackageController, p.IPermissionLabels, p.SingletonPlugin):
    """Review, schedule, release; the guard of `private`; who sees what is under review."""

    def update_config(self, config: Any) -> None:
        """Pages of this room, what follows a release, and its history for the audit."""
        tk.add_template_directory(config, "templates")
        outbox.register(*followups.FOLLOW_UPS)
        ledgers.register(LEDGER)

    def after_dataset_update(self, context: Context, pkg_dict: dict[str, Any]) -> None:
        """Within CKAN's transaction, before its commit."""
        guard.void_if_changed(context, pkg_dict["id"])

    def get_dataset_labels(self, dataset_obj: model.Package) -> list[str]:
        """Who may see a dataset."""
        return labels.of_dataset(dataset_obj)

    def get_user_dataset_labels(self, user_obj: model.User | None) -> list[str]:
        """What a user may see."""
        return labels.of_user(user_obj)
