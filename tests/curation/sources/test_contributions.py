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
    assert found.problems == [(1, "no-file")]


def test_a_folder_without_its_table_is_an_error_with_a_cure(given: Path, read_source: ReadSource) -> None:
    with pytest.raises(RecipeError, match=r"found neither\. .*kind = .folder"):
        read_source(SourceOptions(path="given", kind="contributions"), given.parent)


def test_nothing_a_contributor_wrote_is_in_a_repr(given: Path, read_source: ReadSource) -> None:
    (given / "contributions.jsonl").write_text(json.dumps({"file": "a.txt", "contributor": "Morwenna Trask"}))
    found = read_source(SourceOptions(path="given"), given.parent)
    assert "Morwenna" not in repr(found.found)
