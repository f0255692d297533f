"""A production with a leaking configuration does not start; the commands that mend it do."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click
from ckan.exceptions import CkanConfigurationException

from ckanext.edomex.shield import config
from ckanext.edomex.shield.domain.commands import mends
from ckanext.edomex.shield.domain.configuration import examine
from ckanext.edomex.shield.domain.findings import Finding, refusing
from ckanext.edomex.shield.logic.facts import gather


class LeakingConfigurationError(CkanConfigurationException):
    """Starting would show unreleased data, people or secrets to strangers; says what, and how to mend each."""

    def __init__(self, found: Sequence[Finding]) -> None:
        lines = "\n".join(f"  {finding.code}: {finding.text}" for finding in found)
        super().__init__(
            f"edomex no arranca: la configuración mostraría lo que no es público.\n{lines}\n"
            "«ckan edomex doctor» lo repite con todo lo demás. Si esto no es producción: ckanext.edomex.shield.production = false."
        )
        self.found = list(found)


def refuse_if_leaking() -> None:
    """Looks at the configuration only, so that a start waits for no service.

    Raises:
        LeakingConfigurationError: this is production, serves somebody, and leaks.
    """
    if not config.is_production() or _is_mending():
        return
    found = refusing(examine(gather()))
    if found:
        raise LeakingConfigurationError(found)


def _is_mending() -> bool:
    """Whether this process is one of `ckan`'s commands that only look or mend. CKAN itself reads its command line so."""
    context = click.get_current_context(silent=True)
    return context is not None and context.find_root().info_name == "ckan" and mends(sys.argv[1:])
