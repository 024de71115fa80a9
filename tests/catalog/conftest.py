"""A small invented workspace: two versions of a dataset called harbour, published."""

from __future__ import annotations

import datetime as dt
import io
import sys
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from PIL import Image

from catalog import manifests, schema, shards, store
from catalog.manifests import Manifest
from catalog.publish import publish
from catalog.workspace import Workspace

DAY = dt.datetime.fromisoformat("2026-03-01")
ANNA, BEN = "a" * 32, "b" * 32  # pseudonyms
Rows = list[dict[str, Any]]


def rid(number: int) -> str:
    """The id of the invented record with this number."""
    return str(uuid.UUID(int=number))


def uid(number: int) -> bytes:
    """The same as bytes, as Arrow wants a UUID."""
    return uuid.UUID(int=number).bytes


def picture() -> bytes:
    """A small drawn picture."""
    buffer = io.BytesIO()
    Image.new("RGB", (8, 6), (10, 120, 200)).save(buffer, "PNG")
    return buffer.getvalue()


def fact(number: int, **given: Any) -> dict[str, Any]:
    """A row of facts with the usual values."""
    return {
        "id": uid(number),
        "modality": "text",
        "address": f"https://port.example/{number}",
        "host": "port.example",
        "container": "crawl.warc.gz",
        "position": number * 100,
        "media_type": "text/html",
        "fetched_at": DAY,
        "headers_captured": True,
        "content_hash": number.to_bytes(16, "big"),
        "language": "en",
        "language_confidence": 0.9,
        "characters": 40 * number,
        "transforms": [{"name": "extract-text", "detail": ""}],
        "claims": [claim("CC-BY-4.0")],
        "preferences": [],
        "words": float(number),
        **given,
    }


def claim(licence: str, **given: Any) -> dict[str, Any]:
    """One licence claim."""
    return {
        "licence": licence,
        "scope": "page",
        "channel": "rel_license",
        "speaker": "site",
        "subject": "",
        "quote": '<a rel="license">',
        "start": 10,
        "end": 27,
        "url_written": "//licence.example/by",
        "url": "https://licence.example/by",
        "where": "footer",
        "observed_at": DAY,
        **given,
    }


def decision(number: int, action: str = "keep", *reasons: str, **given: Any) -> dict[str, Any]:
    """A row of decisions."""
    return {
        "id": uid(number),
        "action": action,
        "licence": "CC-BY-4.0",
        "licence_point": "release",
        "licence_basis": "licence",
        "reasons": [{"reason": reason, "rule": "r", "value": "1", "threshold": "2"} for reason in reasons],
        **given,
    }


def content(number: int, **given: Any) -> dict[str, Any]:
    """A row of content."""
    return {
        "id": uid(number),
        "text": f"Ship number {number} is in.",
        "media_type": "text/plain",
        "label": None,
        "licence": "CC-BY-4.0",
        "redactions": [],
        "transforms": [{"name": "extract-text", "detail": ""}],
        "row_digest": number.to_bytes(4, "big"),
        **given,
    }


def credit(number: int, **given: Any) -> dict[str, Any]:
    """A row of attribution."""
    return {
        "id": uid(number),
        "title": f"Ship {number}",
        "author": "Harbour Office",
        "author_url": None,
        "address": f"https://port.example/{number}",
        "licence": "CC-BY-4.0",
        "licence_url": "https://creativecommons.org/licenses/by/4.0/",
        "notice": None,
        "changes": "modified: text extracted",
        "complete": True,
        **given,
    }


def span(kind: str, start: int, end: int) -> dict[str, Any]:
    """A finding in a text."""
    return {"kind": kind, "start": start, "end": end, "score": 0.9, "recognizer": kind.lower()}


def privacy(number: int, *spans: dict[str, Any], **given: Any) -> dict[str, Any]:
    """A row of findings."""
    return {"id": uid(number), "status": "ok", "mode": "strict", "spans": list(spans), "regions": None, **given}


def first_rows() -> dict[str, Rows]:
    """What entered harbour@1: five pages, a contributed photo, a contributed labelled row, a broken page."""
    consent = {
        "consent_scope": ["train", "share redacted"],
        "consent_granted_at": DAY,
        "consent_expires": dt.datetime.fromisoformat("2036-01-01"),
    }
    photo = {"modality": "image", "media_type": "image/png", "host": "", "language": None, "characters": None,
             "claims": [], "language_confidence": None, "words": None, "address": "photos/1.png"}  # fmt: skip
    labelled = {"label": "calm", "host": "", "claims": [], "address": "rows.jsonl#7", "contributor": BEN,
                "annotations": [{"annotator": ANNA, "label": "calm"}, {"annotator": BEN, "label": "calm"}]}  # fmt: skip
    digest = {"band": "high", "digest": b"12", "recognizer": "email"}
    region = {"kind": "face", "polygon": [[0, 0], [4, 0], [4, 4]], "score": 0.8, "detector": "faces", "frame": 0}
    optout = {"use": "train-ai", "answer": "reserved", "channel": "robots_meta", "agent": "*", "speaker": "site",
              "quote": "noai", "layer": "meta", "observed_at": DAY}  # fmt: skip
    return {
        "inputs": [
            {"name": "crawl.warc.gz", "kind": "warc", "size": 900, "digest": b"1", "records": 6,
             "entries": [{"type": "response", "count": 6}, {"type": "warcinfo", "count": 1}],
             "problems": [{"position": 600, "problem": "truncated", "message": "the record ends early",
                           "expected": "120 bytes", "found": "80 bytes"}]},
            {"name": "photos", "kind": "contributions", "size": 90, "digest": b"2", "records": 2,
             "entries": [], "problems": []},
        ],
        "facts": [
            fact(1),
            fact(2, language="de", host="quay.example"),
            fact(3, claims=[claim("CC-BY-NC-4.0")], preferences=[optout]),
            fact(4),
            fact(5, claims=[claim("CC-BY-ND-4.0"), claim("CC0-1.0", scope="images")]),
            fact(6, contributor=ANNA, **photo, **consent),
            fact(7, **labelled, **consent),
            fact(8, problem="truncated", language=None, characters=None, words=None, claims=None),
        ],
        "clusters": [{"id": uid(4), "keeper": uid(1), "kind": "near", "similarity": 0.93}],
        "privacy": [
            privacy(1),
            privacy(2, span("EMAIL_ADDRESS", 0, 12), span("EMAIL_ADDRESS", 20, 32), span("PERSON", 40, 44)),
            privacy(5, span("PERSON", 3, 9)),
            privacy(6, spans=None, regions=[region], mode="all"),
            privacy(7),
        ],
        "decisions": [
            decision(1),
            decision(2, "redact"),
            decision(3, "drop", "optout-train-ai", "licence-not-accepted", licence="CC-BY-NC-4.0"),
            decision(4, "drop", "duplicate-near"),
            decision(5, "hold", "nd-needs-redaction", licence="CC-BY-ND-4.0"),
            decision(6, "redact", licence=None, licence_point=None, licence_basis="consent"),
            decision(7, licence=None, licence_point=None, licence_basis="consent"),
            decision(8, "drop", "unreadable", licence=None, licence_point=None, licence_basis="unknown"),
        ],
        "content": [
            content(1),
            content(2, text="<EMAIL> wrote from <EMAIL>.", redactions=[
                {"kind": "EMAIL_ADDRESS", "start": 0, "end": 7, **digest},
                {"kind": "EMAIL_ADDRESS", "start": 19, "end": 26, **digest}],
                transforms=[{"name": "extract-text", "detail": ""}, {"name": "redact", "detail": "2"}], effects=[
                {"effect": "none", "permitted": "yes", "mark": "contested", "section": "2(a)(4)", "why": "a format"},
                {"effect": "adaptation", "permitted": "yes", "mark": "policy", "section": "2(a)(1)", "why": "ours"}]),
            content(6, text=None, image=picture(), media_type="image/png", licence=None, redactions=[
                {"kind": "face", "start": None, "end": None, **digest}], transforms=[
                {"name": "re-encode", "detail": ""}, {"name": "redact", "detail": "1"}]),
            content(7, label="calm", licence=None, transforms=[]),
        ],
        "attributions": [credit(1), credit(2, author=None, changes="modified: personal data removed")],
    }  # fmt: skip


def second_rows() -> dict[str, Rows]:
    """harbour@2: record 1 has another text, 5 was accepted, 7 is gone, 9 is new; a new signal is measured."""
    rows = first_rows()
    rows["facts"] = [{**row, "lines": 3.0} for row in rows["facts"] if row["id"] != uid(7)] + [fact(9, lines=4.0)]
    rows["decisions"] = [row for row in rows["decisions"] if row["id"] not in (uid(5), uid(7))]
    rows["decisions"] += [decision(5, "keep", "review-accepted", licence="CC-BY-ND-4.0"), decision(9)]
    rows["content"] = [row for row in rows["content"] if row["id"] not in (uid(1), uid(7))]
    rows["content"] += [
        content(1, text="Ship number 1 has left.", row_digest=b"new"),
        content(5, licence="CC-BY-ND-4.0"),
        content(9),
    ]
    rows["attributions"] += [credit(5, licence="CC-BY-ND-4.0"), credit(9)]
    rows["privacy"] = [row for row in rows["privacy"] if row["id"] != uid(7)] + [privacy(9)]
    return rows


RECIPE = 'format = 1\ndataset = "harbour"\n'


def commit(workspace: Workspace, rows: dict[str, Rows], digest: str, **given: Any) -> Manifest:
    """Write rows as shards (one for the first four records, one for the rest) and commit a version."""
    fixed = {column.name for column in schema.FACTS.columns}
    signals = sorted({name for row in rows["facts"] for name in row if name not in fixed})
    counts = {action: sum(row["action"] == action for row in rows["decisions"]) for action in ACTIONS}
    draft: dict[str, Any] = {
        "dataset": "harbour", "number": 0, "hash": digest, "audience": "public", "uses": ("train", "share redacted"),
        "as_of": "2026-03-02", "recipe": RECIPE, "recipe_fingerprint": "f" * 32, "keys": {},
        "code_version": "0.1.0", "created_at": "2026-03-02T10:00:00+00:00", "run": f"run-{digest}", "parent": None,
        "counts": counts,
    }  # fmt: skip
    packed = {
        name: shards.pack(workspace, family, _groups(family, rows[name], signals if name == "facts" else ()), rows=1)
        for name, family in schema.FAMILIES.items()
    }
    return manifests.commit(workspace, Manifest(**{**draft, **given}, shards=packed))


ACTIONS = ("keep", "redact", "hold", "drop")


def _groups(family: schema.Family, rows: Rows, signals: Sequence[str]) -> list[list[Any]]:
    return [[store.table(family, part, signals)] for part in (rows[:4], rows[4:])]


@pytest.fixture
def invented() -> ModuleType:
    """This module: test modules cannot import it (there are no packages among the tests)."""
    return sys.modules[__name__]


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """An empty workspace."""
    return Workspace.create(tmp_path / "workspace")


@pytest.fixture
def key_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for secret keys, empty as yet."""
    monkeypatch.setenv("CLEARTITLE_KEYS", str(tmp_path / "keys"))
    return tmp_path / "keys"


@pytest.fixture
def two(workspace: Workspace) -> Workspace:
    """A workspace with harbour@1 and harbour@2, not published."""
    return _two_versions(workspace)


@pytest.fixture
def harbour(two: Workspace) -> Workspace:
    """A workspace with harbour@1 and harbour@2, published."""
    publish(two)
    return two


@pytest.fixture(scope="session")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The same, made once for all tests that only look."""
    workspace = _two_versions(Workspace.create(tmp_path_factory.mktemp("somebody's") / "workspace"))
    publish(workspace)
    return workspace


def _two_versions(workspace: Workspace) -> Workspace:
    commit(workspace, first_rows(), "one")
    commit(workspace, second_rows(), "two")
    return workspace


@pytest.fixture
def make(workspace: Workspace) -> Callable[..., Manifest]:
    """Commit one version of changed rows: make(content=lambda rows: ...)."""

    def made(
        digest: str = "x",
        changes: dict[str, Callable[[Rows], Rows]] | None = None,
        *,
        published: bool = False,
        **given: Any,
    ) -> Manifest:
        rows = first_rows()
        for family, change in (changes or {}).items():
            rows[family] = change(rows[family])
        manifest = commit(workspace, rows, digest, **given)
        if published:
            publish(workspace)
        return manifest

    return made
