"""A small recipe on texts of our own, quick enough to run many times."""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path

import pytest

from curation import cli

RECIPE = """\
format = 1
dataset = "harbour"
as_of = 2026-11-21
[[source]]
path = "texts.jsonl.gz"
[quality]
presets = []
[[quality.rule]]
id = "too-short"
signal = "gopher_words"
min = 8
[privacy]
text = "patterns"
[run]
batch = 8
"""
PLACES = ("quay", "pier", "lighthouse", "dry dock", "pilot station", "fish market", "ferry stairs", "slipway")
WORKS = ("repainted", "inspected", "closed for a day", "opened to visitors", "moved", "measured again")


def row(number: int) -> dict[str, str]:
    """One short text; some hold personal data that belongs to nobody."""
    place, work = PLACES[number % 8], WORKS[number % 6]
    text = f"Notice {number}: the {place} will be {work} in week {number % 52}, said the harbour office of Nowhere Bay."
    if number % 3 == 0:
        text += f" Write to clerk{number}@example.com or call +44 20 7946 0{number:03d} before the tide turns."
    licence = {4: "CC-BY-ND-4.0", 5: "CC-BY-NC-4.0"}.get(number % 7, "CC-BY-4.0")
    return {
        "id": f"n{number}",
        "text": text,
        "license": licence,
        "title": f"Notice {number}",
        "author": "Harbour office",
    }


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """Call the command; exit code, what it printed, what it said on standard error."""

    def command(*arguments: str | Path) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["cleartitle", *map(str, arguments)])
        with pytest.raises(SystemExit) as leave:
            cli.main()
        captured = capsys.readouterr()
        return int(leave.value.code or 0), captured.out, captured.err

    return command


@pytest.fixture
def recipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A recipe over 60 rows: several licences, an exact copy, one that is too short, one without a licence."""
    monkeypatch.setenv("CLEARTITLE_KEYS", str(tmp_path / "keys"))
    rows = [row(number) for number in range(57)]
    rows.append({**rows[0], "id": "copy"})
    rows.append({"id": "short", "text": "Too short.", "license": "CC-BY-4.0", "language": "en"})
    rows.append({"id": "bare", "text": rows[7]["text"].replace("Notice", "A word on notice"), "license": ""})
    write_rows(tmp_path / "texts.jsonl.gz", rows)
    path = tmp_path / "recipe.toml"
    path.write_text(RECIPE, "utf-8")
    return path


def write_rows(path: Path, rows: list[dict[str, str]]) -> None:
    """Rows as gzipped JSON lines, the same bytes every time."""
    content = "".join(json.dumps(row) + "\n" for row in rows).encode()
    path.write_bytes(gzip.compress(content, mtime=0))
