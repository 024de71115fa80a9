"""How far a table's rows can be told apart by what others may know: k-anonymity, l-diversity, uniqueness.

Rows with the same values in the quasi-identifiers are a class. What is told are sizes of
classes and numbers of rows, never a value. NULL counts as a value.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from catalog.errors import UsageError

SIZES = (1, 2, 5, 10)  # from these sizes on, classes are shown together
SUPPRESSED = 0.05  # share of rows that a proposal may leave out
_DATES = ("DATE", "TIMESTAMP")
_NUMBERS = ("INT", "DOUBLE", "FLOAT", "DECIMAL", "HUGEINT")
_WIDTHS = (5, 10, 25, 100)


@dataclass(frozen=True, slots=True)
class Anonymity:
    """What the classes of a table are like."""

    rows: int
    classes: int
    k: int  # size of the smallest class; 0 for no rows
    unique: int  # rows alone in their class
    small: int  # rows in classes smaller than wanted
    sizes: tuple[int, ...]  # rows in classes of sizes from 1, 2, 5 and 10 on
    diversity: int | None  # least number of sensitive values in a class; None: none was named


@dataclass(frozen=True, slots=True)
class Proposal:
    """Coarser values, and rows to leave out, with which each class has the size that is wanted."""

    steps: tuple[tuple[str, str], ...]  # column, and what is done to it
    suppressed: int  # rows in classes that stay too small
    after: Anonymity  # of the rows that are left
    select: str  # the SQL that makes the coarser table


@dataclass(frozen=True, slots=True)
class _Level:
    """One step of a column's ladder: what it is called, and its SQL."""

    name: str
    sql: str


def measure(
    connection: duckdb.DuckDBPyConnection, table: str, columns: Sequence[str], sensitive: str = "", wanted: int = 5
) -> Anonymity:
    """The classes of a table (a name or a subquery in brackets) by these columns."""
    distinct = f"count(DISTINCT {quoted(sensitive)}) + (count(*) > count({quoted(sensitive)}))::INT" if sensitive else 0
    keys = ", ".join(map(quoted, columns))
    shown = ", ".join(f"sum(n) FILTER (n >= {low} AND n < {high})" for low, high in _bands())
    rows, classes, k, unique, small, diversity, *sizes = _row(
        connection,
        f"""SELECT coalesce(sum(n), 0), count(*), coalesce(min(n), 0), coalesce(sum(n) FILTER (n = 1), 0),
                   coalesce(sum(n) FILTER (n < {int(wanted)}), 0), min(d), {shown}
            FROM (SELECT count(*) AS n, {distinct} AS d FROM {table} GROUP BY {keys})""",
    )
    banded = tuple(int(value or 0) for value in sizes)
    least = int(diversity or 0) if sensitive else None
    return Anonymity(int(rows), int(classes), int(k), int(unique), int(small), banded, least)


def _row(connection: duckdb.DuckDBPyConnection, sql: str) -> tuple[Any, ...]:
    """The one row of an aggregate; all is fetched, so that the connection is free again."""
    found: tuple[Any, ...] = connection.execute(sql).fetchall()[0]
    return found


def _bands() -> Iterator[tuple[int, int]]:
    yield from zip(SIZES, (*SIZES[1:], 1 << 62), strict=True)


def propose(
    connection: duckdb.DuckDBPyConnection, table: str, columns: Sequence[str], sensitive: str = "", wanted: int = 5
) -> Proposal:
    """Coarsen one column by one step at a time, always the one that helps most, until few rows must go."""
    ladders = {column: _ladder(connection, table, column, wanted) for column in columns}
    levels = dict.fromkeys(columns, 0)
    now = measure(connection, _coarser(table, ladders, levels), columns, sensitive, wanted)
    while now.small > SUPPRESSED * now.rows:
        tried = []
        for column in columns:
            if levels[column] + 1 < len(ladders[column]):
                raised = {**levels, column: levels[column] + 1}
                found = measure(connection, _coarser(table, ladders, raised), columns, sensitive, wanted)
                tried.append((found.small, -found.classes, levels[column], column, found))
        if not tried:
            break
        *_, column, now = min(tried, key=lambda one: one[:4])
        levels[column] += 1
    coarse = _coarser(table, ladders, levels)
    kept = (
        f"(SELECT * FROM {coarse} QUALIFY count(*) OVER (PARTITION BY {', '.join(map(quoted, columns))}) >= {wanted})"
    )
    steps = tuple((column, ladders[column][level].name) for column, level in levels.items() if level)
    return Proposal(steps, now.small, measure(connection, kept, columns, sensitive, wanted), f"FROM {kept}")


def _coarser(table: str, ladders: Mapping[str, Sequence[_Level]], levels: Mapping[str, int]) -> str:
    changed = ", ".join(
        f"{ladders[column][level].sql} AS {quoted(column)}" for column, level in levels.items() if level
    )
    return f"(SELECT * REPLACE ({changed}) FROM {table})" if changed else table


def _ladder(connection: duckdb.DuckDBPyConnection, table: str, column: str, wanted: int) -> tuple[_Level, ...]:
    """From the value as it is to nothing of it."""
    name = quoted(column)
    kind = _kind(connection, table, column)
    steps: tuple[_Level, ...]
    if kind == "date":
        steps = (
            _Level("month", f"strftime({name}::TIMESTAMP, '%Y-%m')"),
            _Level("year", f"year({name}::TIMESTAMP)::VARCHAR"),
            _Level("decade", f"(year({name}::TIMESTAMP) // 10 * 10)::VARCHAR"),
        )
    elif kind == "number":
        # A band is told by where it begins and ends; whole numbers stay whole.
        steps = tuple(_Level(f"bands of {width}", _band(name, width)) for width in _WIDTHS)
    else:
        rare = f"count(*) OVER (PARTITION BY {name}) >= {int(wanted)}"
        steps = (_Level("rare values as one", f"CASE WHEN {rare} THEN {name}::VARCHAR ELSE 'other' END"),)
        if kind == "code":
            cut = (_Level(f"first {length} signs", f"left({name}::VARCHAR, {length})") for length in (4, 3, 2, 1))
            steps = (*cut, *steps)
    return (_Level("as it is", name), *steps, _Level("left out", "NULL"))


def _band(name: str, width: int) -> str:
    # What is no number, without end or beyond whole numbers has no band; the cast would fail and quote it.
    low = f"(floor({name}::DOUBLE / {width}) * {width})::BIGINT"
    fits = f"isfinite({name}::DOUBLE) AND abs({name}::DOUBLE) < 9e18"
    return (
        f"CASE WHEN {name} IS NULL THEN NULL WHEN {fits} THEN {low} || ' to under ' || ({low} + {width}) "
        "ELSE 'other' END"
    )


def _kind(connection: duckdb.DuckDBPyConnection, table: str, column: str) -> str:
    """number, date, code (postcodes and the like) or word; of text columns, by what all their values are."""
    name = quoted(column)
    of_type, number, date, code = _row(
        connection,
        f"""SELECT any_value(typeof({name})), bool_and(TRY_CAST({name}::VARCHAR AS DOUBLE) IS NOT NULL),
                   bool_and(TRY_CAST({name}::VARCHAR AS TIMESTAMP) IS NOT NULL),
                   bool_and(regexp_matches({name}::VARCHAR, '[0-9]') AND length({name}::VARCHAR) <= 10)
            FROM {table} WHERE {name} IS NOT NULL""",
    )
    if str(of_type).startswith(_DATES) or (date and not number):
        return "date"
    if any(part in str(of_type) for part in _NUMBERS):
        return "number"
    # Digits alone in a text column may be a postcode: its length tells.
    return "code" if code and not _short(connection, table, column) else "number" if number else "word"


def _short(connection: duckdb.DuckDBPyConnection, table: str, column: str) -> bool:
    (longest,) = _row(connection, f"SELECT max(length({quoted(column)}::VARCHAR)) FROM {table}")
    return int(longest or 0) <= 3


def known_columns(connection: duckdb.DuckDBPyConnection, table: str, asked: Sequence[str]) -> None:
    """Refuse a column that is not there, naming those that are."""
    there = [row[0] for row in connection.execute(f"DESCRIBE SELECT * FROM {table}").fetchall()]
    for column in asked:
        if column not in there:
            raise UsageError(f"{column!r}: there is no such column", cure=f"Columns: {', '.join(there)}.")


def quoted(name: str) -> str:
    """A column's name in SQL."""
    return '"' + name.replace('"', '""') + '"'
