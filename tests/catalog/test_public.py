from __future__ import annotations

import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import duckdb
import pytest

from catalog import measurements, public
from catalog.disclosure import LEAST
from catalog.errors import GateRefused
from catalog.ledger import ORDERS, Charge, Contribution, Ledger
from catalog.manifests import Manifest
from catalog.measurements import Measurement
from catalog.workspace import Workspace

Rows = list[dict[str, Any]]


@pytest.fixture
def large(make: Callable[..., Manifest], invented: ModuleType) -> Manifest:
    """What is invented for every test, and sixty pages more, of which thirty are from one host."""
    more = range(100, 160)

    def facts(rows: Rows) -> Rows:
        hosts = {True: "port.example", False: "yard.example"}
        return [*rows, *(invented.fact(number, host=hosts[number % 2 == 0], words=1.0) for number in more)]

    return make(
        changes={
            "facts": facts,
            "decisions": lambda rows: [*rows, *(invented.decision(number) for number in more)],
            "content": lambda rows: [*rows, *(invented.content(number) for number in more)],
            "attributions": lambda rows: [*rows, *(invented.credit(number) for number in more)],
        },
    )


@pytest.fixture
def opened(workspace: Workspace, large: Manifest) -> duckdb.DuckDBPyConnection:
    renyi = {"record": tuple(0.1 for _ in ORDERS)}
    charge = Charge("r1", "harbour", 1, large.hash, "record", "for Ms X", "{}", 2.5, 1e-5, "public", "f", renyi)
    Ledger(workspace.ledger).reserve(charge, [Contribution("a" * 32, 1, 1.0, 1e-5)])
    leaks = Measurement("leaks", "EMAIL_ADDRESS", 0.01, None, None, 500, "planted", "2026-03-04")
    measurements.save(workspace, large.name, "leaks", [leaks])
    for topic in ("skew", "conflicts", "agreement", "reidentification"):  # .97 of 100 is a count of 3
        few = Measurement(topic, "label: top share", 0.97, None, None, 100, "counted", "2026-03-04")
        measurements.save(workspace, large.name, topic, [few])
    return duckdb.connect(str(public.publish(workspace, large)), read_only=True)


def test_it_counts_and_hides_small_counts(opened: duckdb.DuckDBPyConnection) -> None:
    tell = "SELECT records, kept, redacted, held, dropped FROM versions"
    assert opened.execute(tell).fetchall() == [(68, None, None, None, None)]
    assert opened.execute("FROM host_mix").fetchall() == [
        ("port.example", 1, 35, None),
        (None, 3, 33, None),  # two of them hold 2 and 1 records: the third keeps them apart from the total
    ]
    assert opened.execute("SELECT least, version FROM about").fetchall() == [(LEAST, "harbour@1")]
    assert opened.execute("SELECT topic, value FROM measurements").fetchall() == [("leaks", 0.01)]
    assert opened.execute("SELECT run, epsilon, status FROM ledger").fetchall() == [("r1", 2.5, "reserved")]


def test_no_count_under_the_least_is_in_it(opened: duckdb.DuckDBPyConnection) -> None:
    counts = opened.execute(
        """SELECT table_name, column_name FROM duckdb_columns() WHERE NOT internal AND column_name IN
           ('records', 'released', 'kept', 'redacted', 'held', 'dropped', 'found', 'found_records', 'replaced')"""
    ).fetchall()
    assert len(counts) > 15
    for table, column in counts:
        sql = f"SELECT count(*) FROM {table} WHERE {column} BETWEEN 1 AND {LEAST - 1}"
        assert opened.execute(sql).fetchall() == [(0,)], (table, column)


def test_it_is_tables_alone_each_with_comments(opened: duckdb.DuckDBPyConnection) -> None:
    assert opened.execute("SELECT view_name FROM duckdb_views() WHERE NOT internal").fetchall() == []
    bare = "SELECT table_name, column_name FROM duckdb_columns() WHERE NOT internal AND comment IS NULL"
    assert opened.execute(bare).fetchall() == []
    names = {name for (name,) in opened.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
    assert (
        names & {"contributor_mix", "members", "ledger_contributors", "consents", "facts", "inputs", "shards"} == set()
    )


def test_nothing_that_leads_to_a_place_or_a_person_is_among_its_bytes(
    workspace: Workspace, large: Manifest, opened: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    found = b"".join(
        path.read_bytes() for path in (public.default_path(workspace, large), _exported(opened, tmp_path / "as-text"))
    )
    assert b"port.example" in found  # the search finds what is there
    for absent in (
        str(workspace.root), workspace.id, "shards/", ".parquet", "crawl.warc.gz", "photos", "rows.jsonl",
        "a" * 32, "b" * 32, "https://port.example", "quay.example", "Harbour Office", "Ship", "Ms X", "dataset = ",
    ):  # fmt: skip
        assert absent.encode() not in found, absent


def _exported(connection: duckdb.DuckDBPyConnection, folder: Path) -> Path:
    """Everything in it as text: strings in the file itself may lie compressed."""
    connection.execute(f"EXPORT DATABASE '{folder}' (FORMAT csv)")
    whole = folder / "whole.txt"
    text = b"".join(path.read_bytes() for path in sorted(folder.glob("*.csv")))
    whole.write_bytes(text + (folder / "schema.sql").read_bytes())
    return whole


def test_it_is_read_only_and_needs_nothing_of_the_workspace(
    workspace: Workspace, large: Manifest, tmp_path: Path
) -> None:
    path = public.publish(workspace, large, tmp_path / "elsewhere" / "harbour.duckdb")
    assert stat.S_IMODE(path.stat().st_mode) == 0o444
    workspace.root.rename(tmp_path / "gone")
    script = f"""import duckdb
c = duckdb.connect({str(path)!r}, read_only=True)
for (name,) in c.execute("SELECT table_name FROM duckdb_tables()").fetchall():
    c.execute(f"FROM {{name}}").fetchall()
print("read")"""
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == "read\n"


def test_a_version_that_may_not_leave_has_none(workspace: Workspace, make: Callable[..., Manifest]) -> None:
    manifest = make(audience="train-only")
    with pytest.raises(GateRefused, match="for training only"):
        public.publish(workspace, manifest)
    assert not public.default_path(workspace, manifest).exists()


def test_pictures_or_lengths_that_are_too_few_hide_what_would_tell_of_them(
    opened: duckdb.DuckDBPyConnection,
) -> None:
    assert opened.execute("SELECT count(*), count(records) FROM length_mix").fetchall() == [(6, 0)]
    assert opened.execute("SELECT name FROM transforms ORDER BY name").fetchall() == [
        ("extract-text",),
        ("re-encode",),
        ("redact",),
    ]
