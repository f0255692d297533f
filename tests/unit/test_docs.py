"""Documents that say what the code does, lead somewhere, and could be read on any machine."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from ckanext.edomex.domain import catalogue
from ckanext.edomex.domain.schemas import fillable
from ckanext.edomex.domain.tabular import Row

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
MARKDOWN = sorted([*DOCS.rglob("*.md"), *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md"))])
LINK = re.compile(r"\[[^\]]*\]\((?P<target>[^)\s]+)\)")
#: Made by the browser tests from the running portal, and so not there before they ran.
MADE_LATER = {ROOT / "docs" / "images" / "inicio.png"}
FENCE = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
MAKE = re.compile(r"\bmake ([a-z][a-z-]*)")
#: Folders of one machine; a container's own, which the production form fixes, are none.
MACHINE = re.compile(r"(?<![\w./])/(work|home|root|Users|private|mnt)/\w|[A-Z]:\\")
ADR_LINES = 45


def name_of(path):
    return str(path.relative_to(ROOT))


def anchors(path):
    """The addresses of a document's headings, as the usual renderers make them."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", path.read_text(encoding="utf-8")), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def test_generated_parts_are_fresh():
    done = subprocess.run(
        [sys.executable, "-m", "docs.generate", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_stale_document_is_noticed(monkeypatch, capsys):
    from docs import generate

    fresh = generate.pages()
    monkeypatch.setattr(generate, "pages", lambda: {path: f"{text}x" for path, text in fresh.items()})
    monkeypatch.setattr(sys, "argv", ["generate", "--check"])
    assert generate.main() == 1
    assert "docs/reference/actions.md" in capsys.readouterr().err


def test_every_action_is_in_the_reference():
    reference = (DOCS / "reference" / "actions.md").read_text(encoding="utf-8")
    found = set()
    for path in ROOT.glob("ckanext/edomex/**/logic/**/*.py"):
        if path.stem != "auth":
            tree = ast.parse(path.read_text(encoding="utf-8"))
            found |= {
                node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("edomex_")
            }
    assert found
    assert {name for name in found if f"### `{name}`" not in reference} == set()


@pytest.mark.parametrize("layout", ["v2", "v3", "full"])
def test_a_table_with_the_headers_of_the_reference_is_read(layout):
    schema = yaml.safe_load((ROOT / "ckanext/edomex/schemas/dataset.yaml").read_text(encoding="utf-8"))
    section = (DOCS / "reference" / "schema.md").read_text(encoding="utf-8").partition("## Catalogue as a table")[2]
    (said,) = re.findall(rf"^\| {layout} \| (`ds:.*) \|$", section, flags=re.MULTILINE)
    header = tuple(re.findall(r"`([^`]+)`", said))
    assert catalogue.read([Row(line=1, cells=header)], *fillable(schema)).drafts == []
    assert layout != "full" or "ds:groups" in header


def test_every_action_says_who_may_call_it():
    from docs import generate

    assert [action.name for action in generate.actions() if not action.who or not action.summary] == []


def test_every_event_of_the_log_is_explained_to_the_operator():
    text = (DOCS / "operations.md").read_text(encoding="utf-8")
    events = set()
    for path in ROOT.glob("ckanext/edomex/**/*.py"):
        if "tests" not in path.parts:
            events |= set(re.findall(r'"event": "([a-z_.]+)"', path.read_text(encoding="utf-8")))
    assert events
    assert {event for event in events if f"`{event}`" not in text} == set()


@pytest.mark.parametrize("path", MARKDOWN, ids=name_of)
def test_links_lead_somewhere(path):
    for match in LINK.finditer(FENCE.sub("", path.read_text(encoding="utf-8"))):
        target, _, anchor = match["target"].partition("#")
        if re.match(r"[a-z]+:", target):
            continue
        there = (path.parent / target).resolve() if target else path
        assert there.exists() or there in MADE_LATER, match[0]
        if anchor and there.suffix == ".md":
            assert anchor in anchors(there), match[0]


@pytest.mark.parametrize("path", MARKDOWN, ids=name_of)
def test_commands_of_make_exist(path):
    # Only what is set as code, and no comment in it: «make sure» is not a command.
    text = path.read_text(encoding="utf-8")
    blocks = [re.sub(r"(^|\s)#.*", "", block) for block in FENCE.findall(text)]
    code = "\n".join([*blocks, *re.findall(r"`[^`\n]+`", FENCE.sub("", text))])
    targets = set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))
    assert set(MAKE.findall(code)) <= targets


def test_the_readme_names_the_two_commands():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "make demo" in text
    assert "make test\n" in text
    assert "docs/images/inicio.png" in text


@pytest.mark.parametrize("path", MARKDOWN, ids=name_of)
def test_no_path_of_a_machine(path):
    text = path.read_text(encoding="utf-8")
    assert str(ROOT) not in text
    assert MACHINE.search(text) is None


@pytest.mark.parametrize("path", sorted((DOCS / "adr").glob("*.md")), ids=name_of)
def test_a_decision_is_short_and_can_be_undone(path):
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= ADR_LINES
    for heading in ("## Context", "## Decision", "## Consequences", "## How to undo"):
        assert heading in text


def test_decisions_that_the_code_names_exist():
    for path in ROOT.glob("ckanext/edomex/**/*.py"):
        for name in re.findall(r"docs/[\w./-]+\.md", path.read_text(encoding="utf-8")):
            assert (ROOT / name).exists(), f"{path}: {name}"


@pytest.mark.parametrize("path", sorted((DOCS / "guia").glob("*.md")), ids=name_of)
def test_what_the_guide_says_of_the_screen_stands_there(path):
    sources = [each for kind in ("html", "yaml", "py") for each in ROOT.glob(f"ckanext/edomex/**/*.{kind}")]
    shown = re.sub(r"\s+", " ", " ".join(each.read_text(encoding="utf-8") for each in sources))
    said = re.findall(r"\*\*([^*]+)\*\*", path.read_text(encoding="utf-8"))
    assert [words for words in said if re.sub(r"\s+", " ", words) not in shown] == []
