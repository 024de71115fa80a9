"""Our verdicts under the presets are datatrove's, document by document (its verdicts were
taken with str.split as tokenizer)."""

from __future__ import annotations

import gzip
import json
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from catalog.values import Signals
from curation.signals import signals

ROOT = Path(__file__).parents[2]
TEXTS = ROOT.parent / "shared" / "data" / "text"
FLOOR = 0.995

pytestmark = pytest.mark.skipif(not TEXTS.exists(), reason="needs ../shared/data/text beside the checkout")

# Filter of datatrove, preset of ours, and the beginnings of the reason ids that stand for it.
QUALITY = ("words", "word-length", "hashes", "ellipses", "bullets", "ellipsis-lines", "alpha-words", "stop-words")
FILTERS = {
    "GopherRepetitionFilter": ("gopher", ("gopher-dup", "gopher-top")),
    "GopherQualityFilter": ("gopher", tuple(f"gopher-{name}" for name in QUALITY)),
    "FineWebQualityFilter": ("fineweb", ("fineweb-",)),
}


@cache
def documents() -> list[tuple[Signals, dict[str, str]]]:
    """Every fifth document: the whole set takes a minute."""
    with gzip.open(TEXTS / "open_docs.jsonl.gz") as texts, (TEXTS / "open_docs.datatrove.jsonl").open() as verdicts:
        pairs = [
            (text, verdict)
            for number, (text, verdict) in enumerate(zip(texts, verdicts, strict=True))
            if number % 5 == 0
        ]
    found = []
    for text, verdict in pairs:
        document, expected = json.loads(text), json.loads(verdict)
        assert document["id"] == expected["id"]
        found.append((signals(document["text"]), expected))
    return found


def broken(found: Signals, preset: str, ids: tuple[str, ...]) -> Iterator[str]:
    for rule in tomllib.loads((ROOT / "curation" / "recipes" / f"{preset}.toml").read_text())["rule"]:
        value = found[rule["signal"]]
        if value is None or not rule["id"].startswith(ids):
            continue
        if value < rule.get("min", value) or value > rule.get("max", value):
            yield rule["id"]


@pytest.mark.parametrize("name", FILTERS)
def test_we_keep_and_drop_what_datatrove_keeps_and_drops(name: str) -> None:
    preset, ids = FILTERS[name]
    differing = [
        expected["id"]
        for found, expected in documents()
        if (expected[name] == "keep") != (not list(broken(found, preset, ids)))
    ]
    assert len(differing) <= (1 - FLOOR) * len(documents()), differing
