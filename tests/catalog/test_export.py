from __future__ import annotations

import csv
import json
import re
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from datasets import load_dataset
from huggingface_hub import DatasetCard

from catalog import manifests
from catalog.errors import GateRefused, UsageError
from catalog.export import FORMATS, export, publish_catalog
from catalog.ledger import ORDERS, Charge, Contribution, Ledger
from catalog.manifests import Manifest
from catalog.publish import publish
from catalog.queries import query
from catalog.workspace import Workspace


def rid(number: int) -> str:
    return str(uuid.UUID(int=number))


MEMBERS = [rid(1), rid(2), rid(6), rid(7)]


def test_parquet_holds_the_released_records_and_no_pseudonyms(harbour: Workspace, tmp_path: Path) -> None:
    done = export(harbour, "harbour@1", tmp_path / "out")
    table = pq.read_table(tmp_path / "out" / "data" / "part-00000.parquet")
    assert (done.records, done.credits, done.pointers) == (4, 2, 0)
    assert table.column_names == ["id", "text", "image", "media_type", "label", "licence", "language"]
    assert table["id"].to_pylist() == MEMBERS
    everything = b"".join(path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file())
    assert b"a" * 32 not in everything
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "ATTRIBUTION.csv", "ATTRIBUTION.html", "ATTRIBUTION.md", "README.md", "croissant.json", "data",
    ]  # fmt: skip


def test_the_card_of_an_export_names_no_file_that_is_not_beside_it(harbour: Workspace, tmp_path: Path) -> None:
    for use in ("train", "share redacted"):
        export(harbour, "harbour@1", tmp_path / use, use=use)
        readme = (tmp_path / use / "README.md").read_text("utf-8")
        assert set(re.findall(r"`([\w.]+\.\w+)`", readme)) == {"ATTRIBUTION.csv", "ATTRIBUTION.md"}


def test_jsonl_writes_pictures_as_files_and_names_them(harbour: Workspace, tmp_path: Path) -> None:
    export(harbour, "harbour@1", tmp_path / "out", "jsonl")
    lines = (tmp_path / "out" / "data" / "records.jsonl").read_text("utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    assert [row["id"] for row in rows] == MEMBERS
    assert (tmp_path / "out" / rows[2]["image"]).read_bytes()[:4] == b"\x89PNG"


def test_a_hugging_face_folder_loads_with_its_pictures(harbour: Workspace, tmp_path: Path) -> None:
    export(harbour, "harbour@1", tmp_path / "out", "huggingface")
    loaded = load_dataset(str(tmp_path / "out"), cache_dir=str(tmp_path / "cache"))["train"]
    assert loaded["id"][:] == MEMBERS
    assert loaded[2]["image"].size == (8, 6)
    assert DatasetCard.load(tmp_path / "out" / "README.md").data.license == "other"


@pytest.mark.parametrize("format", FORMATS)
def test_a_version_without_records_exports_its_columns(
    make: Callable[..., Manifest], workspace: Workspace, tmp_path: Path, format: Any
) -> None:
    name = make(published=True, changes={"content": lambda rows: [], "attributions": lambda rows: []}).name
    assert export(workspace, name, tmp_path / "out", format).records == 0
    if format != "jsonl":
        (file,) = (tmp_path / "out" / "data").iterdir()
        assert pq.read_schema(file).names == ["id", "text", "media_type", "label", "licence", "language"]


def test_credits_are_written_for_programs_and_for_readers(harbour: Workspace, tmp_path: Path) -> None:
    export(harbour, "harbour@1", tmp_path / "out")
    with (tmp_path / "out" / "ATTRIBUTION.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["id"], row["author"], row["changes"]) for row in rows] == [
        (rid(1), "Harbour Office", "modified: text extracted"),
        (rid(2), "", "modified: personal data removed"),
    ]
    text = (tmp_path / "out" / "ATTRIBUTION.md").read_text("utf-8")
    assert text.splitlines()[4:] == [
        "## CC-BY-4.0",
        "",
        "- [Ship 1](<https://port.example/1>) by Harbour Office; "
        f"[CC-BY-4.0](<https://creativecommons.org/licenses/by/4.0/>); modified: text extracted (`{rid(1)}`)",
        "- [Ship 2](<https://port.example/2>); "
        f"[CC-BY-4.0](<https://creativecommons.org/licenses/by/4.0/>); modified: personal data removed (`{rid(2)}`)",
    ]


def test_credits_are_a_web_page_that_machines_can_read_too(harbour: Workspace, tmp_path: Path) -> None:
    export(harbour, "harbour@1", tmp_path / "out")
    lines = (tmp_path / "out" / "ATTRIBUTION.html").read_text("utf-8").splitlines()
    licence = '<a rel="license" href="https://creativecommons.org/licenses/by/4.0/">CC-BY-4.0</a>'
    assert lines[4] == "<h1>Attribution for harbour@1</h1>"
    assert lines[8:] == [
        "<h2>CC-BY-4.0</h2>",
        "<ul>",
        f'<li id="{rid(1)}"><a href="https://port.example/1">Ship 1</a> by Harbour Office; {licence}; '
        "modified: text extracted</li>",
        f'<li id="{rid(2)}"><a href="https://port.example/2">Ship 2</a>; {licence}; '
        "modified: personal data removed</li>",
        "</ul>",
        "</body>",
        "</html>",
    ]


def test_supplied_words_cannot_become_markup(
    make: Callable[..., Manifest], workspace: Workspace, tmp_path: Path
) -> None:
    nasty = {"title": "a](javascript:x)\n# <script>", "author_url": "javascript:alert(1)", "notice": "=1+1"}
    name = make(published=True, changes={"attributions": lambda rows: [{**rows[0], **nasty}, rows[1]]}).name
    export(workspace, name, tmp_path / "out")
    text = (tmp_path / "out" / "ATTRIBUTION.md").read_text("utf-8")
    assert (
        r"[a\](javascript:x) \# \<script\>](<https://port.example/1>) by Harbour Office (javascript:alert(1))" in text
    )
    page = (tmp_path / "out" / "ATTRIBUTION.html").read_text("utf-8")
    assert (
        '<a href="https://port.example/1">a](javascript:x) # &lt;script&gt;</a> by Harbour Office (javascript:alert(1))'
        in page
    )
    with (tmp_path / "out" / "ATTRIBUTION.csv").open(encoding="utf-8", newline="") as file:
        assert next(csv.DictReader(file))["notice"] == "'=1+1"


def test_what_was_spent_on_the_data_set_travels_with_it_and_counts_where_it_arrives(
    harbour: Workspace, tmp_path: Path
) -> None:
    curve = tuple(0.02 * order for order in ORDERS)
    charge = Charge("harbour-1-aa", "harbour", 1, "ab" * 32, "record", "sort", "{}", 1.5, 1e-5, "public", "f",
                    {"record": curve, "contributor": curve})  # fmt: skip
    Ledger(harbour.ledger).reserve(charge, [Contribution("a" * 32, 1, 1.5, 1e-5)])
    export(harbour, "harbour@1", tmp_path / "out")
    arrived = Ledger(Workspace.create(tmp_path / "elsewhere").ledger)
    assert arrived.elsewhere("harbour") == "unknown"
    assert arrived.take_over("harbour", tmp_path / "out" / "spent.json") == 1
    assert arrived.rows() == Ledger(harbour.ledger).rows()
    assert "a" * 32 not in (tmp_path / "out" / "spent.json").read_text()


def test_the_card_of_a_copy_says_no_small_count_and_one_for_training_says_all(
    harbour: Workspace, tmp_path: Path
) -> None:
    export(harbour, "harbour@1", tmp_path / "shared")
    export(harbour, "harbour@1", tmp_path / "own", use="train")
    shared, own = (tmp_path / name / "README.md" for name in ("shared", "own"))
    text = shared.read_text("utf-8")
    tables = [line for line in text.splitlines() if line.startswith("| ") and "---" not in line]
    assert len(tables) > 20
    assert not [line for line in tables if re.search(r"\| [1-9] \|", line)]  # eight records: every count is small
    assert "| hold | nd-needs-redaction | hidden |" in tables
    assert not re.search("contributors|annotator|duplicates", text)
    assert "fetched between 2026-03-01 and 2026-03-01" in text
    assert [line for line in text.splitlines() if re.fullmatch("- ..", line)] == ["- de", "- en"]
    croissant = (tmp_path / "shared" / "croissant.json").read_text("utf-8")
    assert "hold for nd-needs-redaction: a hidden number of records" in croissant
    assert not re.search(r"\b[1-9] (records|found|replaced|parts)", croissant)
    assert "| hold | nd-needs-redaction | 1 |" in own.read_text("utf-8")


def test_the_catalog_to_give_away_has_a_card_beside_it_and_is_remembered(harbour: Workspace, tmp_path: Path) -> None:
    first = manifests.find(harbour, "harbour@1")
    path, card = publish_catalog(harbour, first, tmp_path / "counts.duckdb")
    assert (path, card) == (tmp_path / "counts.duckdb", tmp_path / "counts.md")
    text = card.read_text("utf-8")
    assert "| hold | nd-needs-redaction | hidden |" in text
    assert "| hold | nd-needs-redaction | 1 |" not in text
    publish(harbour)
    rows = query(harbour, "SELECT version, format, use, records, path FROM exports").fetchall()
    assert rows == [("harbour@1", "catalog", "share redacted", 8, str(path))]


def test_held_works_leave_as_pointers_only(harbour: Workspace, tmp_path: Path) -> None:
    assert export(harbour, "harbour@1", tmp_path / "out", pointers=True).pointers == 1
    text = (tmp_path / "out" / "POINTERS.csv").read_text("utf-8").splitlines()
    assert text == ["id,address,licence", f"{rid(5)},https://port.example/5,CC-BY-ND-4.0"]


def test_an_export_is_remembered(harbour: Workspace, tmp_path: Path) -> None:
    export(harbour, "harbour@1", tmp_path / "out", "jsonl")
    publish(harbour)
    rows = query(harbour, "SELECT version, hash, format, use, records, path FROM exports").fetchall()
    assert rows == [("harbour@1", "one", "jsonl", "share redacted", 4, str(tmp_path / "out"))]


def test_an_export_is_remembered_before_it_is_there(
    harbour: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    replace = Path.replace

    def killed(part: Path, target: Path) -> Path:
        if target == harbour.exports / "out":
            raise Killed
        return replace(part, target)

    monkeypatch.setattr(Path, "replace", killed)
    (tmp_path / "link").symlink_to(harbour.root)
    with pytest.raises(Killed):
        export(harbour, "harbour@1", tmp_path / "link" / "exports" / "out", "jsonl", use="train")
    assert json.loads((harbour.root / "exports.jsonl").read_text("utf-8"))["path"] == "exports/out"


def test_nothing_is_written_when_the_gate_refuses(
    make: Callable[..., Manifest], workspace: Workspace, tmp_path: Path
) -> None:
    name = make(published=True, changes={"attributions": lambda rows: rows[1:]}).name
    with pytest.raises(GateRefused, match="1 of 4 records without the credit"):
        export(workspace, name, tmp_path / "new" / "out")
    assert list(tmp_path.glob("new/**/*")) == []
    assert not (workspace.root / "exports.jsonl").exists()


def test_a_train_only_version_may_be_written_for_training_but_not_for_sharing(
    make: Callable[..., Manifest], workspace: Workspace, tmp_path: Path
) -> None:
    name = make(published=True, audience="train-only").name
    with pytest.raises(GateRefused, match="for training only"):
        export(workspace, name, tmp_path / "out")
    assert export(workspace, name, tmp_path / "out", use="train").records == 4


def test_a_folder_that_holds_something_is_not_written_into(harbour: Workspace, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine")
    with pytest.raises(UsageError, match="not empty"):
        export(harbour, "harbour@1", tmp_path / "out")
    with pytest.raises(UsageError, match="parquet, jsonl, huggingface"):
        export(harbour, "harbour@1", tmp_path / "other", "xlsx")  # type: ignore[arg-type]
    assert sorted(path.name for path in tmp_path.iterdir() if path.name != "workspace") == ["out"]
