"""The publishable catalog of one version: counts in plain tables, fit to lie beside a public copy of it.

Made from the same counts as catalog.duckdb, but without contributors, consent, membership, single records,
paths or anything about one person's charge; small counts are hidden (`catalog.disclosure`).
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb

from catalog import disclosure, families, measurements, rollups, store
from catalog.gate import gate
from catalog.ledger import Ledger
from catalog.manifests import Manifest
from catalog.public_tables import TABLES, PublicTable
from catalog.workspace import Workspace, write_atomically

FORMAT = 1
# Shares of the records: taken times these, they are small counts.
_OF_FEW = ("skew", "conflicts", "agreement", "reidentification")
Rows = list[dict[str, Any]]


def default_path(workspace: Workspace, manifest: Manifest) -> Path:
    """Where the publishable catalog of a version is written unless told otherwise: beside its cards."""
    return workspace.cards / manifest.name / "catalog.duckdb"


def publish(workspace: Workspace, manifest: Manifest, path: Path | None = None, *, use: str = "share redacted") -> Path:
    """Write the publishable catalog of a version, if the gate lets the version out for `use`."""
    gate(workspace, manifest, use)
    path = path or default_path(workspace, manifest)
    write_atomically(path, lambda part: build(workspace, manifest, part), mode=0o444)
    return path


def build(workspace: Workspace, manifest: Manifest, path: Path) -> None:
    """Write it to a new file."""
    counted = _counts(workspace, manifest)
    tables = dict(_hidden(manifest, counted))
    tables["about"] = [
        {
            "format": FORMAT,
            "version": manifest.name,
            "least": disclosure.LEAST,
            "made_on": dt.datetime.now(dt.UTC).date(),
        }
    ]
    tables["ledger"] = list(_ledger(workspace, manifest))
    tables["measurements"] = [
        {**{name: getattr(one, name) for name in ("topic", "name", "value", "low", "high", "trials", "method")},
         "measured_at": one.at[:10]}
        for one in measurements.load(workspace, manifest.name)
        if one.topic not in _OF_FEW
    ]  # fmt: skip
    with store.connect(workspace) as connection:
        rollups.attach(connection, path, "public", f"STORAGE_VERSION '{store.STORAGE_VERSION}'")
        connection.execute("USE public")
        for table in TABLES:
            _create(connection, table, tables[table.name])
        connection.execute("USE memory")
        connection.execute("DETACH public")


def _create(connection: duckdb.DuckDBPyConnection, table: PublicTable, rows: Rows) -> None:
    values = [tuple(row[name] for name, _, _ in table.columns) for row in rows]
    families.fill(connection, table.name, table.columns, values)
    described = [(name, words) for name, _, words in table.columns]
    families.comment(connection, "TABLE", table.name, table.comment, described)


def _counts(workspace: Workspace, manifest: Manifest) -> Callable[[str], Rows]:
    """The rows of a rollup of this version, sorted as published."""
    counts = rollups.counted(workspace, manifest)

    def rows(name: str) -> Rows:
        with store.connect(workspace) as connection:
            rollups.attach(connection, counts, "counts", "READ_ONLY")
            cursor = connection.execute(f"SELECT * EXCLUDE (version) FROM counts.{name}")
            names = [column[0] for column in cursor.description or ()]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    return rows


def _hidden(manifest: Manifest, counted: Callable[[str], Rows]) -> Iterator[tuple[str, Rows]]:
    """Every counted table. What one hides, no other gives away: see the comments."""
    actions = {name: manifest.counts.get(action, 0) for name, action in _ACTIONS.items()}
    released = actions["kept"] + actions["redacted"]
    rest = actions["held"] + actions["dropped"]
    # How many stay is told by other tables: kept and redacted make one group, held and dropped the other.
    sides = ("released", "released", "rest", "rest")
    told = disclosure.hidden_in_groups(sides, [(count,) for count in actions.values()])
    of_actions = dict(zip(actions, told, strict=True))
    hide_released = disclosure.small(released) or disclosure.small(rest)
    yield "versions", [_version(manifest, actions, of_actions)]

    secret = {_ACTIONS[name] for name, one in of_actions.items() if one}
    licences = _in_groups(counted("licence_mix"), "action", secret)
    yield "licence_mix", licences
    reasons = _in_groups(counted("dropped_why"), "action", secret)
    yield "dropped_why", reasons

    composition = _parts(counted("composition"), "modality", hide_released)
    of_modalities = Counter[str]()
    for row in counted("composition"):
        of_modalities[row["modality"]] += row["records"]
    known = not any(disclosure.hidden([(count,) for count in of_modalities.values()]))
    yield "composition", composition
    # Lengths add up to the texts that could be read: a total that composition must have shown before.
    yield "length_mix", list(_lengths(counted("length_mix"), of_modalities["text"], hide_released, known=known))
    yield "host_mix", _pooled(_parts(counted("host_mix"), "", hide_released), counted("host_mix"))
    yield "pii_by_kind", [_personal(row) for row in counted("pii_by_kind")]
    examined = counted("privacy_mix")
    tells = not known or _tells_few(examined, counted("composition"))
    yield "privacy_mix", _in_groups(examined, "", {""} if tells else set())

    # Opt-outs are reasons too, and credits add up to licences: hidden there, hidden here.
    optouts = {""} if any(row["records"] is None and row["reason"].startswith("optout") for row in reasons) else set()
    yield "preference_mix", _in_groups(counted("preference_mix"), "", optouts)
    uncounted = {row["licence"] for row in licences if row["records"] is None}
    yield "credit_mix", _in_groups(counted("credit_mix"), "licence", uncounted)
    yield "transforms", [{"name": row["name"]} for row in counted("transform_mix")]
    yield "signal_mix", [row for row in counted("signal_mix") if row["examined"] >= disclosure.LEAST]


def _tells_few(examined: Rows, composition: Rows) -> bool:
    """Would the number of the examined tell of few that were examined and did not stay, or that were not examined?

    What stays was examined, and the mode says which modality was: each of them is asked by itself.
    """
    seen = Counter[str]()
    for row in examined:
        seen[_MODALITIES.get(row["mode"], "")] += row["records"]
    there, stay = Counter[str](), Counter[str]()
    for row in composition:
        there[row["modality"]] += row["records"]
        stay[row["modality"]] += row["released"]
    sides = [(seen[name] - stay[name], there[name] - seen[name]) for name in there.keys() | seen.keys()]
    sides.append((seen.total() - stay.total(), there.total() - seen.total()))
    return any(disclosure.small(abs(count)) for side in sides for count in side)


_MODALITIES = {
    **dict.fromkeys(("strict", "fast", "patterns"), "text"),
    **dict.fromkeys(("all", "private", "metadata"), "image"),
}
_ACTIONS = {"kept": "keep", "redacted": "redact", "held": "hold", "dropped": "drop"}


def _version(manifest: Manifest, actions: dict[str, int], hide: dict[str, bool]) -> dict[str, Any]:
    total = sum(actions.values())
    return {
        "version": manifest.name,
        "dataset": manifest.dataset,
        "number": manifest.number,
        "hash": manifest.hash,
        "amendment": manifest.amendment,
        "audience": manifest.audience,
        "uses": list(manifest.uses),
        "as_of": manifest.as_of,
        "records": None if disclosure.small(total) else total,
        **{name: None if hide[name] else count for name, count in actions.items()},
        "created_at": manifest.created_at[:19],
        "code_version": manifest.code_version,
        "recipe_fingerprint": manifest.recipe_fingerprint,
    }


def _in_groups(rows: Rows, column: str, secret: set[Any]) -> Rows:
    """Hide small counts within the groups of a column; the groups in `secret` are hidden whole."""
    groups = [row[column] if column else "" for row in rows]
    cells = [(row["records"],) for row in rows]
    hide = disclosure.hidden_in_groups(groups, cells, [group in secret for group in groups])
    return [{**row, "records": None if one else row["records"]} for row, one in zip(rows, hide, strict=True)]


def _parts(rows: Rows, column: str, hide_released: bool) -> Rows:
    """Hide small counts of records, and of those that are in the version and those that are not."""
    groups = [row[column] if column else "" for row in rows]
    whole = disclosure.hidden_in_groups(groups, [(row["records"],) for row in rows])
    split = [(row["released"], row["records"] - row["released"]) for row in rows]
    parts = disclosure.hidden_in_groups(groups, split, [hide_released or one for one in whole])
    return [
        {**row, "records": None if one else row["records"], "released": None if part else row["released"]}
        for row, one, part in zip(rows, whole, parts, strict=True)
    ]


def _lengths(rows: Rows, texts: int, hide_released: bool, *, known: bool) -> Iterator[dict[str, Any]]:
    without = texts - sum(row["records"] for row in rows)  # unreadable ones: no row of theirs, but a count
    cells = [*rows, {"from_characters": None, "records": without, "released": 0}]
    for row in _parts(cells, "", hide_released)[:-1]:
        yield row if known else {**row, "records": None, "released": None}


def _pooled(rows: Rows, counts: Rows) -> Rows:
    """A small host is not even named: it may be somebody's own."""
    shown = [row for row in rows if row["records"] is not None and row["host"] is not None]
    named = {row["host"] for row in shown}
    others = [row for row in counts if row["host"] not in named]
    records, hosts = sum(row["records"] for row in others), sum(row["hosts"] for row in others)
    if not others:
        return shown
    pool = {"host": None, "hosts": hosts, "records": None if disclosure.small(records) else records, "released": None}
    return [*shown, pool]


def _personal(row: dict[str, Any]) -> dict[str, Any]:
    counts = ("found", "found_records", "replaced", "replaced_records")
    few = any(disclosure.small(row[name]) for name in counts)
    few = few or disclosure.small(abs(row["found_records"] - row["replaced_records"]))
    return {**row, **dict.fromkeys(counts, None)} if few else row


def _ledger(workspace: Workspace, manifest: Manifest) -> Iterator[dict[str, Any]]:
    for row in Ledger(workspace.ledger).rows() if workspace.ledger.exists() else ():
        if (row.dataset, row.number) == (manifest.dataset, manifest.number):
            yield {
                "run": row.run, "unit": row.unit, "epsilon": row.epsilon, "delta": row.delta, "status": row.status,
                "steps": row.steps, "reserved_at": row.reserved_at[:19],
            }  # fmt: skip
