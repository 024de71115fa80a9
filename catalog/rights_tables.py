"""The tables about people's rights: erasures, the versions they amended, and consents under pseudonyms."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from catalog import consents, erasures
from catalog.manifests import Manifest
from catalog.workspace import Workspace

Row = tuple[Any, ...]
_NUMBER = ("erasure", "BIGINT", "Number of the erasure.")

ERASURES = (
    _NUMBER,
    ("erased_at", "TIMESTAMP", "When it was begun (UTC)."),
    ("state", "VARCHAR", "pending until the old files are gone from the disk, then finished."),
    ("finished_at", "TIMESTAMP", "When the old files were gone and the proof was made (UTC)."),
    ("requests", "BIGINT", "Requests that were met in one pass."),
    ("of_contributors", "BIGINT", "Of them, for a contributor."),
    ("of_sources", "BIGINT", "Of them, for a source address."),
    ("of_hosts", "BIGINT", "Of them, for a host."),
    ("of_records", "BIGINT", "Of them, for one record."),
    ("records", "BIGINT", "Records erased, whatever had become of them."),
    ("copies", "BIGINT", "Of them, near-duplicates of what was asked for."),
    ("shards", "BIGINT", "Shards written anew."),
    ("exports_removed", "BIGINT", "Exports within the workspace that were removed."),
    ("windows", "BIGINT", "Proof: pieces of 24 bytes of the erased records that were looked for."),
    ("windows_shared", "BIGINT", "Proof: of them, also in records that stay."),
    ("windows_found", "BIGINT", "Proof: of the others, still found. 0 is the proof; NULL: not looked for yet."),
    ("bytes_searched", "BIGINT", "Proof: bytes looked at, as they lie and with compression undone."),
)

ERASED_VERSIONS = (
    ("version", "VARCHAR", "Dataset version, for example harbour@1."),
    _NUMBER,
    ("records", "BIGINT", "Records erased from it, whatever had become of them."),
    ("released", "BIGINT", "Of them, those that were in its content."),
    ("hash_before", "VARCHAR", "Hash of the version before."),
    ("amendment_before", "BIGINT", "Amendment of the version before."),
)

CONSENTS = (
    ("contributor", "VARCHAR", "Keyed pseudonym of the contributor."),
    ("statement", "VARCHAR", "grant or withdrawal (of everything granted before)."),
    ("uses", "VARCHAR[]", "Uses granted."),
    ("since", "TIMESTAMP", "When it takes effect (UTC)."),
    ("until", "TIMESTAMP", "When a grant ends (UTC); NULL: it has no end."),
)


def erasure_rows(workspace: Workspace, _found: Sequence[Manifest]) -> Iterator[Row]:
    """One row for each erasure."""
    for one in erasures.log(workspace):
        kinds = [one.requests.get(kind, 0) for kind in ("contributor", "source", "host", "record")]
        proof = one.proof
        looked = (proof.windows, proof.shared, proof.found, proof.bytes + proof.unpacked) if proof else (None,) * 4
        yield (
            one.number, one.at[:19], one.state, one.finished_at[:19] or None, sum(kinds), *kinds, one.records,
            one.copies, one.shards, one.exports, *looked,
        )  # fmt: skip


def erased_version_rows(workspace: Workspace, _found: Sequence[Manifest]) -> Iterator[Row]:
    """One row for each version that an erasure amended."""
    for one in erasures.log(workspace):
        for was in one.versions:
            yield was.version, one.number, was.records, was.released, was.hash, was.amendment


def consent_rows(workspace: Workspace, _found: Sequence[Manifest]) -> Iterator[Row]:
    """One row for each statement in the register."""
    for name, group in sorted(consents.load(workspace).said.items()):
        for one in group:
            yield name, "withdrawal" if one.withdrawal else "grant", list(one.uses), one.at, one.until
