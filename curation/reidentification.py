"""Whom a table or a version tells apart, as figures: from a file, from columns of the sources, from the texts."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from catalog import cards, manifests, measurements, store
from catalog.errors import FormatError, NotFound, UsageError
from catalog.measurements import Measurement
from catalog.publish import publish
from catalog.queries import query
from catalog.workspace import Workspace, write_atomically
from curation import probes, singling
from curation.anonymity import Anonymity, Proposal, known_columns, measure, propose
from curation.stages import Progress
from privacy.leaks import wilson

TOPIC = "reidentification"
READERS = {".parquet": "read_parquet", ".csv": "read_csv", ".jsonl": "read_json_auto"}


@dataclass(frozen=True, slots=True)
class Found:
    """What to show, and the figures to keep."""

    tables: tuple[tuple[str, tuple[str, ...], list[tuple[Any, ...]]], ...]
    lines: tuple[str, ...]
    figures: tuple[Measurement, ...]


def of_table(path: Path, columns: Sequence[str], sensitive: str, wanted: int, out: Path | None) -> Found:
    """A table in a file; with `out`, the coarser table is written."""
    if not path.is_file():
        raise NotFound("there is no such table", cure="Check the path.", place=str(path))
    with _reading(path) as connection:
        found, proposal = _classes(connection, columns, sensitive, wanted, path.name)
        if out is not None:
            form = "(FORMAT csv, HEADER)" if out.suffix.lower() == ".csv" else "(FORMAT parquet)"
            write_atomically(
                out, lambda part: connection.execute(f"COPY ({proposal.select}) TO '{_literal(part)}' {form}")
            )
            named = {name.lower() for name in (*columns, sensitive)}
            there = [name for name, *_ in connection.execute("DESCRIBE people").fetchall()]
            if others := [name for name in there if name.lower() not in named]:
                told = f"written as they are, and in no figure above: {', '.join(others)}"
                found = replace(found, lines=(*found.lines, told))
    return found


@contextlib.contextmanager
def _reading(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    reader = READERS[path.suffix.lower()]
    with duckdb.connect(":memory:") as connection:
        try:
            connection.execute(f"CREATE VIEW people AS SELECT * FROM {reader}('{_literal(path)}')")
            yield connection
        except duckdb.Error as error:
            # DuckDB's own words may quote a row.
            raise FormatError(f"the table cannot be read: {type(error).__name__}", place=str(path)) from None


def of_columns(
    workspace: Workspace, version: str, columns: Sequence[str], sensitive: str, wanted: int, recipe: Path | None
) -> Found:
    """Columns that the sources hold beside what was released, read again for the records of a version."""
    manifest = manifests.find(workspace, version)
    job = probes.job(workspace, manifest, recipe)
    released = query(
        workspace,
        "SELECT c.id::VARCHAR, c.label, f.language FROM content c JOIN facts f USING (version, id)"
        f" WHERE c.version = '{manifest.name}'",
    ).fetchall()
    wanted_columns = [*columns, *([sensitive] if sensitive else [])]
    told = {row[0]: {"label": row[1], "language": row[2]} for row in released}
    rows = []
    for record in probes.originals(job, told):
        fields = {**dict(record.declared.fields), **told[record.id]}
        rows.append([fields.get(name) for name in wanted_columns])
    if empty := [name for place, name in enumerate(wanted_columns) if not any(row[place] for row in rows)]:
        raise UsageError(
            f"the sources hold nothing in {', '.join(map(repr, empty))}",
            cure="Columns are those of the rows that were read, and label and language.",
        )
    table = pa.table({name: pa.array([row[n] for row in rows], pa.string()) for n, name in enumerate(wanted_columns)})
    with store.connect(workspace) as connection:
        connection.register("people", table)
        found = _classes(connection, columns, sensitive, wanted, manifest.name)[0]
    return _without(found, len(told) - len(rows), len(told))


def _without(found: Found, gone: int, of: int) -> Found:
    """The same, saying how many released records the sources hold no more."""
    if not gone:
        return found
    said = f"{gone} of {of} released records are not counted: their source is gone or changed"
    figures = tuple(replace(one, method=f"{one.method}; {said}") for one in found.figures)
    return replace(found, lines=(said, *found.lines), figures=figures)


def _classes(
    connection: duckdb.DuckDBPyConnection, columns: Sequence[str], sensitive: str, wanted: int, name: str
) -> tuple[Found, Proposal]:
    known_columns(connection, "people", [*columns, *([sensitive] if sensitive else [])])
    now = measure(connection, "people", columns, sensitive, wanted)
    proposal = propose(connection, "people", columns, sensitive, wanted)
    heads = ("", "rows", "classes", "k", "alone", f"in classes under {wanted}", "l")
    rows = [
        (title, one.rows, one.classes, one.k, one.unique, one.small, one.diversity)
        for title, one in (("as it is", now), ("as proposed", proposal.after))
    ]
    sizes = (("1", "2 to 4", "5 to 9", "10 or more"), now.sizes)
    lines = [f"rows by size of their class: {', '.join(f'{size}: {n}' for size, n in zip(*sizes, strict=True))}"]
    lines += [f"proposed: {column} -> {step}" for column, step in proposal.steps]
    lines.append(f"proposed: leave out {proposal.suppressed} rows whose class stays too small")
    figures = _figures(now, columns, sensitive, wanted)
    return Found(((f"{name} by {', '.join(columns)}", heads, rows),), tuple(lines), figures), proposal


def _figures(now: Anonymity, columns: Sequence[str], sensitive: str, wanted: int) -> tuple[Measurement, ...]:
    method, at = f"classes of rows with equal {', '.join(columns)}", _today()
    alone, small = wilson(now.unique, now.rows), wilson(now.small, now.rows)
    figures = [
        Measurement(TOPIC, "size of the smallest class (k)", now.k, None, None, now.rows, method, at),
        Measurement(TOPIC, "rows alone in their class", alone.share, None, None, now.rows, method, at),
        Measurement(TOPIC, f"rows in classes under {wanted}", small.share, None, None, now.rows, method, at),
    ]
    if now.diversity is not None:
        told = f"least values of {sensitive} in a class (l)"
        figures.append(Measurement(TOPIC, told, now.diversity, None, None, now.rows, method, at))
    return tuple(figures)


def of_texts(workspace: Workspace, version: str, recipe: Path | None, progress: Progress) -> Found:
    """Released texts by what they still name: places, employers, dates and the like."""
    manifest = manifests.find(workspace, version)
    job = probes.job(workspace, manifest, recipe)
    progress.begin("reading", manifest.counts.get("keep", 0) + manifest.counts.get("redact", 0))
    named = list(singling.values(job, manifest, lambda count: progress.advance("reading", count, "")))
    whole, *without = singling.singled(workspace, named)
    heads = ("counting", "texts", "alone with one value", "alone with two")
    rows = [(f"without {one.without}" if one.without else "all kinds", one.texts, one.by_one, one.by_two)
            for one in (whole, *without)]  # fmt: skip
    lines = [f"{whole.not_examined} texts could not be examined and are not counted"] if whole.not_examined else []
    if without and whole.by_two:
        best = min(without, key=lambda one: one.by_two)
        lines.append(
            f"proposed: replacing {best.without} (recipe: [privacy.rules]) leaves {best.by_two} of {whole.by_two} "
            "texts alone with two values"
        )
    method = "coarse values of places, organisations, dates and the like that an engine finds in the released texts"
    figures = tuple(
        Measurement(
            TOPIC,
            f"texts alone with {many}",
            wilson(count, whole.texts).share,
            None,
            None,
            whole.texts,
            method,
            _today(),
        )
        for many, count in (("one value", whole.by_one), ("two values", whole.by_two))
    )
    return Found(((manifest.name, heads, rows),), tuple(lines), figures)


def save(workspace: Workspace, version: str, found: Found) -> None:
    """Keep the figures on a version; those of another method stay."""
    manifest = manifests.find(workspace, version)
    methods = {_how(one) for one in found.figures}
    old = [one for one in measurements.load(workspace, manifest.name) if one.topic == TOPIC]
    measurements.save(
        workspace, manifest.name, TOPIC, [*(one for one in old if _how(one) not in methods), *found.figures]
    )
    publish(workspace)
    cards.write(workspace, manifest)


def _how(figure: Measurement) -> str:
    """Its method, whatever could not be counted by it."""
    return figure.method.partition("; ")[0]


def _today() -> str:
    return f"{dt.datetime.now(dt.UTC):%Y-%m-%d}"


def _literal(path: Path) -> str:
    return str(path).replace("'", "''")
