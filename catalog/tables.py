"""The small tables of the published catalog that do not come from shards: versions, runs, reviews, ledger, exports."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from catalog import measurements, rights_tables, tags
from catalog.ledger import Ledger
from catalog.manifests import Manifest
from catalog.workspace import Workspace, json_lines

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its columns with SQL type and comment, and where its rows come from."""

    name: str
    comment: str
    columns: tuple[tuple[str, str, str], ...]
    rows: Callable[[Workspace, Sequence[Manifest]], Iterator[Row]]


def _datasets(_workspace: Workspace, found: Sequence[Manifest]) -> Iterator[Row]:
    newest = {manifest.dataset: manifest for manifest in found}
    for name, manifest in newest.items():
        yield name, sum(one.dataset == name for one in found), manifest.name


def _versions(_workspace: Workspace, found: Sequence[Manifest]) -> Iterator[Row]:
    newest = {manifest.dataset: manifest.name for manifest in found}
    for one in found:
        counts = [one.counts.get(action, 0) for action in ("keep", "redact", "hold", "drop")]
        parent = f"{one.dataset}@{one.parent}" if one.parent else None
        yield (
            one.name, one.dataset, one.number, newest[one.dataset] == one.name, one.hash, one.amendment, parent,
            one.audience, list(one.uses), one.as_of, sum(counts), *counts, one.run, one.created_at[:19],
            one.code_version, one.recipe_fingerprint, one.recipe, json.dumps(one.keys, sort_keys=True),
        )  # fmt: skip


def _runs(_workspace: Workspace, found: Sequence[Manifest]) -> Iterator[Row]:
    for one in found:
        yield one.run, one.name, one.created_at[:19], one.code_version, one.recipe_fingerprint


def _shards(workspace: Workspace, found: Sequence[Manifest]) -> Iterator[Row]:
    for one in found:
        for family, group in one.shards.items():
            for shard in group:
                yield one.name, family, str(workspace.root / shard.path), shard.sha256, shard.rows, shard.bytes


def _reviews(workspace: Workspace, _found: Sequence[Manifest]) -> Iterator[Row]:
    for number, entry in enumerate(entries(workspace, "reviews.jsonl"), 1):
        moment = str(entry.get("at") or "")[:19] or None
        content = bytes.fromhex(entry.get("content") or "")
        yield number, entry.get("dataset"), entry.get("id"), content, entry.get("answer"), entry.get("reasons"), moment


def _exports(workspace: Workspace, _found: Sequence[Manifest]) -> Iterator[Row]:
    for entry in entries(workspace, "exports.jsonl"):
        yield (
            entry["version"], entry["hash"], entry["amendment"], entry["format"], entry["use"], entry["records"],
            str(workspace.root / entry["path"]), entry["at"][:19],
        )  # fmt: skip


def _ledger(workspace: Workspace, _found: Sequence[Manifest]) -> Iterator[Row]:
    for row in Ledger(workspace.ledger).rows() if workspace.ledger.exists() else ():
        yield (
            row.run, f"{row.dataset}@{row.number}", row.version, row.unit, row.epsilon, row.delta, row.purpose,
            row.audience, row.status, row.steps, row.reserved_at[:19], (row.settled_at or "")[:19] or None,
        )  # fmt: skip


def _charges(workspace: Workspace, _found: Sequence[Manifest]) -> Iterator[Row]:
    for run, charge in Ledger(workspace.ledger).contributions() if workspace.ledger.exists() else ():
        epsilon = charge.epsilon if math.isfinite(charge.epsilon) else None
        yield run, charge.contributor, charge.records, epsilon, charge.delta


def _measurements(workspace: Workspace, found: Sequence[Manifest]) -> Iterator[Row]:
    for version in found:
        for one in measurements.load(workspace, version.name):
            yield (
                version.name, one.topic, one.name, one.value, one.low, one.high, one.trials, one.method, one.at[:10],
            )  # fmt: skip


def _tags(workspace: Workspace, found: Sequence[Manifest]) -> Iterator[Row]:
    there = {(one.dataset, one.number): one.name for one in found}
    for dataset, labels in tags.read(workspace).items():
        for label, number in labels.items():
            if (dataset, number) in there:
                yield dataset, label, there[dataset, number]


def entries(workspace: Workspace, name: str) -> Iterator[dict[str, Any]]:
    """The entries of an append-only file of the workspace; a line cut off by a crash is passed over."""
    path = workspace.root / name
    for _, line in json_lines(path.read_text("utf-8")) if path.exists() else ():
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        if isinstance(entry, dict):
            yield entry


_VERSION = ("version", "VARCHAR", "Dataset version, for example harbour@1.")

TABLES: tuple[Table, ...] = (
    Table(
        "datasets",
        "The datasets of this workspace.",
        (
            ("dataset", "VARCHAR", "Name of the dataset."),
            ("versions", "BIGINT", "Number of versions."),
            ("newest", "VARCHAR", "Newest version."),
        ),
        _datasets,
    ),
    Table(
        "versions",
        "The frozen versions of every dataset, with what became of the records that entered.",
        (
            _VERSION,
            ("dataset", "VARCHAR", "Name of the dataset."),
            ("number", "BIGINT", "Number of the version, from 1."),
            ("newest", "BOOLEAN", "Is it the newest version of its dataset?"),
            ("hash", "VARCHAR", "SHA-256 over its rows, recipe and key fingerprints: equal hash, equal version."),
            ("amendment", "BIGINT", "How many times records were erased from it since."),
            ("parent", "VARCHAR", "Version before it."),
            ("audience", "VARCHAR", "public or train-only."),
            ("uses", "VARCHAR[]", "Uses that its records were cleared for."),
            ("as_of", "DATE", "Date that consent and expiry were judged at."),
            ("records", "BIGINT", "Records that entered."),
            ("kept", "BIGINT", "Records that stay as they are."),
            ("redacted", "BIGINT", "Records that stay without their personal data."),
            ("held", "BIGINT", "Records that a person must look at."),
            ("dropped", "BIGINT", "Records that do not stay."),
            ("run", "VARCHAR", "Run that made it."),
            ("created_at", "TIMESTAMP", "When it was made (UTC)."),
            ("code_version", "VARCHAR", "Version of cleartitle that made it."),
            ("recipe_fingerprint", "VARCHAR", "Fingerprint of the recipe."),
            ("recipe", "VARCHAR", "The recipe, as run."),
            ("keys", "JSON", "Fingerprints of the secret keys in use."),
        ),
        _versions,
    ),
    Table(
        "tags",
        "Names that people gave to versions: harbour@paper is usable wherever harbour@1 is.",
        (
            ("dataset", "VARCHAR", "Name of the dataset."),
            ("tag", "VARCHAR", "The name given."),
            _VERSION,
        ),
        _tags,
    ),
    Table(
        "runs",
        "The runs that ended in a version.",
        (
            ("run", "VARCHAR", "Run id; its log is runs/<id> in the workspace."),
            _VERSION,
            ("ended_at", "TIMESTAMP", "When it committed the version (UTC)."),
            ("code_version", "VARCHAR", "Version of cleartitle."),
            ("recipe_fingerprint", "VARCHAR", "Fingerprint of the recipe."),
        ),
        _runs,
    ),
    Table(
        "shards",
        "The Parquet files that hold each version.",
        (
            _VERSION,
            ("family", "VARCHAR", "Family of columns: facts, decisions, content, ..."),
            ("path", "VARCHAR", "Where the file is."),
            ("sha256", "VARCHAR", "Hash of its bytes."),
            ("rows", "BIGINT", "Rows in it."),
            ("bytes", "BIGINT", "Size."),
        ),
        _shards,
    ),
    Table(
        "reviews",
        "What people decided about held records, in the order they did.",
        (
            ("number", "BIGINT", "Place in the order, from 1; a later answer replaces an earlier one."),
            ("dataset", "VARCHAR", "Dataset it was held in."),
            ("id", "UUID", "Record id."),
            ("content_hash", "BLOB", "What was looked at: an answer counts for this content alone."),
            ("answer", "VARCHAR", "accept or refuse."),
            ("reasons", "VARCHAR[]", "The reasons shown: a record held for another one is held again."),
            ("reviewed_at", "TIMESTAMP", "When (UTC)."),
        ),
        _reviews,
    ),
    Table(
        "ledger",
        "The privacy ledger: what each training run was charged, whether it ended well or not. A copy, as published.",
        (
            ("run", "VARCHAR", "Training run; its folder is models/<run> in the workspace."),
            _VERSION,
            ("hash", "VARCHAR", "Hash of that version."),
            ("unit", "VARCHAR", "Whom the guarantee is for: record or contributor."),
            ("epsilon", "DOUBLE", "Epsilon charged: the smaller, the less anybody can learn about one unit."),
            ("delta", "DOUBLE", "Delta of the guarantee."),
            ("purpose", "VARCHAR", "What the run was for, as its plan says."),
            ("audience", "VARCHAR", "Audience of the version."),
            ("status", "VARCHAR", "reserved, done or failed. All of them are charged."),
            ("steps", "BIGINT", "Steps taken; NULL while it runs."),
            ("reserved_at", "TIMESTAMP", "When it was charged (UTC)."),
            ("settled_at", "TIMESTAMP", "When it ended (UTC)."),
        ),
        _ledger,
    ),
    Table(
        "ledger_contributors",
        "What each training run was charged for each contributor.",
        (
            ("run", "VARCHAR", "Training run."),
            ("contributor", "VARCHAR", "Keyed pseudonym of the contributor."),
            ("records", "BIGINT", "Records of theirs that the run used."),
            ("epsilon", "DOUBLE", "Epsilon charged for them; NULL: no finite guarantee."),
            ("delta", "DOUBLE", "Delta of that guarantee."),
        ),
        _charges,
    ),
    Table(
        "measurements",
        "Figures on a version that are not counted from its shards: leaks found, recall, agreement, drift, ...",
        (
            _VERSION,
            ("topic", "VARCHAR", "What it is about: leaks, recall, reidentification, agreement, drift, ..."),
            ("name", "VARCHAR", "What was measured, within the topic."),
            ("value", "DOUBLE", "The figure."),
            ("low", "DOUBLE", "Lower end of its interval; NULL: it has none."),
            ("high", "DOUBLE", "Upper end of its interval; NULL: it has none."),
            ("trials", "BIGINT", "How many things were looked at; NULL: not counted."),
            ("method", "VARCHAR", "How it was measured, in one line."),
            ("measured_at", "DATE", "When."),
        ),
        _measurements,
    ),
    Table(
        "exports",
        "Copies of versions that left the workspace, as far as it made them itself.",
        (
            _VERSION,
            ("hash", "VARCHAR", "Hash of the version as it was then."),
            ("amendment", "BIGINT", "Amendment of the version as it was then."),
            ("format", "VARCHAR", "parquet, jsonl, huggingface or catalog (one to give away)."),
            ("use", "VARCHAR", "Use it was cleared for."),
            ("records", "BIGINT", "Records in it."),
            ("path", "VARCHAR", "Folder or file it was written to."),
            ("exported_at", "TIMESTAMP", "When (UTC)."),
        ),
        _exports,
    ),
    Table(
        "erasures",
        "What was erased on request: counts and the proof, nothing of what it was or whose.",
        rights_tables.ERASURES,
        rights_tables.erasure_rows,
    ),
    Table(
        "erased_versions",
        "The versions that erasures amended. In them each erased record is a row with an id of its own,"
        " dropped because erased.",
        rights_tables.ERASED_VERSIONS,
        rights_tables.erased_version_rows,
    ),
    Table(
        "consents",
        "What contributors said since, imported with `cleartitle consent import`; what sources declare is in facts.",
        rights_tables.CONSENTS,
        rights_tables.consent_rows,
    ),
)
