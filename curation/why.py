"""One record's whole story, read from the published catalog: source, evidence, findings, decision, versions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from catalog import suppression
from catalog.errors import NotFound
from catalog.queries import query
from catalog.workspace import Workspace
from curation.reasons import meaning

_UUID = re.compile(r"[0-9a-f]{4,8}(-[0-9a-f]{1,12})*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Table:
    """One chapter of the story: a heading, column names, rows."""

    heading: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    empty: str = ""  # what to say when there are no rows


_CHAPTERS = (
    (
        "Where it came from",
        "SELECT version, modality, address, container, position, media_type, fetched_at, language FROM records",
        "",
    ),
    (
        "Licence evidence",
        "SELECT licence, scope, channel, speaker, place, quote FROM claims",
        "No licence statement was found: that is unknown, not permission.",
    ),
    (
        "Opt-outs and opt-ins",
        "SELECT use, answer, channel, agent, quote FROM preferences",
        "No signal was found: that is unknown, not permission.",
    ),
    (
        "Personal data",
        "SELECT kind, count(*) AS places, round(min(score), 2) AS least_score,"
        " string_agg(DISTINCT recognizer, ', ') AS found_by FROM spans",
        "",
    ),
    (
        "Personal data in the picture",
        "SELECT kind, count(*) AS regions, round(min(score), 2) AS least_score,"
        " string_agg(DISTINCT detector, ', ') AS found_by FROM regions",
        "",
    ),
    ("Benchmark items in it", "SELECT item, first_character, end_character FROM benchmark_items", ""),
    ("Stands for it", "SELECT keeper, kind, round(similarity, 3) AS similarity FROM clusters", ""),
    ("What was done to it", "SELECT name, detail, effect, permitted, mark, section, why FROM transforms", ""),
    ("Credit", "SELECT title, author, notice, licence_url, changes, complete FROM attributions", ""),
    ("Decision", "SELECT action, licence, licence_point, licence_basis FROM decisions", ""),
    ("Reasons", "SELECT reason, rule, value, threshold FROM reasons", "Nothing spoke against it."),
)


def find(workspace: Workspace, record: str) -> str:
    """The id of the record meant by an id, the beginning of one, or an address."""
    quoted = record.replace("'", "''")
    wheres = [f"address = '{quoted}'", f"address LIKE '%{quoted}'"]
    if _UUID.fullmatch(record):
        wheres.insert(0, f"id::VARCHAR LIKE '{quoted.lower()}%'")
    for where in wheres:
        sql = f"SELECT DISTINCT id::VARCHAR, address FROM facts WHERE {where} ORDER BY ALL LIMIT 6"
        rows = query(workspace, sql).fetchall()
        if len(rows) == 1:
            return str(rows[0][0])
        if rows:
            listed = ", ".join(str(row[0])[:13] for row in rows)
            raise NotFound(f"{record!r} fits several records: {listed}", cure="Give more of the id.")
    if suppression.load(workspace).hit(record=record.lower(), address=record):
        raise NotFound(
            "that record was erased on request; nothing is kept of it but that there was one",
            cure='`cleartitle sql "FROM erased_versions"` counts what was erased from each version.',
        )
    raise NotFound(
        f"no record with the id or address {record!r}",
        cure='Find ids with `cleartitle sql "SELECT id, address, action FROM records"`.',
    )


def story(workspace: Workspace, record: str) -> list[Table]:
    """The chapters of one record's story, in the newest version that knows it."""
    identity = find(workspace, record)
    where = f"id = '{identity}'"
    versions = query(
        workspace,
        f"SELECT d.version, d.action, c.id IS NOT NULL AS released FROM decisions d"
        f" LEFT JOIN content c USING (version, id) WHERE d.{where} ORDER BY d.version",
    ).fetchall()
    newest = query(
        workspace,
        f"SELECT v.version FROM versions v JOIN decisions d USING (version) WHERE d.{where}"
        " ORDER BY v.number DESC LIMIT 1",
    ).fetchone()
    version = newest[0] if newest else versions[-1][0]
    chapters = []
    for heading, sql, empty in _CHAPTERS:
        grouped = " GROUP BY kind ORDER BY kind" if "count(*)" in sql else ""
        result = query(workspace, f"{sql} WHERE version = '{version}' AND {where}{grouped}")
        rows = tuple(result.fetchall())
        if rows or empty:
            chapters.append(Table(heading, tuple(result.columns), rows, empty))
    chapters[-1] = _explained(chapters[-1])
    chapters.append(Table("Versions that know it", ("version", "action", "released"), tuple(versions)))
    return chapters


def _explained(reasons: Table) -> Table:
    """The reasons, each with what it means."""
    rows = tuple((*row, meaning(*row[:3])) for row in reasons.rows)
    return Table(reasons.heading, (*reasons.columns, "meaning"), rows, reasons.empty)
