"""How well personal data is found in text: recall, precision and F2 on labelled texts, by mode.

    python tests/evals/privacy_text/measure.py [--mode fast] [--write]
    python tests/evals/privacy_text/measure.py --ablation | --patterns | --misses | --lost

The sets are read from the shared data beside the checkout. `--write` pins the floors to what was
measured, two points lower: models and machines round differently. Public bodies and lengths of
time are found and left standing: they count as not found.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from catalog.values import Span
from privacy.engine import Engine
from privacy.evaluation import Annotated, Mention, kind_scores, tab_score
from privacy.redaction import taken_out

FLOORS = Path(__file__).parent / "floors.toml"
SHARED = Path(__file__).parents[3].parent / "shared" / "data" / "pii"
MARGIN = 0.02
KEPT_MARGIN = 0.003  # of the words of manuals
# Kinds that are told and not taken out.
LEFT = frozenset({"PUBLIC_BODY", "DURATION"})
MANUALS = 60  # how many of the manuals are read
# Kinds that the labelled sets do not tell apart.
NAMES = {
    "STREET_ADDRESS": "LOCATION",
    "GPE": "LOCATION",
    "ZIP_CODE": "LOCATION",
    "DOMAIN_NAME": "URL",
    "HOSTNAME": "URL",
    "DATE_OF_BIRTH": "DATE_TIME",
}


@dataclass(frozen=True)
class Measured:
    """One figure: of which set, which measure, in which mode."""

    mode: str
    name: str
    value: float


def measure(mode: str) -> list[Measured]:
    """All figures of a mode."""
    return figures(Engine(mode), mode)


def figures(engine: Engine, mode: str) -> list[Measured]:
    """All figures of an engine."""
    found = []
    for name, (texts, gold) in {"synth": synth(), "panorama": panorama()}.items():
        spans = scanned(engine, texts)
        for overlap in (0.5, 0.9):
            overall = next(one for one in kind_scores(gold, spans, texts, NAMES, overlap) if one.kind == "*")
            found.append(Measured(mode, f"{name}.f2_at_{int(overlap * 100)}", round(overall.f(), 3)))
    documents = tab()
    score = tab_score(documents, scanned(engine, [one.text for one in documents]))
    values = {
        "tab.direct": score.direct,
        "tab.quasi": score.quasi,
        "tab.recall": score.recall,
        "tab.precision": score.precision,
        "tab.f1": score.f1,
        "manuals.words_kept": words_kept(engine, manuals()),
    }
    return found + [Measured(mode, name, round(value, 4 if "kept" in name else 3)) for name, value in values.items()]


def words_kept(engine: Engine, texts: Sequence[str]) -> float:
    """Share of the words that the default rules leave; in manuals nearly all should stay."""
    taken = sum(
        len(text[span.start : span.end].split())
        for text, spans in zip(texts, scanned(engine, texts), strict=True)
        for span in taken_out(spans)
    )
    return 1 - taken / sum(len(text.split()) for text in texts)


def manuals() -> list[str]:
    """Pages of software manuals that the tagger has not learnt from, spread over the set."""
    with gzip.open(SHARED.parent / "text" / "open_docs.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [row for row in map(json.loads, lines) if row["source"] == "psdocs"]
    rows.sort(key=lambda row: hashlib.sha256(row["id"].encode()).hexdigest())
    unseen = rows[200:]  # the first of these were learnt from
    return [row["text"][:12_000] for row in unseen[:: len(unseen) // MANUALS]][:MANUALS]


def scanned(engine: Engine, texts: Sequence[str]) -> list[Sequence[Span]]:
    """Spans per text; a text that was not examined counts as nothing found."""
    scans = engine.scan(texts, ["en"] * len(texts))
    return [[span for span in scan.spans if span.kind not in LEFT] for scan in scans]


def synth() -> tuple[list[str], list[list[Span]]]:
    """Presidio-research's synthetic sentences."""
    rows = json.loads((SHARED / "synth_dev.json").read_text("utf-8"))
    gold = [
        [Span(one["entity_type"], one["start_position"], one["end_position"], 1.0, "gold") for one in row["spans"]]
        for row in rows
    ]
    return [row["full_text"] for row in rows], gold


def panorama() -> tuple[list[str], list[list[Span]]]:
    """Online posts; what need not be masked is no gold."""
    rows = [json.loads(line) for line in (SHARED / "panorama_151.jsonl").read_text("utf-8").split("\n") if line]
    gold = [
        [
            Span(one["entity_type"], one["start_offset"], one["end_offset"], 1.0, "gold")
            for one in row["entities"]
            if one["identifier_type"] != "NO_MASK"
        ]
        for row in rows
    ]
    return [row["text"] for row in rows], gold


def tab() -> list[Annotated]:
    """The court decisions that the tagger has not learnt from: the last 23 by the digest of their ids."""
    rows = json.loads((SHARED / "tab_dev.json").read_text("utf-8"))
    rows.sort(key=lambda row: hashlib.sha256(row["doc_id"].encode()).hexdigest())
    return [Annotated(row["text"], tuple(map(_mentions, row["annotations"].values()))) for row in rows[90:]]


def _mentions(annotator: dict[str, Any]) -> tuple[Mention, ...]:
    return tuple(
        Mention(one["entity_type"], one["start_offset"], one["end_offset"], one["entity_id"], one["identifier_type"])
        for one in annotator["entity_mentions"]
    )


def fingerprint() -> str:
    """Of the files that the floors were measured on."""
    digest = hashlib.sha256()
    for name in ("synth_dev.json", "panorama_151.jsonl", "tab_dev.json", "../text/open_docs.jsonl.gz"):
        digest.update((SHARED / name).read_bytes())
    return digest.hexdigest()[:16]


def floors() -> dict[str, Any]:
    """The pinned floors."""
    return tomllib.loads(FLOORS.read_text("utf-8"))


def main() -> None:
    """Print the figures; pin them when asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mode", action="append", choices=["strict", "fast", "patterns"])
    parser.add_argument("--write", action="store_true")
    for part in ("ablation", "patterns", "misses", "lost"):
        parser.add_argument(f"--{part}", action="store_true")
    chosen = parser.parse_args()
    asked = [part for part in ("ablation", "patterns", "misses", "lost") if getattr(chosen, part)]
    if asked:
        import parts  # type: ignore[import-not-found]  # beside this file

        for part in asked:
            getattr(parts, part)()
        return
    lines = [f'corpus = "{fingerprint()}"']
    for mode in chosen.mode or ["strict", "fast", "patterns"]:
        lines += ["", f"[{mode}]"]
        for one in measure(mode):
            print(f"{mode:9} {one.name:18} {one.value:.3f}")
            margin = KEPT_MARGIN if "kept" in one.name else MARGIN
            lines.append(f'"{one.name}" = {one.value - margin:.3f}')
    if chosen.write:
        FLOORS.write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main()
