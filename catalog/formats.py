"""Every format on disk with its number, and the steps that bring an older file up to today's.

What is read of an older format is brought up to date in memory; `migrate` writes it so. A newer
format than this program knows is refused with a sentence (`workspace.refuse_newer`).
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from catalog.errors import FormatError
from catalog.workspace import Workspace, refuse_newer, write_text

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class OnDisk:
    """One kind of file: where it lies, and the module whose FORMAT is its newest number."""

    kind: str
    place: str  # a glob in the workspace, or words for what lies elsewhere
    module: str
    json: bool = False  # one JSON object with a key `format`: `migrate` can bring it up to date

    @property
    def newest(self) -> int:
        """The newest number this program knows."""
        return int(importlib.import_module(self.module).FORMAT)


@dataclass(frozen=True, slots=True)
class Step:
    """What brings one kind of file from a number to the next."""

    kind: str
    before: int
    about: str
    change: Callable[[Document], Document]


@dataclass(frozen=True, slots=True)
class Migrated:
    """A file that was brought up to date."""

    path: Path
    before: int
    after: int


ON_DISK = (
    OnDisk("workspace", "cleartitle.json", "catalog.workspace", json=True),
    OnDisk("manifest", "versions/*@*.json", "catalog.manifests", json=True),
    OnDisk("tags", "versions/tags.json", "catalog.tags", json=True),
    OnDisk("facts", "cards/*/facts.json", "catalog.facts", json=True),
    OnDisk("measurements", "measurements/*/*.json", "catalog.measurements", json=True),
    OnDisk("consents", "consents.json", "catalog.consents", json=True),
    OnDisk("suppression", "suppression.json", "catalog.suppression", json=True),
    OnDisk("erasure", "erasures/*.json", "catalog.erasures", json=True),
    OnDisk("erasure under way", "erasing/*.json", "catalog.erasures", json=True),
    OnDisk("shards", "shards/**/*.parquet, told by the manifest", "catalog.schema"),
    OnDisk("ledger", "ledger.sqlite, table meta", "catalog.ledger"),
    OnDisk("catalog", "catalog.duckdb, table about; never migrated but published anew", "catalog.publish"),
    OnDisk("public catalog", "cards/*/catalog.duckdb, table about", "catalog.public"),
)


def _asked_since(document: Document) -> Document:
    """Facts of format 1 were not asked for measurements, address of publication, citation, biases, annotators."""
    known = {fact["name"] for fact in document["facts"]}
    names = ("measurements", "url", "citation", "biases", "annotators_asked")
    since = [{"name": name, "value": None, "kind": "unknown", "source": "not asked in format 1"}
             for name in names if name not in known]  # fmt: skip
    return {**document, "facts": [*document["facts"], *since]}


def _undated(document: Document) -> Document:
    """Facts of format 2 counted consents as of the version's date, by the sources' word alone."""
    at = {"name": "consents_at", "value": None, "kind": "unknown", "source": "not asked in format 2"}
    return {**document, "facts": [*document["facts"], at]}


STEPS: tuple[Step, ...] = (
    Step("facts", 1, "measurements, and four more questions to people: unknown", _asked_since),
    Step("facts", 2, "when consents were counted: unknown", _undated),
)


def up_to_date(kind: str, document: Document, place: Path, steps: Sequence[Step] = STEPS) -> Document:
    """The document in today's format, or FormatError: newer than this program, or with a step missing."""
    newest = next(one.newest for one in ON_DISK if one.kind == kind)
    refuse_newer(document["format"], newest, place)
    while document["format"] < newest:
        before = document["format"]
        step = next((one for one in steps if (one.kind, one.before) == (kind, before)), None)
        if step is None:
            raise FormatError(f"has format {before}, from which no step leads to {newest}", place=str(place))
        document = {**step.change(document), "format": before + 1}
    return document


def migrate(workspace: Workspace, *, dry: bool = False) -> list[Migrated]:
    """Write every file of an older format anew in today's; `dry` only tells which. The caller holds the lock."""
    return [done for kind in ON_DISK if kind.json for done in _migrate(workspace, kind, dry=dry)]


def _migrate(workspace: Workspace, kind: OnDisk, *, dry: bool) -> Iterator[Migrated]:
    for path in sorted(workspace.root.glob(kind.place)):
        try:
            before = json.loads(path.read_text("utf-8"))
            number = int(before["format"])
        except (ValueError, KeyError, TypeError) as error:
            raise FormatError("expected a JSON object with a format", place=str(path)) from error
        after = up_to_date(kind.kind, before, path)
        if after["format"] == number:
            continue
        if not dry:
            text = json.dumps(after, indent=1, ensure_ascii=False) + "\n"
            write_text(path, text)
        yield Migrated(path, number, after["format"])
