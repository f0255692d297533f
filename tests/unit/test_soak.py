"""What the soak counts as growth and as an error."""

from __future__ import annotations

import pytest

from stack.places import Stack
from stack.soak.ledger import KEPT, Ledger
from stack.soak.logs import Logs
from stack.soak.memory import NOISE_MB, SOLR_MB, Line, Watch


def line(name, figures, pid=1):
    return Line(name, (pid, 0.0), at=[60.0 * minute for minute in range(len(figures))], mb=[float(mb) for mb in figures])


@pytest.fixture
def watch(tmp_path):
    return Watch(Stack(tmp_path))


def watched(watch, *lines):
    watch.lines = {one.identity: one for one in lines}
    return watch.complaints()


def test_what_grows_only_while_it_warms_up_does_not_grow():
    figures = [100, 140, 170, 180, *[180] * 16]
    assert line("web", figures).growth(after=60 * 7) == 0
    assert line("web", figures).growth(after=0) > 10


def test_noise_is_no_growth(watch):
    assert watched(watch, line("web", [150 + (minute % 3) for minute in range(30)])) == []


def test_a_leak_is_growth(watch):
    complaints = watched(watch, line("web", [150 + minute for minute in range(30)]))
    assert len(complaints) == 1
    assert complaints[0].startswith("web grew by 1")


def test_a_short_watch_allows_little_more_than_noise(watch):
    assert watched(watch, line("web", range(150, 153))) == []
    assert watch.allowed_mb() < NOISE_MB + 1


def test_of_several_processes_with_one_name_the_one_that_grows_counts(watch):
    complaints = watched(watch, line("worker", [100] * 30, pid=1), line("worker", range(100, 130), pid=2))
    assert len(complaints) == 1


def test_java_may_grow_up_to_its_ceiling(watch):
    assert watched(watch, line("solr", range(300, 600, 10))) == []
    assert watched(watch, line("solr", [SOLR_MB + 1] * 30))


def test_what_came_later_warms_up_later(watch):
    late = Line("worker", (2, 0.0), at=[600.0, 900.0, 1200.0, 1740.0], mb=[100.0, 150.0, 150.0, 150.0])
    assert watched(watch, line("worker", [150] * 30), late) == []


def test_a_process_that_was_replaced_is_a_fault(watch):
    watch.replaced.append("web was replaced")
    assert watched(watch, line("web", [100] * 30)) == ["web was replaced"]


def test_errors_of_logs_count_from_the_beginning_of_the_soak(tmp_path):
    log, rotated = tmp_path / "web.log", tmp_path / "worker.log"
    log.write_text("ERROR before\n")
    rotated.write_text("x" * 1000)
    logs = Logs(tmp_path)
    with log.open("a") as file:
        file.write("2026-01-01 INFO fine\n2026-01-01 ERROR   [ckan] bad\nTraceback (most recent call last):\n  no error\n")
    rotated.write_text("CRITICAL new\n")
    (tmp_path / "new.log").write_text("FATAL:  worse\n")
    assert logs.errors() == [
        "new.log: FATAL:  worse",
        "web.log: 2026-01-01 ERROR   [ckan] bad",
        "web.log: Traceback (most recent call last):",
        "worker.log: CRITICAL new",
    ]


def test_complaints_are_kept_up_to_a_number():
    ledger = Ledger()
    for number in range(KEPT + 10):
        ledger.complain(str(number))
    assert len(ledger.complaints) == KEPT
