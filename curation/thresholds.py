"""What a threshold would do, seen from the stored facts: a histogram, and the records at its edge."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import duckdb

from catalog.errors import NotFound

BINS = 20
NEARBY = 5


@dataclass(frozen=True, slots=True)
class Bar:
    """Records with a value from `low` up to `high`; the last bar holds its upper end too."""

    low: float
    high: float
    records: int


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A record near a threshold, by its (masked) address."""

    id: str
    address: str
    value: float


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a rule does to the records that facts are kept of."""

    signal: str
    examined: int
    unexamined: int  # the signal is NULL: the rule never fires
    fires: int
    bars: tuple[Bar, ...]
    inside: tuple[Neighbour, ...]  # nearest to the threshold of those that stay
    outside: tuple[Neighbour, ...]  # nearest of those it fires on


def outlook(
    connection: duckdb.DuckDBPyConnection,
    signal: str,
    *,
    minimum: float | None = None,
    maximum: float | None = None,
    table: str = "facts",
) -> Outlook:
    """Look at one signal of a table or view with the columns id, address and the signals."""
    facts = connection.table(table)
    if signal not in facts.columns:
        near = get_close_matches(signal, connection.table(table).columns, 3)
        meant = f"Did you mean {', '.join(near)}? " if near else ""
        raise NotFound(f"no signal {signal!r}", cure=f"{meant}docs/reference/checks.md lists them.")
    # A relation quotes the column; the queries below then speak of plain names.
    column = '"' + signal.replace('"', '""') + '"'
    # A temporary view: the catalog itself is only ever read.
    connection.execute(f"CREATE OR REPLACE TEMP VIEW looked_at AS SELECT id, address, {column} AS value FROM {table}")
    bounds = {"minimum": minimum, "maximum": maximum}
    counts = """
        SELECT count(value), count(*) - count(value),
               count(*) FILTER (value < $minimum::DOUBLE OR value > $maximum::DOUBLE)
        FROM looked_at
    """
    [(examined, unexamined, fires)] = connection.execute(counts, bounds).fetchall()
    return Outlook(
        signal=signal,
        examined=examined,
        unexamined=unexamined,
        fires=fires,
        bars=_histogram(connection) if examined else (),
        inside=_nearest(connection, bounds, fires=False),
        outside=_nearest(connection, bounds, fires=True),
    )


def _histogram(connection: duckdb.DuckDBPyConnection) -> tuple[Bar, ...]:
    """Equal bars between the 1st and the 99th percentile; what lies beyond counts in the end bars."""
    edges = "SELECT min(value), quantile_cont(value, 0.01), quantile_cont(value, 0.99), max(value) FROM looked_at"
    [(least, low, high, most)] = connection.execute(edges).fetchall()
    width = (high - low) / BINS
    if not width:
        low, high, width = least, most, (most - least) / BINS
    if not width:
        [(records,)] = connection.execute("SELECT count(value) FROM looked_at").fetchall()
        return (Bar(least, most, records),)
    query = """
        SELECT greatest(0, least($bins - 1, floor((value - $low) / $width)))::INT AS bar, count(*)
        FROM looked_at WHERE value IS NOT NULL GROUP BY bar
    """
    counted = dict(connection.execute(query, {"bins": BINS, "low": low, "width": width}).fetchall())
    limits = [least, *(low + width * number for number in range(1, BINS)), most]
    return tuple(Bar(limits[number], limits[number + 1], counted.get(number, 0)) for number in range(BINS))


def _nearest(
    connection: duckdb.DuckDBPyConnection, bounds: dict[str, float | None], *, fires: bool
) -> tuple[Neighbour, ...]:
    query = """
        SELECT id::VARCHAR, address, value FROM looked_at
        WHERE value IS NOT NULL
          AND (coalesce(value < $minimum::DOUBLE, false) OR coalesce(value > $maximum::DOUBLE, false)) = $fires
        ORDER BY least(abs(value - $minimum::DOUBLE), abs(value - $maximum::DOUBLE)), id  -- least() skips NULL
        LIMIT $nearby
    """
    if bounds["minimum"] is None and bounds["maximum"] is None:
        return ()
    rows: list[tuple[Any, ...]] = connection.execute(query, {**bounds, "fires": fires, "nearby": NEARBY}).fetchall()
    return tuple(Neighbour(*row) for row in rows)
