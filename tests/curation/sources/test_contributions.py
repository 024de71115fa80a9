"""Contributions: a work, who gave it, and what they agreed to."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from catalog.errors import RecipeError
from catalog.values import Consent
from curation.sources import SourceOptions

ReadSource = Callable[..., Any]
HEADER = "file,text,contributor,consent_scope,granted_at,expires,withdrawn,title,caption,licence\n"


@pytest.fixture
def given(tmp_path: Path) -> Path:
    folder = tmp_path / "given"
    folder.mkdir()
    for name in ("a.txt", "b.txt", "c.txt"):
        (folder / name).write_text(f"The text of {name}.")
    return folder


def test_each_row_brings_its_work_with_its_consent(given: Path, read_source: ReadSource) -> None:
    (given / "contributions.csv").write_text(
        HEADER
        + "b.txt,,morwenna,train; share redacted,2025-01-01,2026-01-01,2025-06-01,Bee,A bee,CC-BY-4.0\n"
        + ",A poem.,jasper,train,2025-02-01,,,,,\n"
    )
    found = read_source(SourceOptions(path="given"), given.parent)
    bee, poem, *others = found.records
    assert (bee.id, bee.text, bee.declared.contributor) == ("given/b.txt|", "The text of b.txt.", "morwenna")
    assert bee.declared.consent == Consent(
        ("train", "share redacted"),
        datetime(2025, 1, 1, tzinfo=UTC),
        datetime(2026, 1, 1, tzinfo=UTC),
        datetime(2025, 6, 1, tzinfo=UTC),
    )
    assert (bee.declared.title, bee.declared.licence, bee.declared.fields) == (
        "Bee",
        "CC-BY-4.0",
        (("caption", "A bee"),),
    )
    assert (poem.text, poem.source.address) == ("A poem.", "given:1")
    assert [(record.source.address, record.declared.consent) for record in others] == [
        ("given/a.txt", None),
        ("given/c.txt", None),
    ]
    assert found.entries == {"row": 2, "file without a row": 2}


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("lost.txt,,x,train,,,,,,", "no-file"),
        ("../a.txt,,x,train,,,,,,", "no-file"),
        (",,x,train,,,,,,", "no-text"),
        ("a.txt,,x,train,,,last week,,,", "not-a-date"),
        ("a.txt,,x,train,,30.02.2026,,,,", "not-a-date"),
    ],
)
def test_a_row_that_cannot_be_honoured_is_a_problem(
    row: str, problem: str, given: Path, read_source: ReadSource
) -> None:
    (given / "contributions.csv").write_text(HEADER + row + "\n")
    found = read_source(SourceOptions(path="given"), given.parent)
    assert found.problems == [(0, problem)]
    assert {"given/b.txt", "given/c.txt"} <= {record.source.address for record in found.records}


def test_json_lines_do_as_well_and_the_path_may_name_the_table(given: Path, read_source: ReadSource) -> None:
    rows = ['{"file": "a.txt", "contributor": "x", "consent_scope": "train"}', "no json"]
    (given / "contributions.jsonl").write_text("\n".join(rows))
    found = read_source(SourceOptions(path="given/contributions.jsonl"), given.parent)
    assert found.records[0].declared.consent == Consent(("train",))
    assert found.problems == [(1, "not-json"), (2, "row-unreadable"), (3, "row-unreadable")]


@pytest.mark.parametrize(
    ("rows", "problems", "entered"),
    [
        (["a.txt,ann,train,", "b.txt,ann,train,"], [], {"a": "ann", "b": "ann", "c": ""}),
        (
            ["a.txt,ann,train,", "a.txt,ann,train,2026-01-01"],
            [(0, "named-twice"), (1, "named-twice")],
            {"b": "", "c": ""},
        ),
        (
            ["a.txt,ann,train,2026-01-01,one too many", "b.txt,ann,train,"],
            [(0, "wrong-width"), (2, "row-unreadable"), (3, "row-unreadable")],
            {"b": "ann"},
        ),
        (
            ["b.txt,ann,train,", "a.txt,ann"],
            [(1, "wrong-width"), (2, "row-unreadable"), (3, "row-unreadable")],
            {"b": "ann"},
        ),
    ],
)
def test_a_row_that_may_hold_a_withdrawal_is_never_passed_over(
    rows: list[str], problems: list[tuple[int, str]], entered: dict[str, str], given: Path, read_source: ReadSource
) -> None:
    table = ["file,contributor,consent_scope,withdrawn", *rows]
    (given / "contributions.csv").write_text("".join(row + "\n" for row in table))
    found = read_source(SourceOptions(path="given"), given.parent)
    assert found.problems == problems
    assert {record.source.address[6]: record.declared.contributor for record in found.records} == entered


@pytest.mark.parametrize("text", ["x" * 200_000, "[" * 100_000])
def test_a_long_or_deep_row_costs_that_row_alone(text: str, given: Path, read_source: ReadSource) -> None:
    (given / "contributions.csv").write_text(f"file,text,contributor\n,{text},ann\na.txt,,ben\n")
    assert [one.declared.contributor for one in read_source(SourceOptions(path="given"), given.parent).records] == [
        "ann", "ben", "", "",
    ]  # fmt: skip
    (given / "contributions.csv").unlink()
    (given / "contributions.jsonl").write_text(f'{{"text": {text}}}\n{{"file": "a.txt", "contributor": "ben"}}\n')
    found = read_source(SourceOptions(path="given"), given.parent)
    assert found.problems[0] == (0, "not-json")
    assert [one.declared.contributor for one in found.records] == ["ben"]


def test_a_text_with_a_key_is_known_by_it_wherever_it_stands(given: Path, read_source: ReadSource) -> None:
    ids = []
    for rows in ("p1,One.\np2,Two.\n,Three.\n", "p2,Two.\n"):
        (given / "contributions.csv").write_text(f"id,text\n{rows}")
        found = read_source(SourceOptions(path="given"), given.parent)
        ids.append(
            {record.text: record.source.address for record in found.records if not record.text.startswith("The")}
        )
    assert ids == [{"One.": "given#p1", "Two.": "given#p2", "Three.": "given:2"}, {"Two.": "given#p2"}]


def test_a_folder_without_its_table_is_an_error_with_a_cure(given: Path, read_source: ReadSource) -> None:
    with pytest.raises(RecipeError, match=r"found neither\. .*kind = .folder"):
        read_source(SourceOptions(path="given", kind="contributions"), given.parent)


def test_nothing_a_contributor_wrote_is_in_a_repr(given: Path, read_source: ReadSource) -> None:
    (given / "contributions.jsonl").write_text(json.dumps({"file": "a.txt", "contributor": "Morwenna Trask"}))
    found = read_source(SourceOptions(path="given"), given.parent)
    assert "Morwenna" not in repr(found.found)
