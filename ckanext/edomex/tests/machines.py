"""Running a Hypothesis state machine whose steps take as long as a database takes."""

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test


def run(machine, examples, steps):
    """So many days of so many steps each, another time others; what failed can be run again from what is printed."""
    limits = settings(
        max_examples=examples, stateful_step_count=steps, deadline=None, suppress_health_check=list(HealthCheck), derandomize=False,
        print_blob=True,
    )  # fmt: skip
    run_state_machine_as_test(machine, settings=limits)
