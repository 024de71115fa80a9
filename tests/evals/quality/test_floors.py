"""The floors: verdicts under the presets are datatrove's, and duplicates are found and are duplicates."""

from __future__ import annotations

import gzip
import hashlib
import json
import tomllib
import uuid
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest

from catalog import store
from catalog.schema import FACTS
from catalog.values import Signals
from curation.duplicates import find, signature
from curation.quality import fineweb, gopher_quality, gopher_repetition
from curation.text import TextView

HERE = Path(__file__).parent
ROOT = Path(__file__).parents[3]
TEXTS = ROOT.parent / "shared" / "data" / "text"
FLOORS = tomllib.loads((HERE / "floors.toml").read_text())
THRESHOLD = 0.8
BRUTE = 2000

pytestmark = pytest.mark.skipif(not TEXTS.exists(), reason="needs ../shared/data/text beside the checkout")

# Filter of datatrove, preset of ours, and the beginnings of the reason ids that stand for it.
QUALITY = ("words", "word-length", "hashes", "ellipses", "bullets", "ellipsis-lines", "alpha-words", "stop-words")
FILTERS = {
    "gopher_repetition": ("GopherRepetitionFilter", "gopher", ("gopher-dup", "gopher-top")),
    "gopher_quality": ("GopherQualityFilter", "gopher", tuple(f"gopher-{name}" for name in QUALITY)),
    "fineweb": ("FineWebQualityFilter", "fineweb", ("fineweb-",)),
}


@dataclass(frozen=True)
class Document:
    id: str
    view: TextView
    signals: Signals
    peer: dict[str, str]


@pytest.fixture(scope="module")
def documents() -> list[Document]:
    with gzip.open(TEXTS / "open_docs.jsonl.gz") as texts, (TEXTS / "open_docs.datatrove.jsonl").open() as verdicts:
        pairs = [(json.loads(text), json.loads(verdict)) for text, verdict in zip(texts, verdicts, strict=True)]
    found = []
    for document, verdict in pairs:
        assert document["id"] == verdict["id"]
        view = TextView(document["text"])  # dropped with what it computed: 2,500 would fill the memory
        signals = {**gopher_repetition.signals(view), **gopher_quality.signals(view), **fineweb.signals(view)}
        found.append(Document(document["id"], TextView(document["text"]), signals, verdict))
    return found


def rules(preset: str, ids: tuple[str, ...]) -> list[dict[str, Any]]:
    found = tomllib.loads((ROOT / "curation" / "recipes" / f"{preset}.toml").read_text())["rule"]
    return [rule for rule in found if rule["id"].startswith(ids)]


def fires(rule: dict[str, Any], found: Signals) -> bool:
    value = found[rule["signal"]]
    return value is not None and (value < rule.get("min", value) or value > rule.get("max", value))


def test_the_floors_belong_to_these_documents() -> None:
    content = (TEXTS / "open_docs.jsonl.gz").read_bytes() + (TEXTS / "open_docs.datatrove.jsonl").read_bytes()
    assert FLOORS["fingerprint"] == hashlib.sha256(content).hexdigest()[:16]


@pytest.mark.parametrize("name", FILTERS)
def test_we_keep_and_drop_what_datatrove_keeps_and_drops(documents: list[Document], name: str) -> None:
    peer, preset, ids = FILTERS[name]
    ours = rules(preset, ids)
    differing = [
        document.id
        for document in documents
        if (document.peer[peer] == "keep") == any(fires(rule, document.signals) for rule in ours)
    ]
    assert 1 - len(differing) / len(documents) >= FLOORS[f"parity_{name}"], differing


def test_duplicates_are_found_and_are_duplicates(documents: list[Document], tmp_path: Path) -> None:
    shingles, facts = signed(documents[:BRUTE], tmp_path)
    find([facts], tmp_path / "clusters.parquet", temp=tmp_path / "spill", threads=1, threshold=THRESHOLD)
    gone = {row["id"].int: row["keeper"].int for row in store.read(tmp_path / "clusters.parquet").to_pylist()}
    right = sum(jaccard(shingles[number], shingles[keeper]) >= THRESHOLD for number, keeper in gone.items())
    assert right / len(gone) >= FLOORS["duplicates_right"]
    pairs = true_pairs(shingles)
    found = sum(one in gone or other in gone for one, other in pairs)
    assert len(pairs) > 500
    assert found / len(pairs) >= FLOORS["duplicates_recall"]


def signed(documents: list[Document], folder: Path) -> tuple[list[npt.NDArray[np.uint32]], Path]:
    found = [signature(document.view, b"evaluation") for document in documents]
    none = [None] * len(found)
    columns = {
        "id": [uuid.UUID(int=number).bytes for number in range(len(found))],
        "content_hash": none,
        "minhash": [one.minhash for one in found],
        "shingles": [one.shingles for one in found],
        "picture_hash": none,
        "picture_check": none,
    }
    facts = folder / "facts.parquet"
    store.write(facts, pa.table(columns, schema=pa.schema([FACTS.schema.field(name) for name in columns])))
    return [one.shingles for one in found], facts


def jaccard(one: npt.NDArray[np.uint32], other: npt.NDArray[np.uint32]) -> float:
    common = len(np.intersect1d(one, other, assume_unique=True))
    return common / (len(one) + len(other) - common)


def true_pairs(shingles: list[npt.NDArray[np.uint32]]) -> list[tuple[int, int]]:
    """Every pair at the threshold, counted shingle by shingle."""
    holders: dict[int, list[int]] = defaultdict(list)
    pairs = []
    for number, own in enumerate(shingles):
        common: Counter[int] = Counter()
        for shingle in own.tolist():
            common.update(holders[shingle])
            holders[shingle].append(number)
        for other, count in common.items():
            if count >= THRESHOLD * (len(own) + len(shingles[other]) - count):
                pairs.append((other, number))
    return pairs
