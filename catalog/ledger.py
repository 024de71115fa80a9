"""The privacy ledger: what every training run was charged, for which data, before it began.

A run reserves its whole cost in one transaction and is refused if that goes over a budget;
settling records how it ended and gives nothing back. Across runs, which are chosen after
seeing earlier ones, a Renyi filter with caps fixed in advance decides.

The filter: a budget of (epsilon, delta) gives every order a of the grid a cap of
epsilon - log(orders / delta) / (a - 1) on the sum of the runs' Renyi divergences, and a run
may start while at least one order stays within its cap. Each order alone bounds the loss
except with probability delta / orders, so together they do at delta.
"""

from __future__ import annotations

import contextlib
import json
import math
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from catalog.errors import BudgetRefused, FormatError, NotFound, UsageError
from catalog.workspace import refuse_newer

FORMAT = 1
BUSY_SECONDS = 60.0

# Renyi orders of the filter. Few, because each one costs a share of delta.
ORDERS = (2, 3, 4, 5, 6, 8, 12, 16, 24, 32, 64)
UNITS = ("record", "contributor")

_TABLES = """
CREATE TABLE meta (format INTEGER NOT NULL);
CREATE TABLE budgets (
    dataset TEXT NOT NULL, unit TEXT NOT NULL, epsilon REAL NOT NULL, delta REAL NOT NULL,
    reason TEXT NOT NULL, set_at TEXT NOT NULL);
CREATE TABLE runs (
    run TEXT PRIMARY KEY, dataset TEXT NOT NULL, number INTEGER NOT NULL, version TEXT NOT NULL,
    unit TEXT NOT NULL, purpose TEXT NOT NULL, event TEXT NOT NULL, epsilon REAL NOT NULL,
    delta REAL NOT NULL, audience TEXT NOT NULL, fingerprint TEXT NOT NULL, status TEXT NOT NULL,
    reserved_at TEXT NOT NULL, settled_at TEXT, steps INTEGER);
CREATE TABLE renyi (
    run TEXT NOT NULL REFERENCES runs (run), unit TEXT NOT NULL, alpha INTEGER NOT NULL, value REAL,
    PRIMARY KEY (run, unit, alpha));
CREATE TABLE contributors (
    run TEXT NOT NULL REFERENCES runs (run), contributor TEXT NOT NULL, records INTEGER NOT NULL,
    epsilon REAL, delta REAL NOT NULL, PRIMARY KEY (run, contributor));
CREATE TABLE elsewhere (dataset TEXT NOT NULL, statement TEXT NOT NULL, set_at TEXT NOT NULL);
CREATE VIEW contributor_totals AS
    SELECT contributor, count(*) AS runs, sum(records) AS records,
           CASE WHEN count(epsilon) = count(*) THEN sum(epsilon) END AS epsilon, sum(delta) AS delta
    FROM contributors GROUP BY contributor;
"""


@dataclass(frozen=True, slots=True)
class Charge:
    """What a run is charged before its first step. Figures are computed by the caller."""

    run: str
    dataset: str  # without the number: a budget spans all versions
    number: int
    version: str
    unit: str
    purpose: str
    event: str  # mechanism, sampler, rate, noise and steps, as JSON
    epsilon: float
    delta: float
    audience: str
    fingerprint: str  # of plan, task and environment
    # unit -> Renyi divergence at each of ORDERS; infinite where nothing is guaranteed
    renyi: Mapping[str, tuple[float, ...]]


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one contributor is charged by a run; an infinite epsilon is stored as NULL."""

    contributor: str
    records: int
    epsilon: float
    delta: float


@dataclass(frozen=True, slots=True)
class Row:
    """One run as the ledger has it. `status`: reserved, done or failed."""

    run: str
    dataset: str
    number: int
    version: str
    unit: str
    purpose: str
    event: str
    epsilon: float
    delta: float
    audience: str
    fingerprint: str
    status: str
    reserved_at: str
    settled_at: str | None
    steps: int | None


_RUN = tuple(field.name for field in fields(Row))  # the columns of runs, in their order


@dataclass(frozen=True, slots=True)
class Budget:
    """The budget in force for one unit of a dataset, and what the filter has used of it."""

    dataset: str
    unit: str
    epsilon: float
    delta: float
    spent: float  # epsilon that the charged runs use by the filter
    changes: int  # how often it was changed after it was first set


class Ledger:
    """One ledger file. Every call is its own transaction; any number of processes may call."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        with self._transaction() as connection:
            if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'meta'").fetchone():
                for statement in _TABLES.split(";"):
                    connection.execute(statement)
                connection.execute("INSERT INTO meta VALUES (?)", (FORMAT,))
            refuse_newer(connection.execute("SELECT format FROM meta").fetchone()[0], FORMAT, path)

    def set_budget(self, dataset: str, unit: str, epsilon: float, delta: float, reason: str = "") -> None:
        """Fix a budget. Changing one later needs a reason, which is kept."""
        if unit not in UNITS:
            raise UsageError(f"expected unit record or contributor, found {unit!r}", place="budget")
        if not (epsilon > 0 and math.isfinite(epsilon) and 0 < delta < 1):
            raise UsageError(f"expected epsilon above 0 and delta in (0, 1), found {epsilon}, {delta}", place="budget")
        with self._transaction() as connection:
            if _budget(connection, dataset, unit) and not reason.strip():
                raise UsageError(
                    f"{dataset} has a budget for unit {unit}; changing it needs a reason",
                    cure="State it: a budget that is raised after seeing results is a different promise.",
                    place="budget",
                )
            values = (dataset, unit, epsilon, delta, reason, _now())
            connection.execute("INSERT INTO budgets VALUES (?, ?, ?, ?, ?, ?)", values)

    def budget(self, dataset: str, unit: str) -> Budget | None:
        """The budget in force; None where none was set."""
        with self._transaction() as connection:
            limits = _budget(connection, dataset, unit)
            if limits is None:
                return None
            sums = _sums(connection, dataset, unit)
            count = "SELECT count(*) - 1 FROM budgets WHERE dataset = ? AND unit = ?"
            changes = connection.execute(count, (dataset, unit)).fetchone()[0]
            return Budget(dataset, unit, *limits, filtered_epsilon(sums, limits[1]), changes)

    def budgeted(self) -> list[str]:
        """The datasets that a budget was ever set for."""
        with self._transaction() as connection:
            query = "SELECT DISTINCT dataset FROM budgets ORDER BY dataset"
            return [str(found[0]) for found in connection.execute(query)]

    def reserve(self, charge: Charge, contributions: Iterable[Contribution] = ()) -> None:
        """Charge a run, whole, before it starts; BudgetRefused where a budget would be passed."""
        with self._transaction() as connection:
            for unit, values in charge.renyi.items():
                _refuse_if_over(connection, charge, unit, values)
            connection.execute(
                f"INSERT INTO runs VALUES ({', '.join('?' * 15)})",
                (
                    *(charge.run, charge.dataset, charge.number, charge.version, charge.unit, charge.purpose),
                    *(charge.event, charge.epsilon, charge.delta, charge.audience, charge.fingerprint),
                    *("reserved", _now(), None, None),
                ),
            )
            curves = [
                (charge.run, unit, alpha, _finite(value))
                for unit, values in charge.renyi.items()
                for alpha, value in zip(ORDERS, values, strict=True)
            ]
            connection.executemany("INSERT INTO renyi VALUES (?, ?, ?, ?)", curves)
            owners = [(charge.run, c.contributor, c.records, _finite(c.epsilon), c.delta) for c in contributions]
            connection.executemany("INSERT INTO contributors VALUES (?, ?, ?, ?, ?)", owners)

    def settle(self, run: str, status: str, steps: int) -> None:
        """Record how a run ended. Nothing is refunded; settling again as before changes nothing."""
        with self._transaction() as connection:
            row = connection.execute("SELECT status FROM runs WHERE run = ?", (run,)).fetchone()
            if row is None:
                raise NotFound(f"the ledger has no run {run}", place=str(self.path))
            if row[0] == "reserved":
                values = (status, _now(), steps, run)
                connection.execute("UPDATE runs SET status = ?, settled_at = ?, steps = ? WHERE run = ?", values)

    def rows(self, dataset: str | None = None) -> list[Row]:
        """All runs, oldest first, of one dataset or of all."""
        with self._transaction() as connection:
            query = "SELECT * FROM runs WHERE ?1 IS NULL OR dataset = ?1 ORDER BY reserved_at, run"
            return [Row(*found) for found in connection.execute(query, (dataset,))]

    def row(self, run: str) -> Row:
        """One run."""
        found = [row for row in self.rows() if row.run == run]
        if not found:
            raise NotFound(f"the ledger has no run {run}", place=str(self.path))
        return found[0]

    def contributions(self, contributor: str | None = None, run: str | None = None) -> list[tuple[str, Contribution]]:
        """(run, what it charged a contributor), of one contributor, one run, or all."""
        query = """SELECT run, contributor, records, epsilon, delta FROM contributors
                   WHERE (?1 IS NULL OR contributor = ?1) AND (?2 IS NULL OR run = ?2) ORDER BY run, contributor"""
        with self._transaction() as connection:
            return [
                (name, Contribution(who, records, math.inf if epsilon is None else epsilon, delta))
                for name, who, records, epsilon, delta in connection.execute(query, (contributor, run))
            ]

    def state_elsewhere(self, dataset: str, statement: str) -> None:
        """Write down what the owner knows about spending on this data outside this ledger."""
        with self._transaction() as connection:
            connection.execute("INSERT INTO elsewhere VALUES (?, ?, ?)", (dataset, statement, _now()))

    def elsewhere(self, dataset: str) -> str:
        """What is known about spending elsewhere; "unknown" until somebody states it."""
        query = "SELECT statement FROM elsewhere WHERE dataset = ? ORDER BY rowid DESC LIMIT 1"
        with self._transaction() as connection:
            found = connection.execute(query, (dataset,)).fetchone()
            return str(found[0]) if found else "unknown"

    def carried(self, dataset: str) -> dict[str, Any]:
        """What was spent on a dataset, for whoever takes a copy of it: runs and their Renyi curves,
        no contributors (their pseudonyms stay here)."""
        with self._transaction() as connection:
            runs = connection.execute("SELECT * FROM runs WHERE dataset = ? ORDER BY reserved_at, run", (dataset,))
            names = [column[0] for column in runs.description]
            rows = [dict(zip(names, found, strict=True)) for found in runs.fetchall()]
            query = "SELECT renyi.* FROM renyi JOIN runs USING (run) WHERE dataset = ? ORDER BY run, unit, alpha"
            curves = [list(found) for found in connection.execute(query, (dataset,))]
        return {
            "format": FORMAT, "dataset": dataset, "elsewhere": self.elsewhere(dataset), "runs": rows, "renyi": curves,
        }  # fmt: skip

    def take_over(self, dataset: str, path: Path) -> int:
        """Count what an export says was spent before it left (its spent.json); how many runs were new."""
        try:
            found = json.loads(path.read_text("utf-8"))
            refuse_newer(int(found["format"]), FORMAT, path)
            runs = [tuple(one[name] for name in _RUN) for one in found["runs"]]
            curves = [(str(run), str(unit), int(alpha), value) for run, unit, alpha, value in found["renyi"]]
            stated = str(found["elsewhere"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise FormatError(
                "expected what an export says was spent (JSON), found something else", place=str(path)
            ) from error
        if any(run[1] != dataset for run in runs):
            raise UsageError(f"this is what was spent on {found['dataset']!r}, not on {dataset!r}", place=str(path))
        with self._transaction() as connection:
            # A run's name is its own everywhere: taking a file over twice counts nothing twice.
            known = {row[0] for row in connection.execute("SELECT run FROM runs")}
            new = [run for run in runs if run[0] not in known]
            connection.executemany(f"INSERT INTO runs VALUES ({', '.join('?' * len(_RUN))})", new)
            taken = {run[0] for run in new}
            connection.executemany("INSERT INTO renyi VALUES (?, ?, ?, ?)", [c for c in curves if c[0] in taken])
            told = f"{len(runs)} runs taken over from an export are counted here; before those: {stated}"
            connection.execute("INSERT INTO elsewhere VALUES (?, ?, ?)", (dataset, told, _now()))
        return len(new)

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        connection = sqlite3.connect(self.path, timeout=BUSY_SECONDS, isolation_level=None)
        try:
            # IMMEDIATE: two reservations can never both read the sums before either has written.
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            connection.execute("COMMIT")
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError | sqlite3.IntegrityError):
                raise
            raise FormatError(
                "expected a privacy ledger (SQLite), found something else", place=str(self.path)
            ) from error
        finally:
            connection.close()  # rolls back what was not committed


def filtered_epsilon(sums: tuple[float, ...], delta: float) -> float:
    """Epsilon that sums of Renyi divergences amount to by the filter (0 where nothing was spent)."""
    if not any(sums):
        return 0.0
    price = math.log(len(ORDERS) / delta)
    return min(value + price / (alpha - 1) for alpha, value in zip(ORDERS, sums, strict=True))


def _refuse_if_over(connection: sqlite3.Connection, charge: Charge, unit: str, values: tuple[float, ...]) -> None:
    limits = _budget(connection, charge.dataset, unit)
    if limits is None:
        return
    before = _sums(connection, charge.dataset, unit)
    after = tuple(spent + new for spent, new in zip(before, values, strict=True))
    used, needed = filtered_epsilon(before, limits[1]), filtered_epsilon(after, limits[1])
    place = f"{charge.dataset}@{charge.number}"
    if math.isinf(needed) and math.isfinite(used):
        raise BudgetRefused(
            f"the budget is for unit {unit}, and of that this run promises nothing: without a bound it would be inf",
            cure=f"Train with --unit {unit}.",
            place=place,
        )
    if needed > limits[0]:
        finer = f"Plan with --delta {limits[1]:g} as the budget has it. " if charge.delta > limits[1] else ""
        raise BudgetRefused(
            f"the budget for unit {unit} is epsilon {limits[0]:g} at delta {limits[1]:g}; {used:.2f} is spent, and "
            f"with this run it would be {needed:.2f}",
            cure=f"{finer}Plan fewer steps, more noise or a smaller batch, or change the budget and say why.",
            place=place,
        )


def _budget(connection: sqlite3.Connection, dataset: str, unit: str) -> tuple[float, float] | None:
    query = "SELECT epsilon, delta FROM budgets WHERE dataset = ? AND unit = ? ORDER BY rowid DESC LIMIT 1"
    found = connection.execute(query, (dataset, unit)).fetchone()
    return (found[0], found[1]) if found else None


def _sums(connection: sqlite3.Connection, dataset: str, unit: str) -> tuple[float, ...]:
    """Renyi divergence spent at each order by every run on the dataset, whatever its status."""
    query = """SELECT alpha, CASE WHEN count(value) = count(*) THEN sum(value) END
               FROM renyi JOIN runs USING (run) WHERE dataset = ? AND renyi.unit = ? GROUP BY alpha"""
    found = dict(connection.execute(query, (dataset, unit)).fetchall())
    return tuple(math.inf if (value := found.get(alpha, 0.0)) is None else float(value) for alpha in ORDERS)


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")
