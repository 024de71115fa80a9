"""The tables of the publishable catalog and a sentence for every column."""

from __future__ import annotations

from dataclasses import dataclass

from catalog.disclosure import LEAST
from catalog.rollup_tables import ROLLUPS, Rollup
from catalog.tables import TABLES as INTERNAL

Columns = tuple[tuple[str, str, str], ...]
HIDDEN = f" NULL: fewer than {LEAST}, or hidden so that such a number cannot be worked out from the others."


@dataclass(frozen=True, slots=True)
class PublicTable:
    """A table with its columns: name, SQL type, what it says."""

    name: str
    comment: str
    columns: Columns


_COUNTS = ("records", "released", "found", "found_records", "replaced", "replaced_records")


def _rollup(name: str) -> Rollup:
    return next(one for one in ROLLUPS if one.name == name)


def _counted(name: str, *left_out: str) -> PublicTable:
    """A rollup of the internal catalog for one version, with counts that may be hidden."""
    rollup = _rollup(name)
    columns = tuple(
        (column, _TYPES.get(column, "VARCHAR"), words + (HIDDEN if column in _COUNTS else ""))
        for column, words in rollup.columns
        if column not in ("version", *left_out)
    )
    return PublicTable(name, rollup.comment, columns)


def _internal(name: str, *chosen: str) -> Columns:
    columns = {column: (column, kind, words) for table in INTERNAL if table.name == name
               for column, kind, words in table.columns}  # fmt: skip
    return tuple(
        (column, kind, words + HIDDEN) if column in ("records", "kept", "redacted", "held", "dropped") else
        (column, kind, words)
        for column, kind, words in (columns[one] for one in chosen)
    )  # fmt: skip


_TYPES = {
    **dict.fromkeys((*_COUNTS, "from_characters", "hosts"), "BIGINT"),
    "complete": "BOOLEAN",
}

TABLES: tuple[PublicTable, ...] = (
    PublicTable(
        "about",
        "This file: which version it counts, and below which number it hides.",
        (
            ("format", "INTEGER", "Format number of this file."),
            ("version", "VARCHAR", "The dataset version that every table speaks of."),
            ("least", "BIGINT", "Counts below this are hidden."),
            ("made_on", "DATE", "When this file was made (UTC)."),
        ),
    ),
    PublicTable(
        "versions",
        "The version, with what became of the records that entered: one row.",
        _internal(
            "versions", "version", "dataset", "number", "hash", "amendment", "audience", "uses", "as_of", "records",
            "kept", "redacted", "held", "dropped", "created_at", "code_version", "recipe_fingerprint",
        ),
    ),
    _counted("licence_mix"),
    _counted("dropped_why"),
    _counted("pii_by_kind"),
    _counted("privacy_mix"),
    PublicTable(
        "host_mix",
        f"Hosts with at least {LEAST} records; NULL is all the others together.",
        tuple(
            (name, kind, "Host name; empty for local files; NULL: all others together." if name == "host" else words)
            for name, kind, words in _counted("host_mix").columns
        ),
    ),
    _counted("composition", "released_characters"),
    _counted("length_mix"),
    _counted("preference_mix"),
    _counted("credit_mix"),
    PublicTable("transforms", "What was done to records that stay.", (("name", "VARCHAR", "What was done."),)),
    PublicTable(
        "signal_mix",
        "Quality signals over all records that entered: where the values lie.",
        tuple(
            (name, "VARCHAR" if name == "signal" else "DOUBLE", words)
            for name, words in _rollup("signal_mix").columns
            if name in ("signal", "mean", "deviation")
        ),
    ),
    PublicTable(
        "measurements",
        "Figures on the version that are not counted from its shards: leaks found, recall, drift, ... Without skew, "
        "conflicts, agreement and reidentification, from which small counts can be worked out.",
        _internal("measurements", "topic", "name", "value", "low", "high", "trials", "method", "measured_at"),
    ),
    PublicTable(
        "ledger",
        "What each training run on this version was charged, whether it ended well or not; nothing about one person.",
        _internal("ledger", "run", "unit", "epsilon", "delta", "status", "steps", "reserved_at"),
    ),
)  # fmt: skip
