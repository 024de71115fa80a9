"""Rows of JSON lines, CSV and Parquet: one meaning for all three."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
import os
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import zstandard
from fsspec.implementations.local import LocalFileSystem

from catalog.errors import Unavailable
from catalog.values import Consent
from curation import sources
from curation.sources import Problem, SourceOptions
from curation.sources._rows import majority

Read = Callable[..., Any]
Rows = Sequence[Mapping[str, Any]]


def as_jsonl(rows: Rows) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def as_csv(rows: Rows) -> bytes:
    out = io.StringIO()
    table = csv.DictWriter(out, list(rows[0]))
    table.writeheader()
    table.writerows(
        {key: json.dumps(cell) if isinstance(cell, list) else cell for key, cell in row.items()} for row in rows
    )
    return out.getvalue().encode()


def as_parquet(rows: Rows) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    out = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(list(rows)), out, row_group_size=2)
    return out.getvalue()


FORMATS = {"rows.jsonl": as_jsonl, "rows.csv": as_csv, "rows.parquet": as_parquet}
VOTES = [
    {"annotator": "wren", "label": "b"},
    {"annotator": "knot", "label": "a"},
    {"annotator": "plover", "label": "b"},
]
ROW = {
    "id": "r1",
    "text": "Low water,\nat noon.",
    "url": "https://pier.example/r1",
    "title": "Notice",
    "author": "The Office",
    "license": "CC-BY-4.0",
    "language": "en",
    "annotations": VOTES,
    "contributor": "morwenna",
    "consent_scope": "train; share redacted",
    "granted_at": "2025-01-31",
    "expires": "2026-01-31T12:00:00+02:00",
    "withdrawn": "",
    "notice": "(c) The Office",
}


@pytest.mark.parametrize("name", FORMATS)
def test_a_row_becomes_a_record_with_all_it_declares(name: str, read: Read) -> None:
    [record] = read(name, FORMATS[name]([ROW])).records
    declared = record.declared
    assert (record.id, record.text, record.source.position) == ("https://pier.example/r1|r1", "Low water,\nat noon.", 0)
    assert (declared.licence, declared.title, declared.author, declared.language) == (
        "CC-BY-4.0",
        "Notice",
        "The Office",
        "en",
    )
    assert (declared.label, declared.annotations) == ("b", (("wren", "b"), ("knot", "a"), ("plover", "b")))
    assert declared.consent == Consent(
        ("train", "share redacted"),
        granted_at=datetime(2025, 1, 31, tzinfo=UTC),
        expires=datetime(2026, 1, 31, 10, tzinfo=UTC),
    )
    assert (declared.contributor, declared.fields) == ("morwenna", (("notice", "(c) The Office"),))


@pytest.mark.parametrize("name", FORMATS)
def test_rows_keep_their_order_and_their_own_licence(name: str, read: Read) -> None:
    rows = [{"text": f"row {n}", "license": "CC0-1.0" if n == 1 else ""} for n in range(5)]
    found = read(name, FORMATS[name](rows), licence="CC-BY-4.0")
    assert [record.text for record in found.records] == [f"row {n}" for n in range(5)]
    assert [record.declared.licence for record in found.records][:3] == ["CC-BY-4.0", "CC0-1.0", "CC-BY-4.0"]
    assert found.positions == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    ("row", "id_"),
    [
        ({"text": "x"}, "rows.jsonl:0|"),
        ({"text": "x", "id": 7}, "rows.jsonl#7|"),
        ({"text": "x", "url": "https://pier.example/"}, "https://pier.example/| 0"),
        ({"text": "x", "url": "https://pier.example/", "id": "a"}, "https://pier.example/|a"),
    ],
)
def test_a_row_is_known_by_its_own_key_if_it_has_one(row: dict[str, Any], id_: str, read: Read) -> None:
    assert [record.id for record in read("rows.jsonl", as_jsonl([row])).records] == [id_]


def test_other_columns_are_named_in_the_recipe(read: Read) -> None:
    [record] = read("rows.jsonl", as_jsonl([{"body": "x", "topic": 3}]), text="body", label="topic").records
    assert (record.text, record.declared.label, record.declared.fields) == ("x", "3", ())


def test_a_page_in_a_column_is_read_like_a_page(read: Read) -> None:
    [record] = read("rows.jsonl", as_jsonl([{"html": "<p>Low at noon.</p>"}])).records
    assert (record.text, record.markup, record.source.media_type) == (
        "Low at noon.",
        "<p>Low at noon.</p>",
        "text/html",
    )


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (b'{"text": "cut off', "not-json"),
        (b"[1, 2]", "not-json"),
        (b"[" * 100_000, "not-json"),
        (b"\xff\xfe\x00", "not-json"),
        (b'{"txt": "a near miss"}', "no-text"),
        (b'{"text": null}', "no-text"),
        (b'{"text": 7}', "no-text"),
        (b'{"text": "x", "consent_scope": "train", "withdrawn": "yes"}', "not-a-date"),
        (b'{"image": {"bytes": null}}', "no-text"),
    ],
)
def test_a_bad_line_is_a_problem_at_its_place_and_the_others_are_read(line: bytes, problem: str, read: Read) -> None:
    found = read("rows.jsonl", b'{"text": "before"}\n\n' + line + b'\n{"text": "after"}')
    assert [record.text for record in found.records] == ["before", "after"]
    assert found.problems == [(2, problem)]
    assert found.entries == {"line": 3, "empty line": 1}
    assert all(problem.id for problem in found.found if not hasattr(problem, "text"))


def test_problems_never_quote_the_record(read: Read) -> None:
    found = read("rows.jsonl", b'{"text": 5, "mail": "anna@example.com"}\n{"anna@example.com"\n')
    assert "anna" not in "".join(repr(problem) + str(problem) for problem in found.found)


def test_lone_surrogates_are_made_storable(read: Read) -> None:
    [record] = read("rows.jsonl", b'{"text": "a\\ud800b", "title": "\\udfff"}').records
    assert (record.text, record.declared.title) == ("a?b", "?")


@pytest.mark.parametrize("ending", ["gz", "zst"])
def test_compressed_tables_are_read(ending: str, read: Read) -> None:
    import zstandard

    pack = {"gz": gzip.compress, "zst": zstandard.ZstdCompressor().compress}[ending]
    assert len(read(f"rows.jsonl.{ending}", pack(as_jsonl([{"text": "x"}] * 3))).records) == 3
    assert len(read(f"rows.csv.{ending}", pack(b"text\nx\ny\n")).records) == 2


def test_frames_of_zstd_are_read_one_after_the_other(read: Read) -> None:
    import zstandard

    pack = zstandard.ZstdCompressor().compress
    data = b"".join(pack(as_jsonl([{"text": "x" * 9000, "id": n}])) for n in range(3))
    assert [record.source.address for record in read("rows.jsonl.zst", data).records] == [
        f"rows.jsonl.zst#{n}" for n in range(3)
    ]


@pytest.mark.parametrize("ending", ["gz", "zst"])
def test_lines_before_the_damage_are_kept(ending: str, read: Read) -> None:
    import zstandard

    pack = {"gz": gzip.compress, "zst": zstandard.ZstdCompressor(write_checksum=True).compress}[ending]
    first, second = b'{"text": "one"}\n{"text": "two"}\n', b'{"text": "three"}\n'
    found = read(f"rows.jsonl.{ending}", pack(first) + pack(second)[:-4])
    assert [record.text for record in found.records][:2] == ["one", "two"]
    assert [problem for _, problem in found.problems] == ["damaged-archive"]


def test_a_line_that_is_too_long_is_passed_by(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    from curation.sources import jsonl

    monkeypatch.setattr(jsonl, "LIMIT", 100)
    found = read("rows.jsonl", as_jsonl([{"text": "x" * 350}, {"text": "short"}]))
    assert ([record.text for record in found.records], found.problems) == (["short"], [(0, "too-large")])


def as_warc(rows: Rows) -> bytes:
    head = "WARC/1.1\r\nWARC-Type: response\r\nWARC-Target-URI: https://pier.example/\r\nContent-Length: "
    return "".join(f"{head}{len(row['text'])}\r\n\r\n{row['text']}\r\n\r\n" for row in rows).encode()


class Faltering(io.FileIO):
    """A file on a line that fails when half of it was read."""

    passed = 0

    def readinto(self, buffer: Any) -> int:
        if self.passed > os.fstat(self.fileno()).st_size / 2:
            raise TimeoutError
        count = super().readinto(memoryview(buffer)[:256])
        self.passed += count or 0
        return count or 0


@pytest.mark.parametrize(
    ("name", "pack"),
    [
        ("rows.jsonl", as_jsonl),
        ("rows.jsonl.gz", lambda rows: gzip.compress(as_jsonl(rows))),
        ("rows.jsonl.zst", lambda rows: zstandard.compress(as_jsonl(rows))),
        ("rows.csv", as_csv),
        ("rows.parquet", as_parquet),
        ("rows.warc", as_warc),
    ],
)
def test_a_line_that_fails_ends_the_reading_and_is_no_damage_of_the_file(
    name: str, pack: Callable[[Rows], bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / name).write_bytes(pack([{"text": hashlib.sha256(bytes([n])).hexdigest() * 20} for n in range(30)]))
    options = SourceOptions(path=name)
    [source] = sources.expand(options, tmp_path)
    assert not [piece for piece in sources.open_items(source, options) if isinstance(piece, Problem)]

    def faltering(_system: object, path: str, **_options: object) -> io.BufferedReader:
        return io.BufferedReader(Faltering(path), 512)

    monkeypatch.setattr(LocalFileSystem, "_open", faltering)
    with pytest.raises(Unavailable, match=rf"^{name}: the input could not be read \(TimeoutError\)"):
        list(sources.open_items(source, options))


def test_csv_rows_of_the_wrong_width_are_problems(read: Read) -> None:
    found = read("rows.csv", b'\xef\xbb\xbftext,label\nx,a\n\ny\n"two\nlines",b\n')
    assert [(record.text, record.declared.label) for record in found.records] == [("x", "a"), ("two\nlines", "b")]
    assert found.problems == [(2, "wrong-width")]


def test_csv_goes_on_after_a_cell_that_is_too_large(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    from curation.sources import table_csv

    monkeypatch.setattr(table_csv, "LIMIT", 50)
    found = read("rows.csv", b"text\n" + b"x" * 60 + b"\nshort\n")
    assert ([record.text for record in found.records], found.problems) == (["short"], [(0, "too-large")])


def test_tabs_part_the_cells_of_tsv(read: Read) -> None:
    [record] = read("rows.tsv", b"text\tlabel\nx, y\ta\n").records
    assert (record.text, record.declared.label) == ("x, y", "a")


def test_a_file_that_is_no_table_is_one_problem(read: Read) -> None:
    assert read("rows.parquet", b"PAR1 but no more").problems == [(0, "unreadable")]


@pytest.mark.parametrize(
    ("row", "consent"),
    [
        ({"consent_scope": "train; share"}, Consent(("train", "share"))),
        ({"consent_scope": ["train", " share "]}, Consent(("train", "share"))),
        ({"consent_scope": "", "withdrawn": "2026-01-01"}, Consent((), withdrawn=datetime(2026, 1, 1, tzinfo=UTC))),
        ({"consent_scope": "train", "withdrawn": False}, Consent(("train",))),
        ({"consent_scope": "", "withdrawn": None}, None),
        ({"consent": "train"}, None),
    ],
)
def test_consent_is_what_the_row_records(row: dict[str, Any], consent: Consent | None, read: Read) -> None:
    [record] = read("rows.jsonl", as_jsonl([{"text": "x", **row}])).records
    assert record.declared.consent == consent


@pytest.mark.parametrize(
    ("written", "votes"),
    [
        (VOTES[:1], (("wren", "b"),)),
        (json.dumps(VOTES[:1]), (("wren", "b"),)),
        ({"annotator": ["wren", "knot"], "label": ["b", "a"]}, (("wren", "b"), ("knot", "a"))),
        ([{"label": 3}], (("", "3"),)),
        ([{"annotator": "wren"}, "b", None], ()),
        ("not json", ()),
        (7, ()),
        ({"annotator": "wren", "label": 5}, ()),
    ],
)
def test_votes_are_read_in_the_shapes_that_libraries_keep_them_in(
    written: object, votes: tuple[tuple[str, str], ...], read: Read
) -> None:
    [record] = read("rows.jsonl", as_jsonl([{"text": "x", "annotations": written}])).records
    assert record.declared.annotations == votes


@pytest.mark.parametrize(("labels", "winner"), [("aab", "a"), ("bbaa", "a"), ("b", "b"), ("", ""), (["10", "9"], "10")])
def test_the_majority_wins_and_of_equals_the_smallest(labels: Sequence[str], winner: str) -> None:
    assert majority([("someone", label) for label in labels]) == winner
