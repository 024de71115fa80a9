"""The demo's labelled set: messages to a harbour office, sorted by several people who do not always agree."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from curation.demo._dice import Dice, contact, fill, stock

# How often each annotator is right. The last one sorts on Friday afternoons.
_ANNOTATORS = (("wren", 0.97), ("plover", 0.94), ("dunlin", 0.92), ("knot", 0.88), ("turnstone", 0.75))
# What a tired annotator takes a label for.
_MISTAKEN = {"berth": "cargo", "cargo": "lost", "lost": "cargo", "weather": "berth"}
_CONTRIBUTORS = 400


def write_messages(path: Path, seed: int, rows: int) -> None:
    """Write the rows as JSON lines."""
    dice = Dice(f"{seed}/messages")
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for row in _rows(dice, rows):
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def _rows(dice: Dice, count: int) -> Iterator[dict[str, object]]:
    labels = stock("messages")["labels"]
    seen: set[str] = set()
    while len(seen) < count:
        label = dice.pick(labels)
        text = _text(label, dice)
        if text in seen:
            continue
        seen.add(text)
        contributor = dice.below(_CONTRIBUTORS)
        row: dict[str, object] = {
            "id": f"m{len(seen):04}",
            "text": text,
            "contributor": f"writer-{contributor:03}",
            "consent_scope": "train;share redacted",
            "granted_at": f"2025-{1 + contributor % 12:02}-01",
            "annotations": _votes(label, dice),
        }
        if contributor % 100 == 7:
            row["withdrawn"] = "2026-02-01"
        yield row


def _text(label: str, dice: Dice) -> str:
    messages = stock("messages")
    sentences = [
        dice.pick(messages["greeting"]),
        *dice.some(messages["topic"][label], 2 + dice.below(2)),
        *dice.some(messages["small_talk"], 1 + dice.below(2)),
        dice.pick(messages["ending"]),
    ]
    told = [fill(sentence, dice) for sentence in sentences]
    if dice.chance(0.08):
        told.insert(-1, contact(messages["contact"], dice))
    return " ".join(told)


def _votes(label: str, dice: Dice) -> list[dict[str, str]]:
    voters = dice.some(_ANNOTATORS, 3 + dice.below(3))
    return [
        {"annotator": name, "label": label if dice.chance(skill) else _MISTAKEN[label]}
        for name, skill in sorted(voters)
    ]
