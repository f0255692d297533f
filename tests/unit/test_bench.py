"""The benchmarks' own arithmetic, lines and results file: a wrong harness would make any engine look good."""

from __future__ import annotations

import json
import sys

import pytest

from bench import __main__ as command
from bench import results
from bench.figures import BenchError, Comparison, Measure, Timing, alternate, percentile, plain
from bench.release_idle import count_statements


def comparison(**changes):
    fields = {"name": "batch", "ours": [1.0, 9.0, 2.0, 2.0, 2.0], "peer": [50.0, 60.0, 50.0, 50.0, 1.0], **changes}
    return Comparison(**fields)


def test_a_comparison_is_one_of_medians():
    assert comparison().ratio == 25
    assert comparison().line("release") == "BENCH release.batch ours=2 peer=50 ratio=25"


@pytest.mark.parametrize(
    ("limits", "met"),
    [
        ({}, True),
        ({"at_most_s": 2.0, "at_least_ratio": 25.0}, True),
        ({"at_most_s": 1.9}, False),
        ({"at_least_ratio": 25.1}, False),
        ({"at_most_s": 1.9, "at_least_ratio": 2.0}, False),
    ],
)
def test_each_limit_that_was_set_has_to_hold(limits, met):
    assert comparison(**limits).met is met


@pytest.mark.parametrize("side", ["ours", "peer"])
def test_fewer_than_five_rounds_are_no_comparison(side):
    with pytest.raises(BenchError, match="fewer than 5 rounds"):
        comparison(**{side: [1.0] * 4})


@pytest.mark.parametrize(
    ("value", "line"),
    [
        (0.5, "BENCH release.lateness value=0.5 limit=0.5 met=yes"),
        (0.50001, "BENCH release.lateness value=0.5 limit=0.5 met=no"),
        (12, "BENCH release.lateness value=12 limit=0.5 met=no"),
    ],
)
def test_a_measure_shows_its_limit(value, line):
    measure = Measure(name="lateness", value=value, limit=0.5, unit="s", samples={})
    assert measure.line("release") == line


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0"), (1234.5678, "1235"), (25, "25"), (1.23456, "1.235"), (0.000123456, "0.0001235"), (100, "100"), (123456, "123456")],
)
def test_numbers_have_no_exponent_and_keep_their_zeros(number, text):
    assert plain(number) == text


@pytest.mark.parametrize(
    ("count", "share", "rank"), [(200, 0.99, 198), (100, 0.99, 99), (101, 0.99, 100), (5, 0.99, 5), (1, 0.5, 1), (10, 0.5, 5)]
)
def test_a_percentile_is_the_nearest_rank(count, share, rank):
    values = list(range(count, 0, -1))
    assert percentile(values, share) == rank


def test_a_percentile_of_nothing_is_refused():
    with pytest.raises(BenchError):
        percentile([], 0.99)


def test_ours_and_the_peer_take_turns_and_the_first_place():
    order = []

    def side(name, factor):
        def run(number):
            order.append(f"{name}{number}")
            return factor * number

        return run

    assert alternate(3, side("a", 1.0), side("b", 10.0)) == ([0, 1, 2], [0, 10, 20])
    assert order == ["a0", "b0", "b1", "a1", "a2", "b2"]


LOG = """\
bench:portal::LOG:  statement: BEGIN
bench:portal::LOG:  statement:
\tSELECT r.id FROM edomex_release r
\tWHERE r.state = 'scheduled'
bench:portal::LOG:  statement: SELECT 1
bench:portal:bench:LOG:  statement: SELECT pg_reload_conf()
bench:peer::LOG:  statement: SELECT 2
bench:portal::LOG:  duration: 2 ms
parameter "log_statement" changed to "all"
bench:portal::LOG:  statement: SELECT 1
"""


def test_statements_are_counted_over_lines_and_without_our_own():
    assert count_statements(LOG, "portal") == {
        "BEGIN": 1, "SELECT r.id FROM edomex_release r WHERE r.state = 'scheduled'": 1, "SELECT 1": 2,
    }  # fmt: skip


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(results, "FOLDER", tmp_path / "results")
    return tmp_path / "results"


def test_the_results_file_has_every_sample_and_whence_it_came(folder):
    measure = Measure(name="late", value=1.0, limit=2.0, unit="s", samples={"late_s": (0.5, 1.0)}, details={"of": "ñ"})
    path = results.write("release", [comparison(at_most_s=2.0), measure])
    assert path == folder / "release.json"
    written = json.loads(path.read_text(encoding="utf-8"))
    assert set(written) == {"room", "machine", "versions", "figures"}
    assert written["room"] == "release"
    assert written["machine"]["cores"] >= 1
    assert written["versions"]["ckan"].startswith("2.")
    first, second = written["figures"]
    assert set(second["run"]) == {"at", "commit", "uncommitted_changes", "load"}
    assert len(second["run"]["commit"]) == 40
    assert first["samples"] == {"ours_s": [1.0, 9.0, 2.0, 2.0, 2.0], "peer_s": [50.0, 60.0, 50.0, 50.0, 1.0]}
    assert (first["ours_s"], first["peer_s"], first["ratio"], first["met"]) == (2.0, 50.0, 25.0, True)
    assert (second["value"], second["limit"], second["samples"], second["details"]) == (1.0, 2.0, {"late_s": [0.5, 1.0]}, {"of": "ñ"})
    assert str(results.ROOT) not in path.read_text(encoding="utf-8")


def test_a_run_of_some_cases_replaces_their_figures_and_keeps_the_others(folder):
    results.write("release", [comparison(name="batch"), comparison(name="other")])
    path = results.write("release", [comparison(name="batch", peer=[4.0] * 5)])
    figures = {figure["name"]: figure["ratio"] for figure in json.loads(path.read_text(encoding="utf-8"))["figures"]}
    assert figures == {"batch": 2, "other": 25}


def test_figures_of_another_machine_or_of_other_versions_are_not_kept_beside(folder, monkeypatch):
    results.write("release", [comparison(name="other")])
    monkeypatch.setattr(results, "machine", lambda: {"cores": 64})
    path = results.write("release", [comparison(name="batch")])
    assert [figure["name"] for figure in json.loads(path.read_text(encoding="utf-8"))["figures"]] == ["batch"]


def test_a_case_that_is_not_there_is_named_before_anything_starts():
    with pytest.raises(BenchError, match=r"no case nothing; it has batch, singles"):
        command.run("release", ["nothing"])


def test_what_the_environment_lacks_is_said_in_one_sentence(monkeypatch, capsys):
    monkeypatch.setenv("EDOMEX_URL", "http://127.0.0.1:1")
    monkeypatch.delenv("EDOMEX_STACK_DIR", raising=False)
    monkeypatch.setattr(sys, "argv", ["bench", "release"])
    assert command.main() == 1
    assert "EDOMEX_STACK_DIR is not set: run `make bench`" in capsys.readouterr().err


def test_a_portal_that_is_kept_is_not_filled(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("EDOMEX_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("EDOMEX_STACK_DIR", str(tmp_path))
    monkeypatch.setattr(sys, "argv", ["bench", "release"])
    assert command.main() == 1
    assert "throw-away stack" in capsys.readouterr().err


def test_every_room_has_cases():
    import importlib

    assert all(callable(case) for room in command.ROOMS for case in importlib.import_module(f"bench.{room}").CASES.values())


def test_a_figure_without_a_peer_says_ours_alone():
    figure = Timing(name="inventory_1000", ours=[0.5, 0.7, 0.6, 0.9, 0.4], at_most_s=3)
    assert figure.line("autoservicio") == "BENCH autoservicio.inventory_1000 ours=0.6"
    assert figure.met and not Timing(name="x", ours=[4] * 5, at_most_s=3).met
    assert figure.record()["limits"] == {"ours_s_at_most": 3} and len(figure.record()["samples"]["ours_s"]) == 5
    with pytest.raises(BenchError):
        Timing(name="x", ours=[1] * 4, at_most_s=3)
