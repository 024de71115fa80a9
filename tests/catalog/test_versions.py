from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from catalog.errors import GateRefused, NotFound, UsageError
from catalog.gate import Passed, gate
from catalog.manifests import Manifest
from catalog.versions import ROWS, open_version
from catalog.workspace import Workspace

Make = Callable[..., Manifest]
NOW = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
PAST = dt.datetime(2026, 5, 1, tzinfo=dt.UTC).replace(tzinfo=None)


def rid(number: int) -> str:
    return str(uuid.UUID(int=number))


def test_rows_come_in_the_order_of_the_shards_with_what_facts_say_of_them(seen: Workspace) -> None:
    version = open_version(seen, "harbour@1")
    rows = list(version.rows("train"))
    assert [row["id"] for row in rows] == [rid(1), rid(2), rid(6), rid(7)]
    assert list(rows[0]) == ROWS.names
    assert rows[1]["text"] == "<EMAIL> wrote from <EMAIL>."
    assert (rows[2]["text"], rows[2]["image"][:4], rows[2]["contributor"]) == (None, b"\x89PNG", "a" * 32)
    assert rows[3]["annotations"] == [
        {"annotator": "a" * 32, "label": "calm"},
        {"annotator": "b" * 32, "label": "calm"},
    ]
    assert list(version.rows("train")) == rows


def test_a_name_without_a_number_is_the_newest_version(seen: Workspace) -> None:
    assert open_version(seen, "harbour").name == "harbour@2"
    with pytest.raises(NotFound, match=r"harbour@1, harbour@2"):
        open_version(seen, "harbour@3")


def test_a_version_becomes_arrow_pandas_and_a_dataset_with_the_same_rows(seen: Workspace, tmp_path: Path) -> None:
    version = open_version(seen, "harbour@1")
    rows = list(version.rows())
    assert version.to_arrow().to_pylist() == rows
    assert version.to_pandas()["id"].tolist() == [row["id"] for row in rows]
    dataset = version.to_dataset(cache=tmp_path)
    assert dataset.column_names == ROWS.names
    assert (dataset[2]["image"].size, dataset[0]["text"]) == ((8, 6), "Ship number 1 is in.")
    assert dataset["id"][:] == [row["id"] for row in rows]
    assert version.to_dataset(cache=tmp_path)[:]["label"] == [None, None, None, "calm"]


def test_a_column_no_record_can_fill_is_left_out_of_a_dataset(make: Make, workspace: Workspace, tmp_path: Path) -> None:
    name = make(
        changes={"content": lambda rows: [row for row in rows if row["image" if "image" in row else "text"]][:2]}
    ).name
    assert "image" not in open_version(workspace, name).to_dataset(cache=tmp_path).column_names


def test_a_version_without_records_is_empty_and_not_an_error(make: Make, workspace: Workspace, tmp_path: Path) -> None:
    version = open_version(workspace, make(changes={"content": lambda rows: []}).name)
    assert list(version.rows("train")) == []
    assert version.to_arrow().num_rows == 0
    assert version.to_dataset(cache=tmp_path).num_rows == 0


def test_a_use_that_there_is_not_is_told_with_those_there_are(seen: Workspace) -> None:
    with pytest.raises(UsageError, match="uses train, share, share redacted, adapt, commercial, found 'frob'"):
        open_version(seen, "harbour@1").gate("frob")
    with pytest.raises(GateRefused, match="may not be used commercially"):
        open_version(seen, "harbour@1").gate("commercial")


def test_the_gate_lets_a_clean_version_through(seen: Workspace) -> None:
    for use in ("train", "share redacted", ""):
        assert open_version(seen, "harbour@1").gate(use) == Passed("harbour@1", use, 4)


def change(number: int, **given: Any) -> Callable[[list[dict[str, Any]]], list[dict[str, Any]]]:
    """Rows with one of them changed."""
    key = uuid.UUID(int=number).bytes
    return lambda rows: [{**row, **given} if row["id"] == key else row for row in rows]


def without(number: int) -> Callable[[list[dict[str, Any]]], list[dict[str, Any]]]:
    """Rows without one of them."""
    return lambda rows: [row for row in rows if row["id"] != uuid.UUID(int=number).bytes]


@pytest.mark.parametrize(
    ("changes", "use", "said"),
    [
        ({"facts": change(6, consent_withdrawn=PAST)}, "train", "1 of 4 records whose contributor withdrew consent"),
        ({"facts": change(6, consent_withdrawn=PAST)}, "", "may not be opened: 1 of 4"),
        ({"facts": change(7, consent_expires=PAST)}, "train", "1 of 4 records whose consent has expired"),
        ({"facts": change(7, consent_scope=["share"])}, "train", "1 of 4 records whose contributor did not agree"),
        ({"decisions": change(1, action="hold")}, "train", "1 of 4 records that no decision lets in"),
        ({"decisions": without(1)}, "", "1 of 4 records that no decision lets in"),
        ({"decisions": change(1, licence_basis="unknown")}, "train", "1 of 4 records with neither licence nor consent"),
        ({"decisions": change(2, licence="CC-BY-ND-4.0")}, "share redacted", "1 of 4 records that were changed though"),
        ({"attributions": change(1, complete=False)}, "share redacted", "1 of 4 records without the credit"),
        ({"attributions": without(2)}, "train", "1 of 4 records without the credit"),
    ],
)
def test_the_gate_refuses_with_figures_and_a_cure(
    make: Make, workspace: Workspace, changes: Any, use: str, said: str
) -> None:
    manifest = make(changes=changes)
    with pytest.raises(GateRefused) as caught:
        gate(workspace, manifest, use, now=NOW)
    assert said in str(caught.value)
    assert re.search(r"again|anew|new version", caught.value.cure)
    assert (caught.value.id, caught.value.exit_code) == ("CT-401", 4)


@pytest.mark.parametrize(
    ("changes", "use"),
    [
        ({"facts": change(6, consent_withdrawn=dt.datetime(2030, 1, 1))}, "train"),
        ({"facts": change(4, consent_withdrawn=PAST)}, "train"),  # dropped: it is not in the version
        ({"facts": change(7, consent_scope=["train", "share"])}, "share redacted"),  # sharing covers sharing redacted
        ({"decisions": change(1, licence="CC-BY-ND-4.0")}, "share redacted"),  # unchanged, so it may be shared
        ({"attributions": change(1, complete=False)}, ""),  # looking needs no credit
        (
            {"decisions": change(1, licence_basis="unknown", reasons=[
                {"reason": "review-accepted", "rule": "review", "value": "", "threshold": ""}])},
            "train",
        ),
    ],
)  # fmt: skip
def test_the_gate_passes_what_only_looks_alike(make: Make, workspace: Workspace, changes: Any, use: str) -> None:
    assert gate(workspace, make(changes=changes), use, now=NOW).records == 4


def test_consent_that_ended_since_closes_an_old_version_and_its_dataset(
    seen: Workspace,
) -> None:
    version = open_version(seen, "harbour@1")
    later = dt.datetime(2036, 1, 2, tzinfo=dt.UTC)
    assert gate(seen, version.manifest, "train", now=NOW).records == 4
    with pytest.raises(GateRefused, match="2 of 4 records whose consent has expired"):
        gate(seen, version.manifest, "train", now=later)


@pytest.mark.parametrize(
    ("given", "use", "said"),
    [
        ({"audience": "train-only"}, "share redacted", "for training only"),
        ({"uses": ("train",)}, "share redacted", "cleared to train"),
        ({}, "commercial", "cleared to train, share redacted"),
        ({"uses": ("share redacted",)}, "share", "cleared to share redacted"),
    ],
)
def test_a_use_the_version_was_not_cleared_for_is_refused(
    make: Make, workspace: Workspace, given: dict[str, Any], use: str, said: str
) -> None:
    with pytest.raises(GateRefused, match=said):
        gate(workspace, make(**given), use, now=NOW)


def test_reading_asks_the_gate_before_the_first_row(make: Make, workspace: Workspace) -> None:
    version = open_version(workspace, make(changes={"facts": change(6, consent_withdrawn=PAST)}).name)
    for read in (version.rows, version.batches, version.to_arrow, version.to_pandas, version.to_dataset):
        with pytest.raises(GateRefused, match="withdrew consent"):
            read()
    assert list(workspace.root.glob("**/*.arrow")) == []
