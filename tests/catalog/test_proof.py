from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog import pages, store
from catalog.errors import FormatError
from catalog.proof import SIZE, STEP, Needles, Proof, search
from catalog.schema import ATTRIBUTIONS, CONTENT
from catalog.workspace import Workspace

KEY = b"k" * 32
ERASED = "Miss Quill of 7 Lantern Steps has moved to the old lighthouse, says “Ada”."


def proof(workspace: Workspace, *values: str) -> Proof:
    return search(workspace, Needles.of(KEY, [value.encode() for value in values]))


def content(workspace: Workspace, name: str, *texts: str) -> Path:
    rows = [{"id": number.to_bytes(16, "big"), "text": text} for number, text in enumerate(texts)]
    path = workspace.shards / "content" / f"{name}.parquet"
    store.write(path, store.table(CONTENT, rows))
    return path


def test_nothing_left_is_the_proof(workspace: Workspace) -> None:
    content(workspace, "one", "A ship is in.")
    found = proof(workspace, ERASED)
    assert (found.windows, found.shared, found.found, found.leftover) == (8, 0, 0, ())
    assert found.files == 2
    assert found.unpacked > 0


def dictionary(path: Path) -> None:
    """A Parquet file with a word in its dictionary that no row points at."""
    words = pa.DictionaryArray.from_arrays(pa.array([0, 0], pa.int32()), pa.array(["calm", ERASED]))
    pq.write_table(pa.table({"label": words}), path, compression="zstd")


def parquet(path: Path) -> None:
    pq.write_table(pa.table({"said": [[{"quote": ERASED}]]}), path, compression="zstd", data_page_version="2.0")


def database(path: Path) -> None:
    with duckdb.connect(":memory:") as connection:
        connection.execute(f"ATTACH '{path}' AS d (STORAGE_VERSION 'v1.5.0')")
        connection.execute("CREATE TABLE d.notes AS SELECT [{'note': $1}] AS notes FROM range(5000)", [ERASED])


def escaped(path: Path) -> None:
    path.write_text(json.dumps({"note": ERASED[-30:]}), "ascii")  # its curly quotes are written as \u201c


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("stages/x/dictionary.parquet", dictionary),
        ("stages/x/second-kind.parquet", parquet),
        ("catalog.duckdb", database),
        ("cards/escaped.json", escaped),
        ("reviews.jsonl", lambda path: path.write_text(json.dumps({"note": ERASED}), "utf-8")),
        ("models/weights", lambda path: path.write_bytes(b"\x00" * 99 + ERASED.encode()[20:51] + b"\xff")),
        ("shards/.part-9-left", lambda path: path.write_bytes(ERASED.encode())),
    ],
)
def test_what_is_left_is_found_in_whatever_form(
    workspace: Workspace, name: str, write: Callable[[Path], object]
) -> None:
    path = workspace.root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    write(path)
    found = proof(workspace, ERASED)
    assert (found.found > 0, found.shared, found.leftover) == (True, 0, (name,))


def test_words_that_records_share_are_told_apart(workspace: Workspace) -> None:
    content(workspace, "one", "All rights reserved by the harbour office. A ship is in.", "Another.")
    found = proof(workspace, "All rights reserved by the harbour office. " + ERASED)
    assert (found.shared, found.found, found.leftover) == (3, 0, ())
    (workspace.root / "note").write_text(f"All rights reserved by the harbour office. {ERASED}", "utf-8")
    found = proof(workspace, "All rights reserved by the harbour office. " + ERASED)
    assert (found.shared, found.found > 0, found.leftover) == (3, True, ("note",))


@pytest.mark.parametrize("place", ["exports/mine/data/part-00000.parquet", "backup/content/one.parquet"])
def test_a_copy_of_the_record_itself_is_no_excuse(workspace: Workspace, place: str) -> None:
    made = content(workspace, "one", ERASED)
    (workspace.root / place).parent.mkdir(parents=True)
    made.rename(workspace.root / place)
    found = proof(workspace, ERASED)
    assert (found.shared, found.found, found.leftover) == (0, found.windows, (place,))


@pytest.mark.parametrize("name", ["half.parquet", "half.duckdb"])
def test_a_damaged_file_is_searched_as_it_lies_and_counted(workspace: Workspace, name: str) -> None:
    path = workspace.exports / ".part-1-mine" / name
    path.parent.mkdir(parents=True)
    path.write_bytes(b"PAR1 and no more of it")
    assert (proof(workspace, ERASED).found, proof(workspace, ERASED).unread) == (0, 1)
    path.write_bytes(b"PAR1" + ERASED.encode())
    assert (proof(workspace, ERASED).found > 0, proof(workspace, ERASED).unread) == (True, 1)


def test_a_row_without_a_record_is_no_excuse(workspace: Workspace) -> None:
    path = workspace.stages / "sites" / "one.parquet"
    path.parent.mkdir(parents=True)
    pq.write_table(pa.table({"body": [ERASED]}), path)
    assert proof(workspace, ERASED).leftover == ("stages/sites/one.parquet",)


def test_a_file_without_rows_holds_nothing(workspace: Workspace) -> None:
    store.write(workspace.shards / "attributions" / "none.parquet", store.table(ATTRIBUTIONS, []))
    assert proof(workspace, ERASED).leftover == ()


def test_half_a_parquet_file_is_told_with_its_place(workspace: Workspace) -> None:
    path = content(workspace, "one", ERASED)
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(FormatError, match="expected a Parquet file, found something else or half of one"):
        list(pages.unpacked(path))


def test_a_sealed_window_says_nothing_without_the_key() -> None:
    needles = Needles.of(KEY, [ERASED.encode()])
    assert Needles.unsealed(KEY, needles.sealed()).hashes.tolist() == needles.hashes.tolist()
    assert Needles.unsealed(b"o" * 32, needles.sealed()).hashes.tolist() != needles.hashes.tolist()
    assert Needles.of(b"o" * 32, [ERASED.encode()]).hashes.tolist() != needles.hashes.tolist()
    assert repr(needles) == "Needles()"
    assert Needles.of(KEY, [b"too short"]).sealed() == b""
    assert len(Needles.unsealed(KEY, b"").hashes) == 0


@settings(max_examples=60, deadline=None)
@given(st.binary(min_size=SIZE + STEP - 1, max_size=400), st.data(), st.binary(max_size=60), st.binary(max_size=60))
def test_any_31_bytes_that_stayed_are_found(erased: bytes, data: st.DataObject, before: bytes, after: bytes) -> None:
    start = data.draw(st.integers(0, len(erased) - (SIZE + STEP - 1)))
    left = erased[start : start + SIZE + STEP - 1]
    found, looked = Needles.of(KEY, [erased]).within([before + left + after])
    assert len(found) >= 1
    assert looked == len(before + left + after)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.binary(max_size=50), max_size=5))
def test_what_was_never_there_is_not_found(buffers: list[bytes]) -> None:
    assert len(Needles.of(KEY, [ERASED.encode()]).within(buffers)[0]) == 0
