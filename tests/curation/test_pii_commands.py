"""pii eval and pii train on labels of one's own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from privacy import tagger

WORDS = ("Mooring fee of {} is due.", "The berth of {} is free.", "Ask for {} at the office.", "{} has paid in full.")
NAMES = ("QX-4471-BB", "QX-9902-CD", "QX-1183-KK", "QX-7310-LM", "QX-5527-AA", "QX-8846-ZT")


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    """Berth numbers, which no recogniser knows, and mail addresses, which one does."""
    path = tmp_path / "labels.jsonl"
    rows = []
    for number in range(60):
        name = NAMES[number % 6]
        text = WORDS[number % 4].format(name) + f" Mail ada{number}@example.org."
        start, mail = text.index(name), text.index(f"ada{number}@")
        spans = [
            {"kind": "BERTH", "start": start, "end": start + len(name)},
            {"kind": "EMAIL_ADDRESS", "start": mail, "end": len(text) - 1},
        ]
        rows.append(json.dumps({"text": text, "spans": spans}))
    path.write_text("\n".join(rows) + "\n", "utf-8")
    return path


def test_scores_are_those_of_the_labels(call, labels: Path, tmp_path: Path) -> None:
    code, out, _ = call("pii", "eval", labels, "--mode", "patterns", "--json")
    assert code == 0
    found = json.loads(out)
    assert (found["tab"], found["not_examined"]) == (None, 0)
    assert {
        kind: (one["right"], one["missed"]) for kind, one in found["kinds"].items() if kind not in ("*", "URL")
    } == {
        "BERTH": (0, 60),
        "EMAIL_ADDRESS": (60, 0),
    }
    code, out, _ = call("pii", "eval", labels, "--mode", "patterns", "--kind", "BERTH=")
    assert code == 0
    assert "60 texts" in out
    assert "BERTH" not in out
    mention = {
        "entity_type": "CODE",
        "start_offset": 5,
        "end_offset": 13,
        "entity_id": "1",
        "identifier_type": "DIRECT",
    }
    tab = tmp_path / "tab.json"
    tab.write_text(
        json.dumps([{"text": "Case 12345/99.", "annotations": {"a": {"entity_mentions": [mention]}}}]), "utf-8"
    )
    found = json.loads(call("pii", "eval", tab, "--mode", "patterns", "--json")[1])
    assert found["tab"] == {"direct": 1.0, "quasi": 0.0, "recall": 1.0, "precision": 1.0, "f1": 1.0}
    assert found["kinds"]["CODE"]["right"] == 1


def test_mistakes_are_told(call, labels: Path, tmp_path: Path) -> None:
    assert call("pii", "eval", tmp_path / "none.json")[0] == 2
    assert "expected THEIRS=OURS" in call("pii", "eval", labels, "--kind", "BERTH")[2]
    code, _, err = call("pii", "train", "--out", tmp_path / "m.npz")
    assert (code, "there is nothing to learn from" in err) == (2, True)
    wrong = tmp_path / "wrong.jsonl"
    wrong.write_text('{"body": "Ada"}\n', "utf-8")
    code, _, err = call("pii", "train", "--distil", wrong, "--out", tmp_path / "m.npz")
    assert (code, "line 1: expected a JSON object with a `text`" in err, "Ada" in err) == (2, True, False)


def test_a_tagger_learns_kinds_of_one_s_own_and_comes_with_its_cards(call, labels: Path, tmp_path: Path) -> None:
    texts, out = tmp_path / "texts.jsonl", tmp_path / "own.npz"
    texts.write_text('{"text": "Write to bob@example.org today."}\n', "utf-8")
    arguments = ("--labels", labels, "--distil", texts, "--teacher", "patterns", "--licence", "CC0-1.0", "--scratch")
    code, said, _ = call("pii", "train", "--out", out, *arguments, "--epochs", "25")
    assert code == 0
    assert "cards beside it" in said
    assert tagger.load(out).kinds == ("BERTH", "EMAIL_ADDRESS", "URL")  # a host in a mail address reads as one
    assert "| labels.jsonl | CC0-1.0 | 60 |" in (tmp_path / "own.data.md").read_text("utf-8")
    card = (tmp_path / "own.model.md").read_text("utf-8")
    assert "# Model card: own.npz" in card
    assert json.loads((tmp_path / "own.card.json").read_text("utf-8"))["sha256"] in card
    found = json.loads(call("pii", "eval", labels, "--mode", "fast", "--model", out, "--json")[1])
    assert found["kinds"]["BERTH"]["recall"] > 0.9
