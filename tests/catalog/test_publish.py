from __future__ import annotations

import json
import logging
import stat
import subprocess
import sys
import threading
import uuid
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import duckdb
import pytest

from catalog import manifests, rollups
from catalog.errors import NotFound, QueryError, Unavailable
from catalog.ledger import ORDERS, Charge, Contribution, Ledger
from catalog.manifests import Manifest
from catalog.publish import publish
from catalog.queries import query
from catalog.workspace import Workspace


def rid(number: int) -> str:
    return str(uuid.UUID(int=number))


def test_an_empty_workspace_publishes_every_view_without_rows(workspace: Workspace) -> None:
    publish(workspace)
    names = query(workspace, "SELECT DISTINCT table_name FROM duckdb_columns() WHERE NOT internal").fetchall()
    assert len(names) > 40
    for (name,) in names:
        assert len(query(workspace, f"FROM {name}").fetchall()) == (name == "about"), name


def test_views_tell_what_became_of_every_record(seen: Workspace) -> None:
    sql = "SELECT id::VARCHAR, action, licence, reasons FROM records WHERE version = 'harbour@1' ORDER BY id"
    assert query(seen, sql).fetchall() == [
        (rid(1), "keep", "CC-BY-4.0", ""),
        (rid(2), "redact", "CC-BY-4.0", ""),
        (rid(3), "drop", "CC-BY-NC-4.0", "licence-not-accepted, optout-train-ai"),
        (rid(4), "drop", "CC-BY-4.0", "duplicate-near"),
        (rid(5), "hold", "CC-BY-ND-4.0", "nd-needs-redaction"),
        (rid(6), "redact", None, ""),
        (rid(7), "keep", None, ""),
        (rid(8), "drop", None, "unreadable"),
    ]


@pytest.mark.parametrize(
    ("table", "rows"),
    [
        ("dropped_why", [("drop", "duplicate-near", "r", "2", 1), ("drop", "licence-not-accepted", "r", "2", 1),
                         ("drop", "optout-train-ai", "r", "2", 1), ("drop", "unreadable", "r", "2", 1),
                         ("hold", "nd-needs-redaction", "r", "2", 1)]),
        ("pii_by_kind", [("image", "face", 1, 1, 1, 1), ("text", "EMAIL_ADDRESS", 2, 1, 2, 1),
                         ("text", "PERSON", 2, 2, 0, 0)]),
        ("privacy_mix", [("ok", "all", 1), ("ok", "strict", 4)]),
        ("host_mix", [("", 1, 2, 2), ("port.example", 1, 5, 1), ("quay.example", 1, 1, 1)]),
        ("length_mix", [(32, 1, 1), (64, 2, 1), (128, 2, 0), (256, 1, 1)]),
        ("preference_mix", [("train-ai", "reserved", "robots_meta", 1)]),
        ("contributor_mix", [("granted", 2, 2, 2)]),
        ("credit_mix", [("CC-BY-4.0", True, 2)]),
        ("duplicate_mix", [("near", 1, 1)]),
        ("transform_mix", [("extract-text", 2), ("re-encode", 1), ("redact", 2)]),
        ("members", [(rid(1), None), (rid(2), None), (rid(6), "a" * 32), (rid(7), "b" * 32)]),
        ("record_units", [(rid(6), "a" * 32, "author"), (rid(7), "a" * 32, "annotator"),
                          (rid(7), "b" * 32, "annotator"), (rid(7), "b" * 32, "author")]),
        ("held", [(rid(5), "CC-BY-ND-4.0", "nd-needs-redaction", None)]),
        ("input_problems", [("crawl.warc.gz", 600, "truncated")]),
        ("regions", [(rid(6), "face", [[0, 0], [4, 0], [4, 4]])]),
        ("transforms", [(rid(1), "extract-text", None, None, None),
                        (rid(2), "extract-text", "none", "contested", "2(a)(4)"),
                        (rid(2), "redact", "adaptation", "policy", "2(a)(1)"),
                        (rid(6), "re-encode", None, None, None), (rid(6), "redact", None, None, None)]),
    ],
)  # fmt: skip
def test_counts_and_lists_are_exact(seen: Workspace, table: str, rows: list[tuple[object, ...]]) -> None:
    chosen = {
        "members": "id::VARCHAR, contributor",
        "record_units": "id::VARCHAR, unit, role",
        "held": "id::VARCHAR, licence, reasons, reviewed",
        "input_problems": "input, position, problem",
        "regions": "id::VARCHAR, kind, polygon",
        "transforms": "id::VARCHAR, name, effect, mark, section",
    }.get(table, "* EXCLUDE (version)")
    found = query(seen, f"SELECT {chosen} FROM {table} WHERE version = 'harbour@1' ORDER BY ALL").fetchall()
    assert found == rows


def test_signals_of_versions_measured_by_different_checks_stand_side_by_side(seen: Workspace) -> None:
    sql = f"SELECT version, words, lines FROM signals WHERE id = '{rid(2)}' ORDER BY version"
    assert query(seen, sql).fetchall() == [("harbour@1", 2.0, None), ("harbour@2", 2.0, 3.0)]
    rows = query(seen, "SELECT signal, examined, mean FROM signal_mix WHERE version = 'harbour@2'").fetchall()
    assert rows == [("lines", 8, 3.125), ("words", 6, 4.0)]


def test_an_infinite_signal_does_not_spoil_the_means(
    make: Callable[..., Manifest], workspace: Workspace, invented: ModuleType
) -> None:
    make(
        published=True,
        changes={
            "facts": lambda rows: [*rows, invented.fact(20, words=float("inf")), invented.fact(21, words=float("nan"))]
        },
    )
    assert query(workspace, "SELECT examined, round(mean, 3) FROM signal_mix").fetchall() == [(8, 3.667)]


def test_hosts_beyond_the_largest_are_counted_together(
    make: Callable[..., Manifest], workspace: Workspace, invented: ModuleType
) -> None:
    many = [invented.fact(100 + number, host=f"h{number:04}.example") for number in range(1100)]
    make(published=True, changes={"facts": lambda rows: [{**row, "content_hash": b""} for row in rows] + many})
    rows = query(workspace, "SELECT count(*), sum(hosts), sum(records), count(host) FROM host_mix").fetchall()
    assert rows == [(1001, 1103, 1108, 1000)]


def test_a_column_added_since_is_null_in_older_shards(make: Callable[..., Manifest], workspace: Workspace) -> None:
    manifest = make(published=True)
    path = manifest.paths(workspace, "decisions")[0]
    duckdb.execute(f"COPY (SELECT * EXCLUDE licence_point FROM '{path}') TO '{path}.new' (FORMAT parquet)")
    Path(f"{path}.new").replace(path)
    publish(workspace)
    rows = query(workspace, "SELECT licence_point, count(*) FROM decisions GROUP BY 1 ORDER BY 1").fetchall()
    assert rows == [("release", 1), (None, 7)]


def test_the_file_is_read_only_and_is_replaced_in_one_step(harbour: Workspace, invented: ModuleType) -> None:
    assert stat.S_IMODE(harbour.catalog.stat().st_mode) == 0o444
    held_open = query(harbour, "SELECT count(*) FROM versions")
    invented.commit(harbour, invented.first_rows(), "three")
    publish(harbour)
    assert held_open.fetchall() == [(2,)]
    assert query(harbour, "SELECT count(*) FROM versions").fetchall() == [(3,)]
    assert [path.name for path in harbour.root.glob(".part-*")] == []


def test_a_stale_log_beside_the_catalog_is_removed_with_a_warning(
    harbour: Workspace, caplog: pytest.LogCaptureFixture
) -> None:
    stale = harbour.root / "catalog.duckdb.wal"
    stale.write_bytes(b"not a log of the next file")
    with caplog.at_level(logging.WARNING):
        publish(harbour)
    assert not stale.exists()
    assert "catalog.duckdb.wal" in caplog.text
    assert query(harbour, "SELECT count(*) FROM versions").fetchall() == [(2,)]


def test_a_client_that_writes_to_its_copy_does_not_spoil_the_next_one(harbour: Workspace) -> None:
    harbour.catalog.chmod(0o644)  # what a stubborn client would have to do first
    with duckdb.connect(str(harbour.catalog)) as client:
        client.execute("CREATE TABLE mine AS SELECT 1 AS x; DROP TABLE licence_mix")
    publish(harbour)
    assert query(harbour, "SELECT count(*) FROM licence_mix").fetchone() == (15,)
    with pytest.raises(QueryError, match="mine"):
        query(harbour, "FROM mine")


def test_a_client_that_holds_it_open_for_writing_keeps_readers_out_until_the_next_publish(harbour: Workspace) -> None:
    harbour.catalog.chmod(0o644)
    hold = f"""import duckdb, sys
client = duckdb.connect({str(harbour.catalog)!r})
client.execute("DROP TABLE licence_mix")
print("held", flush=True)
sys.stdin.read()"""
    with subprocess.Popen(
        [sys.executable, "-c", hold], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as client:
        assert client.stdout is not None
        assert client.stdout.readline() == "held\n"
        with pytest.raises(Unavailable, match=r"opened the published catalog for writing.*cleartitle publish"):
            query(harbour, "SELECT count(*) FROM versions")
        publish(harbour)
        assert query(harbour, "SELECT count(*) FROM licence_mix").fetchone() == (15,)
        client.communicate("")
    assert query(harbour, "SELECT count(*) FROM licence_mix").fetchone() == (15,)
    assert [path.name for path in harbour.root.glob("*.wal")] == []


def test_plain_duckdb_opens_it_from_another_folder(seen: Workspace, tmp_path: Path) -> None:
    script = f"""import duckdb
c = duckdb.connect({str(seen.catalog)!r}, read_only=True)
print(c.execute("SELECT count(*), count(text) FROM released WHERE version = 'harbour@1'").fetchall())"""
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[(4, 3)]"


def test_readers_get_answers_while_publishing_goes_on(harbour: Workspace) -> None:
    stop = threading.Event()
    failures: list[Exception] = []

    def again() -> None:
        while not stop.is_set():
            try:
                publish(harbour)
            except Exception as error:  # noqa: BLE001
                failures.append(error)

    writer = threading.Thread(target=again)
    writer.start()
    answers = {query(harbour, "SELECT count(*) FROM records").fetchone() for _ in range(15)}
    stop.set()
    writer.join()
    assert (answers, failures) == ({(16,)}, [])


def test_a_moved_workspace_says_so_until_it_is_published_anew(harbour: Workspace, tmp_path: Path) -> None:
    moved = harbour.root.rename(tmp_path / "elsewhere's place")
    workspace = Workspace.open(moved)
    with pytest.raises(Unavailable, match=r"moved.*cleartitle doctor"):
        query(workspace, "FROM versions")
    publish(workspace)
    assert query(workspace, "SELECT count(*) FROM records").fetchall() == [(16,)]


def answered(number: int, answer: str, **other: object) -> dict[str, object]:
    """What a person said of the record that harbour@1 holds."""
    said = {
        "id": rid(number),
        "content": number.to_bytes(16, "big").hex(),
        "dataset": "harbour",
        "reasons": ["nd-needs-redaction"],
    }
    return {**said, "answer": answer, "at": "2026-03-03T10:00:00+00:00", **other}


@pytest.mark.parametrize(
    ("other", "shown"),
    [({}, "accept"), ({"dataset": "river"}, None), ({"content": "00" * 16}, None), ({"reasons": ["other"]}, None)],
)
def test_an_answer_shows_for_what_was_looked_at_and_for_nothing_else(
    harbour: Workspace, other: dict[str, object], shown: str | None
) -> None:
    harbour.reviews.write_text(json.dumps(answered(5, "accept", **other)) + "\n", "utf-8")
    publish(harbour)
    assert query(harbour, "SELECT reviewed FROM held WHERE version = 'harbour@1'").fetchall() == [(shown,)]


def test_reviews_are_shown_and_a_later_answer_replaces_an_earlier(harbour: Workspace) -> None:
    lines = [{**answered(5, answer), "note": "asked Ms X"} for answer in ("refuse", "accept")]
    text = "".join(json.dumps(line) + "\n" for line in lines) + '{"id": "cut off'
    harbour.reviews.write_text(text, "utf-8")
    publish(harbour)
    assert query(harbour, "SELECT reviewed FROM held WHERE version = 'harbour@1'").fetchall() == [("accept",)]
    assert query(harbour, "SELECT number, answer FROM reviews ORDER BY number").fetchall() == [
        (1, "refuse"),
        (2, "accept"),
    ]
    assert b"Ms X" not in harbour.catalog.read_bytes()


def test_the_ledger_is_shown_as_a_copy(harbour: Workspace, invented: ModuleType) -> None:
    renyi = {"record": tuple(0.1 for _ in ORDERS)}
    charge = Charge("r1", "harbour", 1, "one", "record", "try", "{}", 2.5, 1e-5, "public", "f", renyi)
    Ledger(harbour.ledger).reserve(charge, [Contribution(invented.ANNA, 1, float("inf"), 1e-5)])
    publish(harbour)
    assert query(harbour, "SELECT run, version, epsilon, status FROM ledger").fetchall() == [
        ("r1", "harbour@1", 2.5, "reserved")
    ]
    assert query(harbour, "FROM ledger_contributors").fetchall() == [("r1", invented.ANNA, 1, None, 1e-5)]


def test_lineage_goes_from_a_record_to_its_source_and_back(seen: Workspace) -> None:
    sql = f"""SELECT container, position, claims, personal_data, transforms, run FROM lineage
              WHERE version = 'harbour@1' AND id = '{rid(2)}'"""
    assert query(seen, sql).fetchall() == [("crawl.warc.gz", 200, 1, 3, "extract-text, redact", "run-one")]
    back = (
        "SELECT id::VARCHAR FROM lineage WHERE version = 'harbour@1' AND container = 'crawl.warc.gz' AND position = 200"
    )
    assert query(seen, back).fetchall() == [(rid(2),)]


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("SELEC 1", "syntax error"),
        ("SELECT nothing_like_it FROM records", "nothing_like_it"),
        ("FROM no_such_table", "no_such_table"),
        ("SELECT 1; SELECT 2", "found 2"),
        ("", "found 0"),
        ("DROP TABLE versions", "failed|read-only"),
    ],
)
def test_a_bad_query_is_answered_with_a_sentence(seen: Workspace, sql: str, said: str) -> None:
    with pytest.raises(QueryError, match=said) as caught:
        query(seen, sql)
    assert caught.value.exit_code == 2


def test_an_error_while_running_does_not_quote_a_record(seen: Workspace) -> None:
    with pytest.raises(QueryError, match="ConversionException") as caught:
        query(seen, "SELECT text::INTEGER FROM content WHERE text IS NOT NULL").fetchall()
    assert "Ship" not in str(caught.value)


def test_a_workspace_without_a_catalog_says_how_to_make_one(workspace: Workspace) -> None:
    with pytest.raises(NotFound, match="cleartitle run"):
        query(workspace, "SELECT 1")


def test_results_come_as_rows_data_frames_and_arrow(seen: Workspace) -> None:
    sql = "SELECT version, records FROM versions ORDER BY version"
    rows = [("harbour@1", 8), ("harbour@2", 8)]
    assert query(seen, sql).columns == ["version", "records"]
    assert query(seen, sql).fetchall() == rows
    result = query(seen, sql)
    assert [result.fetchone(), result.fetchmany(5), result.fetchone()] == [rows[0], rows[1:], None]
    assert query(seen, sql).df().to_dict("list") == {"version": ["harbour@1", "harbour@2"], "records": [8, 8]}
    assert query(seen, sql).to_arrow_table().to_pylist()[0] == {"version": "harbour@1", "records": 8}


def test_ids_are_uuids_in_every_view(seen: Workspace) -> None:
    rows = query(seen, "SELECT DISTINCT data_type FROM duckdb_columns() WHERE column_name = 'id'").fetchall()
    assert rows == [("UUID",)]


def test_the_second_version_shares_shards_with_the_first(seen: Workspace, invented: ModuleType) -> None:
    first, second = manifests.versions(seen)
    shared = {shard.path for shard in first.shards["content"]} & {shard.path for shard in second.shards["content"]}
    assert len(invented.second_rows()["content"]) == 5
    assert len(query(seen, "SELECT DISTINCT path FROM shards WHERE family = 'inputs'").fetchall()) == 1
    assert len(shared) == 0


def test_publishing_again_counts_only_the_new_version(
    harbour: Workspace, invented: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[str] = []
    count = rollups.count
    monkeypatch.setattr(
        rollups, "count", lambda w, manifest, *at: (counted.append(manifest.name), count(w, manifest, *at))
    )
    publish(harbour)
    invented.commit(harbour, invented.first_rows(), "three")
    publish(harbour)
    assert counted == ["harbour@3"]
    rows = query(harbour, "SELECT version, sum(records) FROM licence_mix GROUP BY version ORDER BY version").fetchall()
    assert rows == [("harbour@1", 8), ("harbour@2", 8), ("harbour@3", 8)]
