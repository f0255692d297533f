"""Whatever the people of an agency and of the state do on their days, in whatever order, the whole workflow keeps its promises.

A Hypothesis state machine on the real database, from a row of the inventory to what everybody sees. The release engine by itself has
one of its own (`release/tests/integration/test_invariants.py`). Source of the invariants: `publishing.md` §6.12 of the project's
notes.
"""

from __future__ import annotations

import pytest
from ckan.tests import factories

from ckanext.edomex.tests.integration.workflow.calendar import Workflow
from ckanext.edomex.tests.machines import run


@pytest.fixture
def workflow(act, app, editor, stranger, reviewer, manager, sysadmin):
    """The machine, with people who have no agency yet."""
    people = {"editor": editor, "stranger": stranger, "reviewer": reviewer, "manager": manager, "sysadmin": sysadmin}
    Workflow.people = people | {name: factories.User() for name in ("colleague", "double")}
    tokens = {each["name"]: factories.APIToken(user=each["name"])["token"] for each in Workflow.people.values()}

    def visit(user, path):
        headers = {"Authorization": tokens[user["name"]]} if user else {}
        return app.get(path, headers=headers).body

    Workflow.act, Workflow.visit = staticmethod(act), staticmethod(visit)
    return Workflow


def test_the_workflow_keeps_its_promises(workflow):
    run(workflow, examples=10, steps=20)


@pytest.mark.long
def test_the_workflow_keeps_its_promises_for_long(workflow):
    run(workflow, examples=80, steps=50)
