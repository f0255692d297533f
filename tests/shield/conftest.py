"""The canary of each test, and who asks about it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import yaml

from tests.shield import inventory
from tests.shield.canary import Canary, People
from tests.shield.rounds import Rounds

VOID = Path(__file__).parent / "void.yaml"
TOKENS = {"editor": "EDITOR", "other": "OTHER_EDITOR", "reviewer": "REVIEWER", "second": "OTHER_REVIEWER", "sysadmin": "SYSADMIN"}


@pytest.fixture(scope="session")
def people():
    return People(os.environ["EDOMEX_URL"], {name: os.environ[f"EDOMEX_{token}_TOKEN"] for name, token in TOKENS.items()})


@pytest.fixture(scope="session")
def portal():
    """What the running portal answers to."""
    return inventory.of(os.environ["CKAN_INI"])


@pytest.fixture(scope="session")
def known_void():
    """Questions that show the canary to nobody, as reviewed."""
    return [name for group in yaml.safe_load(VOID.read_text()) for name in group["probes"]]


@pytest.fixture(scope="session")
def findings(people, portal, known_void):
    """What everybody was told in the life of one canary."""
    return Rounds(Canary(people, os.environ["EDOMEX_AGENCY"]), portal, known_void).run()


@pytest.fixture(scope="session")
def hidden(people):
    """Another canary, promised for later, that stays so."""
    canary = Canary(people, os.environ["EDOMEX_AGENCY"])
    canary.hide()
    return canary
