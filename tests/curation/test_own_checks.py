"""Licence and opt-out channels of one's own, in a folder `checks/` beside the recipe."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from catalog.queries import query
from curation.recipe import load
from curation.runner import run

RECIPE = """\
format = 1
dataset = "quay"
[[source]]
path = "pages.jsonl"
html = "html"
[quality]
presets = []
[privacy]
text = "patterns"
"""

CHANNEL = """
from catalog.checks import Example
from catalog.values import Claim

VERSION = 1
REPORTS = {"CC-BY-4.0": "What the harbour office calls its terms."}
EXAMPLES = (Example("Harbour terms apply", ("CC-BY-4.0",)), Example("No terms"))

def claims(page):
    if "Harbour terms" in page.markup:
        yield Claim("CC-BY-4.0", "page", "harbour_terms", "site", quote="Harbour terms")
"""

OPTOUT = """
from catalog.checks import Example
from catalog.values import Preference

VERSION = 1
REPORTS = {"train-ai": "The harbour office's word for no machines."}
EXAMPLES = (Example("Hands only", ("train-ai=reserved",)), Example("Hands"))

def preferences(evidence):
    if "Hands only" in evidence.markup:
        yield Preference("train-ai", "reserved", "hands_only", speaker="site")
"""


def test_channels_of_ones_own_take_part_in_a_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLEARTITLE_KEYS", str(tmp_path / "keys"))
    (tmp_path / "checks").mkdir()
    (tmp_path / "checks" / "harbour_terms.py").write_text(CHANNEL, "utf-8")
    (tmp_path / "checks" / "hands_only.py").write_text(OPTOUT, "utf-8")
    words = {"free": "Harbour terms apply.", "reserved": "Harbour terms apply. Hands only.", "silent": "Terms apply."}
    pages = [
        {"id": name, "url": f"https://{name}.example/", "author": "Harbour office", "title": name,
         "html": f"<p>The {name} tide table of the old quay is on the wall of the pilot station. {told}</p>"}
        for name, told in words.items()
    ]  # fmt: skip
    (tmp_path / "pages.jsonl").write_text("".join(json.dumps(page) + "\n" for page in pages), "utf-8")
    (tmp_path / "recipe.toml").write_text(RECIPE, "utf-8")
    workspace = run(load(tmp_path / "recipe.toml"), workers=0).workspace
    rows = query(workspace, "SELECT host, reason FROM reasons JOIN records USING (version, id) ORDER BY ALL").fetchall()
    assert [row for row in rows if row[1] != "duplicate-near"] == [
        ("reserved.example", "optout-train-ai"), ("silent.example", "licence-unknown"),
    ]  # fmt: skip
    channels = query(workspace, "SELECT DISTINCT channel FROM claims UNION FROM preferences SELECT DISTINCT channel")
    assert sorted(channels.fetchall()) == [("hands_only",), ("harbour_terms",)]
