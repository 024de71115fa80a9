"""What must hold for every check there is, and for one that a newcomer drops in."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import curation.examples
import licenses.examples
import privacy.examples
from catalog import checks
from catalog.checks import KINDS, Check, discover
from catalog.errors import CheckError
from catalog.queries import query
from curation.recipe import load
from curation.runner import run

RUNNERS = {
    "claims": licenses.examples.run_example,
    "preferences": licenses.examples.run_example,
    "signals": curation.examples.run_example,
    "spans": privacy.examples.run_example,
    "regions": privacy.examples.run_example,
}
ALL = [check for kind in KINDS for check in discover(kind)]
HOW_TO = Path(__file__).parents[1] / "docs" / "how-to" / "add-a-check.md"


def named(check: Check) -> str:
    return f"{check.kind}-{check.name}"


def test_there_are_checks_of_every_kind() -> None:
    assert {check.kind for check in ALL} == set(KINDS)


@pytest.mark.parametrize("check", ALL, ids=named)
def test_a_check_finds_just_what_its_examples_say(check: Check) -> None:
    for example in check.examples:
        found = RUNNERS[check.kind](check, example)
        if check.kind == "signals":
            wanted = {part.partition("=")[0] for part in example.finds}
            found = tuple(part for part in found if part.partition("=")[0] in wanted)
        assert sorted(found) == sorted(example.finds), example


@pytest.mark.parametrize("check", ALL, ids=named)
def test_a_check_shows_a_hit_and_a_near_miss(check: Check) -> None:
    assert len(check.examples) >= 2
    assert len({example.finds for example in check.examples}) >= 2


@pytest.mark.parametrize("check", ALL, ids=named)
def test_a_check_says_what_it_is_and_what_it_reports(check: Check) -> None:
    assert check.module.__doc__
    assert check.reports
    assert all(line.strip().endswith(".") for line in check.reports.values())


@pytest.fixture
def shouting(tmp_path: Path) -> Path:
    """The check of the how-to page, dropped into a recipe's folder."""
    (source,) = re.findall(r"```python\n(.*?)```", HOW_TO.read_text("utf-8"), re.DOTALL)
    folder = tmp_path / "checks"
    folder.mkdir()
    (folder / "shouting.py").write_text(source, "utf-8")
    return folder


def test_the_check_of_the_how_to_page_passes_its_own_examples(shouting: Path) -> None:
    (check,) = [check for check in discover("signals", shouting) if check.name == "shouting"]
    for example in check.examples:
        assert curation.examples.run_example(check, example) == example.finds


def test_a_dropped_in_check_takes_part_in_a_run_and_its_rule_drops(
    shouting: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLEARTITLE_KEYS", str(tmp_path / "keys"))
    (rule,) = re.findall(r"```toml\n(.*?)```", HOW_TO.read_text("utf-8"), re.DOTALL)
    (tmp_path / "a.jsonl").write_text(
        '{"id": "1", "text": "THE TIDE IS IN, BOATS OUT", "license": "CC0-1.0", "language": "en"}\n'
        '{"id": "2", "text": "the tide is in, the boats are out", "license": "CC0-1.0", "language": "en"}\n',
        "utf-8",
    )
    recipe = tmp_path / "recipe.toml"
    recipe.write_text(
        'format = 1\ndataset = "d"\n[[source]]\npath = "a.jsonl"\n'
        '[privacy]\ntext = "patterns"\n[quality]\npresets = []\n' + rule,
        "utf-8",
    )
    done = run(load(recipe), workers=0)
    rows = query(done.workspace, "SELECT rule, value, threshold FROM reasons WHERE reason = 'shouting'").fetchall()
    assert rows == [("shouting_capitals", "1", "<= 0.5")]
    assert query(done.workspace, "SELECT count(shouting_capitals) FROM signals").fetchone() == (2,)
    (shouting / "shouting.py").write_text((shouting / "shouting.py").read_text("utf-8") + "\n# changed\n", "utf-8")
    assert run(load(recipe), workers=0).work["facts"] == 1, "a changed check finds its facts anew"


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("VERSION = 1", "expected exactly one of the functions"),
        ("def signals(view): ...", "expected VERSION of type int"),
        ("VERSION = 1\nREPORTS = {}\ndef signals(view): ...", "expected EXAMPLES of type tuple"),
        ("def signals(view): ...\ndef spans(view): ...", "expected exactly one of the functions"),
        ("import nothing_like_this", "the check does not load: ModuleNotFoundError"),
    ],
)
def test_a_file_that_is_no_check_says_which_part_it_lacks(source: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text(source, "utf-8")
    with pytest.raises(CheckError, match=re.escape(told)):
        discover("signals", tmp_path)


def test_a_check_may_not_shadow_another(tmp_path: Path) -> None:
    ours = checks.discover("signals")[0].name
    (tmp_path / f"{ours}.py").write_text("VERSION = 1\nREPORTS = {}\nEXAMPLES = ()\ndef signals(view): ...", "utf-8")
    with pytest.raises(CheckError, match="a check may not shadow another"):
        discover("signals", tmp_path)
