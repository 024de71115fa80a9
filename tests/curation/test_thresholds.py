"""A threshold's outlook: how many it would touch, and which records lie next to it."""

from __future__ import annotations

import duckdb
import pytest

from catalog.errors import NotFound
from curation.thresholds import Bar, outlook


@pytest.fixture
def facts() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("""
        CREATE TABLE facts AS
        SELECT printf('00000000-0000-0000-0000-%012d', n)::UUID AS id, 'https://example.org/' || n AS address,
               CASE WHEN n < 100 THEN n::DOUBLE END AS "odd name"
        FROM range(110) AS numbers(n)
    """)
    return connection


def test_a_minimum_counts_what_lies_below_it_and_names_its_neighbours(facts: duckdb.DuckDBPyConnection) -> None:
    found = outlook(facts, "odd name", minimum=50)
    assert (found.examined, found.unexamined, found.fires) == (100, 10, 50)
    assert [near.value for near in found.outside] == [49, 48, 47, 46, 45]
    assert [near.value for near in found.inside] == [50, 51, 52, 53, 54]
    assert found.outside[0].address == "https://example.org/49"


def test_a_value_on_the_threshold_stays(facts: duckdb.DuckDBPyConnection) -> None:
    assert outlook(facts, "odd name", minimum=50, maximum=50).fires == 99


def test_both_bounds_have_neighbours(facts: duckdb.DuckDBPyConnection) -> None:
    found = outlook(facts, "odd name", minimum=10, maximum=90)
    assert sorted(near.value for near in found.outside) == [7, 8, 9, 91, 92]


def test_the_bars_hold_every_examined_record(facts: duckdb.DuckDBPyConnection) -> None:
    bars = outlook(facts, "odd name").bars
    assert len(bars) == 20
    assert sum(bar.records for bar in bars) == 100
    assert (bars[0].low, bars[-1].high) == (0, 99)


def test_one_value_is_one_bar_and_no_value_is_none(facts: duckdb.DuckDBPyConnection) -> None:
    facts.execute('CREATE VIEW same AS SELECT id, address, 3.0 AS x FROM facts WHERE "odd name" IS NOT NULL')
    facts.execute("CREATE VIEW nothing AS SELECT id, address, NULL::DOUBLE AS x FROM facts")
    assert outlook(facts, "x", table="same").bars == (Bar(3, 3, 100),)
    empty = outlook(facts, "x", minimum=1, table="nothing")
    assert (empty.examined, empty.unexamined, empty.fires, empty.bars, empty.outside) == (0, 110, 0, (), ())


def test_a_signal_that_is_not_there_is_named(facts: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(NotFound, match="no signal 'gopher_wrods'"):
        outlook(facts, "gopher_wrods", minimum=1)
