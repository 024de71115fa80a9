"""How well licences are read: precision, recall and exactness on a folder of labelled items.

    python tests/evals/licenses/measure.py [FOLDER] [--write [--lower REASON]]

FOLDER holds gold.csv, items/ and optout_cases.jsonl. `--write` pins the floors to what was
measured, rounded down; a floor may only be lowered with a reason, which is written beside it.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import tomllib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from optouts import wrong_cases

from catalog.values import Declared
from licenses import classify
from licenses.report import decode
from licenses.verdict import Verdict

FLOORS = Path(__file__).parent / "floors.toml"
SHARED = Path(__file__).parents[3].parent / "shared" / "data" / "licences"


@dataclass(frozen=True)
class Outcome:
    """One labelled item, and the verdict on it."""

    item: str
    kind: str
    category: str
    expected: str | None
    verdict: Verdict

    @property
    def page(self) -> bool:
        """Is it a web page?"""
        return self.kind in ("html", "warc-record")

    @property
    def word(self) -> str:
        """How it went, in one word."""
        released, reviewed = self.verdict.point == "release", self.verdict.point == "review"
        if self.expected is None:
            return "false release" if released else "looked at in vain" if reviewed else "right"
        if self.verdict.licence != self.expected:
            return "other id" if released or reviewed else "lost"
        return "right" if released else "held"


def outcomes(folder: Path) -> list[Outcome]:
    """The verdict on every item."""
    with (folder / "gold.csv").open(encoding="utf-8") as file:
        return [_outcome(folder, row) for row in csv.DictReader(file)]


def _outcome(folder: Path, row: dict[str, str]) -> Outcome:
    data = (folder / row["file"]).read_bytes()
    if row["kind"] == "jpeg":
        from privacy import read_metadata

        verdict = classify("", declared=Declared(fields=read_metadata(data).fields))
    else:
        verdict = classify(decode(data))
    expected = None if row["expected_spdx"] == "none" else row["expected_spdx"]
    return Outcome(row["id"], row["kind"], row["category"], expected, verdict)


def figures(found: list[Outcome]) -> dict[str, float]:
    """The figures that floors are pinned for, as shares of one."""
    licensed = [one for one in found if one.expected is not None]
    pages = [one for one in licensed if one.page]
    released = [one for one in found if one.verdict.point == "release"]
    return {
        "release_precision": _share(sum(one.expected is not None for one in released), len(released)),
        "release_precision_exact": _share(sum(one.verdict.licence == one.expected for one in released), len(released)),
        "release_recall_pages": _share(sum(one.verdict.point == "release" for one in pages), len(pages)),
        "review_recall": _share(sum(one.verdict.point != "none" for one in licensed), len(licensed)),
        "exact": _share(sum(one.verdict.licence == one.expected for one in licensed), len(licensed)),
    }


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 1.0


def categories(found: list[Outcome]) -> str:
    """Outcomes per category, as a table."""
    counts = Counter((one.category, one.word) for one in found)
    words = ["right", "held", "other id", "lost", "false release", "looked at in vain"]
    rows = [f"{'category':20}" + "".join(f"{word:>19}" for word in words)]
    for category in sorted({one.category for one in found}):
        rows.append(f"{category:20}" + "".join(f"{counts[category, word] or '':>19}" for word in words))
    return "\n".join(rows)


def fingerprint(folder: Path) -> str:
    """A digest of the labels and the cases that the floors were measured on."""
    digest = hashlib.sha256()
    for name in ("gold.csv", "optout_cases.jsonl"):
        digest.update((folder / name).read_bytes())
    return digest.hexdigest()[:16]


def floors() -> dict[str, float | str]:
    """The pinned floors."""
    return tomllib.loads(FLOORS.read_text(encoding="utf-8"))


def write(measured: dict[str, float], folder: Path, reason: str) -> None:
    """Pin the floors, rounded down to the percent; lowering one without a reason is refused."""
    old = floors() if FLOORS.exists() else {}
    new = {name: int(value * 100) / 100 for name, value in measured.items()}
    lowered = [name for name, value in new.items() if value < float(old.get(name, 0))]
    if lowered and not reason:
        raise SystemExit(f"These floors would sink: {', '.join(lowered)}. Say why: --lower REASON")
    lines = [f"# {reason}" for _ in lowered[:1]] + [f'fingerprint = "{fingerprint(folder)}"']
    FLOORS.write_text("\n".join([*lines, *(f"{name} = {value:.2f}" for name, value in new.items())]) + "\n")


def main() -> None:
    """Print the figures, the table and every error."""
    parser = argparse.ArgumentParser(description="Measure licence verdicts on labelled items.")
    parser.add_argument("folder", nargs="?", type=Path, default=SHARED)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--lower", default="", metavar="REASON")
    options = parser.parse_args()
    found = outcomes(options.folder)
    for one in found:
        if one.word not in ("right", "held"):
            print(one.item, one.category, one.word, one.expected, "->", one.verdict.licence, one.verdict.point)
    print(categories(found))
    print(json.dumps({name: round(value, 4) for name, value in figures(found).items()}, indent=1))
    cases = [json.loads(line) for line in (options.folder / "optout_cases.jsonl").read_text().splitlines()]
    print("opt-out cases:", len(cases), "wrong:", wrong_cases(cases))
    if options.write:
        write(figures(found), options.folder, options.lower)


if __name__ == "__main__":
    main()
