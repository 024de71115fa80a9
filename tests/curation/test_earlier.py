"""A new batch is compared with earlier versions, which are not read again and lose nothing."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pyarrow as pa
import pytest

from catalog import store
from catalog.errors import Unavailable
from catalog.queries import query
from curation.recipe import load
from curation.runner import Outcome, run

RECIPE = """\
format = 1
dataset = "{name}"
as_of = 2026-11-21
[[source]]
path = "{name}.jsonl.gz"
[quality]
presets = []
[duplicates]
against = {against}
[privacy]
text = "patterns"
"""
WORDS = ("anchor", "beacon", "capstan", "davit", "ensign", "fender", "gangway", "halyard", "jetty", "keel", "lantern")


def text(number: int) -> str:
    return " ".join(WORDS[number * step % 11] + str(number * step % 97) for step in range(1, 60))


@pytest.fixture
def batch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Run a data set of its own over some texts, in one workspace."""
    monkeypatch.setenv("CLEARTITLE_KEYS", str(tmp_path / "keys"))

    def made(name: str, texts: list[str], against: str = "[]") -> Outcome:
        rows = [
            {"id": f"{name}{number}", "text": one, "license": "CC-BY-4.0", "author": "Port", "language": "en"}
            for number, one in enumerate(texts)
        ]
        lines = "".join(json.dumps(row) + "\n" for row in rows).encode()
        (tmp_path / f"{name}.jsonl.gz").write_bytes(gzip.compress(lines, mtime=0))
        recipe = tmp_path / f"{name}.toml"
        recipe.write_text(RECIPE.format(name=name, against=against))
        return run(load(recipe), tmp_path / "workspace", workers=0)

    return made


def sign_otherwise(outcome: Outcome) -> None:
    for shard in outcome.manifest.paths(outcome.workspace, "facts"):
        facts = store.read(shard)
        field = facts.schema.field("minhash")
        signatures = pa.array([[7] * 120] * facts.num_rows, field.type)
        store.write(shard, facts.set_column(facts.column_names.index(field.name), field, signatures))


def test_what_an_earlier_version_released_stands_for_what_comes_again(batch) -> None:
    first = batch("first", [text(number) for number in range(1, 6)])
    (first.workspace.root.parent / "first.jsonl.gz").unlink()  # nothing of it is read again
    sign_otherwise(first)  # as an earlier cleartitle may have done
    again = [text(1), text(2) + " once more", text(7), text(8), text(8)]
    second = batch("second", again, '["first@1"]')
    sql = """
        SELECT r.address, c.kind, k.address FROM clusters c JOIN records r USING (version, id)
        LEFT JOIN records k ON k.id = c.keeper AND k.version = 'first@1' WHERE c.version = 'second@1' ORDER BY 1"""
    found = query(second.workspace, sql).fetchall()
    assert found[:2] == [
        ("second.jsonl.gz#second0", "exact", "first.jsonl.gz#first0"),
        ("second.jsonl.gz#second1", "near", "first.jsonl.gz#first1"),
    ]
    assert [(kind, keeper) for _, kind, keeper in found[2:]] == [("exact", None)]  # of its own two
    assert second.manifest.counts == {"drop": 3, "keep": 2}


def test_a_version_does_not_stand_against_itself(batch) -> None:
    texts = [text(number) for number in range(1, 4)]
    batch("first", texts)
    again = batch("first", [*texts, text(9)], '["first@1"]')
    assert again.manifest.counts == {"keep": 4}


def test_duplicates_within_an_earlier_version_are_left_alone(batch) -> None:
    batch("first", [text(1)])
    batch("second", [text(1)])
    third = batch("third", [text(3)], '["first@1", "second@1"]')
    assert query(third.workspace, "SELECT * FROM clusters WHERE version = 'third@1'").fetchall() == []


def test_a_version_made_with_other_keys_is_refused(batch, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    batch("first", [text(1)])
    monkeypatch.setenv("CLEARTITLE_KEYS", str(tmp_path / "others"))
    with pytest.raises(Unavailable, match="the key 'ids' is not here"):
        batch("second", [text(1)], '["first@1"]')
