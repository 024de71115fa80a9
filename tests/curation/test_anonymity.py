"""Classes of rows against a count by hand; proposals reach what is wanted; no value is told."""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog import manifests, measurements
from catalog.errors import UsageError
from catalog.workspace import Workspace
from curation import probes
from curation.anonymity import SUPPRESSED, Anonymity, known_columns, measure, propose
from curation.recipe import load
from curation.reidentification import of_columns, save
from curation.runner import run
from curation.singling import singled


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as made:
        yield made


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return Workspace.create(tmp_path_factory.mktemp("empty"))


def by_hand(rows: list[tuple[int | None, str | None, str | None]], wanted: int) -> Anonymity:
    sizes = Counter(row[:2] for row in rows)
    values = defaultdict(set)
    for *key, sensitive in rows:
        values[tuple(key)].add(sensitive)
    bands = ((1, 2), (2, 5), (5, 10), (10, 1 << 62))
    return Anonymity(
        rows=len(rows),
        classes=len(sizes),
        k=min(sizes.values(), default=0),
        unique=sum(n for n in sizes.values() if n == 1),
        small=sum(n for n in sizes.values() if n < wanted),
        sizes=tuple(sum(n for n in sizes.values() if low <= n < high) for low, high in bands),
        diversity=min(map(len, values.values()), default=0),
    )


ROWS = st.lists(
    st.tuples(
        st.none() | st.integers(0, 60),
        st.none() | st.sampled_from(["north", "south", "NG1 4AA", "NG1 5BB"]),
        st.none() | st.sampled_from(["flu", "gout", "none"]),
    ),
    max_size=60,
)


def filled(connection: duckdb.DuckDBPyConnection, rows: list[tuple[int | None, str | None, str | None]]) -> None:
    columns = list(zip(*rows, strict=True)) or [(), (), ()]
    types = (pa.int64(), pa.string(), pa.string())
    names = ("age", 'the "region"', "illness")
    arrays = [pa.array(column, kind) for column, kind in zip(columns, types, strict=True)]
    table = pa.table(dict(zip(names, arrays, strict=True)))
    connection.register("people", table)


@settings(deadline=None, max_examples=60)
@given(rows=ROWS, wanted=st.integers(2, 6))
def test_classes_are_those_of_a_count_by_hand(
    connection: duckdb.DuckDBPyConnection, rows: list[tuple[int | None, str | None, str | None]], wanted: int
) -> None:
    filled(connection, rows)
    found = measure(connection, "people", ["age", 'the "region"'], "illness", wanted)
    assert found == by_hand(rows, wanted)
    assert sum(found.sizes) == found.rows


@settings(deadline=None, max_examples=40)
@given(rows=ROWS, wanted=st.integers(2, 4))
def test_a_proposal_reaches_what_is_wanted_and_leaves_out_what_it_says(
    connection: duckdb.DuckDBPyConnection, rows: list[tuple[int | None, str | None, str | None]], wanted: int
) -> None:
    filled(connection, rows)
    made = propose(connection, "people", ["age", 'the "region"'], wanted=wanted)
    assert made.after.rows == len(rows) - made.suppressed
    assert made.after.rows == 0 or made.after.k >= wanted
    # With every column left out there is one class: only fewer rows than wanted must go altogether.
    assert made.suppressed <= SUPPRESSED * len(rows) or len(rows) < wanted


def test_dates_numbers_and_codes_become_coarser_step_by_step(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        """CREATE OR REPLACE TABLE aged AS SELECT 20 + i % 40 AS age,
           CAST(DATE '1990-01-01' + INTERVAL (i * 37) DAY AS VARCHAR) AS born, 'NG' || (i % 9 + 1) || ' 4AA' AS postcode
           FROM range(400) t(i)"""
    )
    columns = ["age", "born", "postcode"]
    assert measure(connection, "aged", columns).unique == 400
    made = propose(connection, "aged", columns, wanted=5)
    assert made.after.k >= 5
    assert made.suppressed <= 20
    told = dict(made.steps)
    assert {how.split()[0] for how in told.values()} <= {"bands", "month", "year", "decade", "first", "left", "rare"}
    assert connection.execute(f"SELECT count(*) {made.select}").fetchall() == [(400 - made.suppressed,)]


@pytest.mark.parametrize("kind", ["VARCHAR", "DOUBLE"])
def test_numbers_that_fit_no_band_are_one_group(connection: duckdb.DuckDBPyConnection, kind: str) -> None:
    odd = "('nan'), ('inf'), ('-inf'), ('1e300'), ('-9.3e18'), (NULL)"
    connection.execute(
        f"CREATE OR REPLACE TABLE odd AS SELECT v::{kind} AS wage FROM (VALUES {odd}) t(v)"
        f" UNION ALL SELECT (1000 + i)::{kind} FROM range(200) t(i)"
    )
    made = propose(connection, "odd", ["wage"], wanted=5)
    assert made.steps == (("wage", "bands of 5"),)
    found = connection.execute(f"SELECT DISTINCT wage {made.select}").fetchall()
    assert len(found) == 41
    assert ("other",) in found
    assert made.suppressed == 1  # the row without a wage


def test_a_column_that_is_not_there_is_refused(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("CREATE OR REPLACE TABLE few AS SELECT 1 AS age")
    with pytest.raises(UsageError, match=r"'size': there is no such column\. Columns: age"):
        known_columns(connection, "few", ["age", "size"])


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.sets(st.tuples(st.sampled_from(["LOCATION", "AGE"]), st.sampled_from([b"a", b"b", b"c"])), max_size=4),
        max_size=8,
    )
)
def test_texts_alone_with_a_value_or_two_are_those_of_a_count_by_hand(
    workspace: Workspace, texts: list[set[tuple[str, bytes]]]
) -> None:
    rows = [(n, kind, value) for n, told in enumerate(texts) for kind, value in [*sorted(told), ("", b"")]]
    for found in singled(workspace, [*rows, None]):
        kept = [{pair for pair in told if pair[0] != found.without} for told in texts]
        singles = Counter(pair for told in kept for pair in told)
        pairs = Counter(pair for told in kept for pair in itertools.combinations(sorted(told), 2))
        ones = {n for n, told in enumerate(kept) if any(singles[pair] == 1 for pair in told)}
        twos = {n for n, t in enumerate(kept) if any(pairs[pair] == 1 for pair in itertools.combinations(sorted(t), 2))}
        assert (found.texts, found.by_one, found.by_two) == (len(texts), len(ones), len(ones | twos))
        assert found.not_examined == 1


def test_a_table_is_told_in_sizes_and_written_as_proposed(call, tmp_path: Path) -> None:
    path, out = tmp_path / "people.csv", tmp_path / "coarse.csv"
    regions = ("Kiel", "Kiel", "Kiel", "Husum", "Husum", "Bergen-Secret")
    lines = [f"{20 + n % 30},{regions[n % 6]},{('flu', 'gout')[n % 2]},n{n}" for n in range(120)]
    path.write_text("age,region,illness,name\n" + "\n".join(lines) + "\n", "utf-8")
    code, said, _ = call(
        "anonymity", path, "--columns", "age,region", "--sensitive", "illness", "--k", "5", "--out", out
    )
    assert code == 0
    assert "proposed: age -> bands of" in said
    assert "written as they are, and in no figure above: name\n" in said
    assert "Secret" not in said
    with duckdb.connect() as connection:
        connection.execute(f"CREATE VIEW coarse AS SELECT * FROM read_csv('{out}')")
        assert measure(connection, "coarse", ["age", "region"]).k >= 5
    assert call("anonymity", path)[0] == 2
    assert "'size': there is no such column" in call("anonymity", path, "--columns", "size")[2]
    path.write_text('age\n1,2,3\n4\n"', "utf-8")
    assert "Secret" not in call("anonymity", path, "--columns", "age")[2]


def test_a_version_is_told_by_its_texts_and_by_columns_of_its_sources(
    call, recipe: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = run(load(recipe), workers=0).workspace
    code, said, _ = call("anonymity", "harbour@1", "-w", workspace.root)
    assert code == 0
    assert "alone with one value" in said
    code, said, _ = call("anonymity", "harbour@1", "-w", workspace.root, "--columns", "language", "--k", "3")
    assert code == 0
    names = {one.name for one in measurements.load(workspace, "harbour@1")}
    assert {"texts alone with one value", "size of the smallest class (k)"} <= names
    assert "texts alone with one value" in call("card", "harbour", "-w", workspace.root)[1]
    assert "not counted" not in said
    real = probes.originals
    monkeypatch.setattr(probes, "originals", lambda *asked: itertools.islice(real(*asked), 2))
    found = of_columns(workspace, "harbour@1", ["language"], "", 3, None)
    counts = manifests.find(workspace, "harbour@1").counts
    released = counts.get("keep", 0) + counts.get("redact", 0)
    gone = f"{released - 2} of {released} released records are not counted: their source is gone or changed"
    assert found.lines[0] == gone
    assert all(one.method.endswith(f"; {gone}") and one.trials == 2 for one in found.figures)
    save(workspace, "harbour@1", found)  # in place of those that counted all
    kept = measurements.load(workspace, "harbour@1")
    assert [one.method for one in kept if one.name == "rows alone in their class"] == [found.figures[1].method]
    monkeypatch.setattr(probes, "originals", real)
    code, _, err = call("anonymity", "harbour@1", "-w", workspace.root, "--columns", "wage")
    assert (code, "the sources hold nothing in 'wage'" in err) == (2, True)
