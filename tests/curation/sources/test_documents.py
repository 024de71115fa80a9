"""What a user may meet is in the documents."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from curation.sources import _kinds

ROOT = Path(__file__).parents[3]
GUIDE = (ROOT / "docs/how-to/read-your-data.md").read_text("utf-8")
CODE = "\n".join(path.read_text("utf-8") for path in sorted((ROOT / "curation/sources").glob("*.py")))
REASONS = sorted(set(re.findall(r'Problem\([^"()]*"([a-z-]+)"', CODE)))


@pytest.mark.parametrize("reason", REASONS)
def test_every_reason_for_not_reading_is_explained(reason: str) -> None:
    assert f"`{reason}`" in GUIDE


def test_the_reasons_are_found_in_the_code() -> None:
    assert {"too-large", "damaged-archive", "not-a-date", "unreadable", "unparsable"} <= set(REASONS)


@pytest.mark.parametrize("kind", _kinds.names())
def test_every_kind_of_source_is_explained_with_its_endings(kind: str) -> None:
    line = next(line for line in GUIDE.splitlines() if line.startswith(f"| `{kind}`"))
    assert [ending for ending in _kinds.module(kind).SUFFIXES if ending not in line] == []
