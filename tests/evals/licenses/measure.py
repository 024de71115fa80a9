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
import re
import tomllib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from optouts import wrong_cases

from catalog.values import Declared
from licenses import classify
from licenses.report import decode
from licenses.urls import read_url
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
    naive: str | None  # what taking the first Creative Commons address in the file says, for comparison

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
    return Outcome(row["id"], row["kind"], row["category"], expected, verdict, first_address(data))


def first_address(data: bytes) -> str | None:
    """The usual way: the first address of a Creative Commons licence is taken for the licence."""
    addresses = re.findall(rb"https?:\\?/\\?/creativecommons\.org[\w\\/.+-]{5,80}", data)
    return next((found.licence for written in addresses if (found := read_url(written.decode()))), None)


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
        "clear_pages_released": 1 - _share(sum(one.word == "held" for one in pages), len(pages)),
    }


def opt_outs(folder: Path) -> float:
    """The share of opt-out cases with the answer of their specification."""
    cases = [json.loads(line) for line in (folder / "optout_cases.jsonl").read_text(encoding="utf-8").splitlines()]
    return 1 - _share(len(wrong_cases(cases)), len(cases))


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 1.0


_WORDS = ("right", "held", "other id", "lost", "false release", "looked at in vain")
_COLUMNS = ("items", *_WORDS, "precision", "recall", "reviewed", "naive precision", "naive recall")


def categories(found: list[Outcome]) -> str:
    """Outcomes per category with precision and recall at the release point, and those of the first address."""
    rows = [f"{'category':18}" + "".join(f"{name:>{len(name) + 2}}" for name in _COLUMNS)]
    groups = {name: [one for one in found if one.category == name] for name in sorted({one.category for one in found})}
    for name, group in {**groups, "all": found}.items():
        cells = [str(len(group)), *_counted(group), *_rates(group)]
        rows.append(
            f"{name:18}" + "".join(f"{cell:>{len(title) + 2}}" for cell, title in zip(cells, _COLUMNS, strict=True))
        )
    return "\n".join(rows)


def _counted(group: list[Outcome]) -> list[str]:
    counts = Counter(one.word for one in group)
    return [str(counts[word] or "") for word in _WORDS]


def _rates(group: list[Outcome]) -> list[str]:
    licensed = [one for one in group if one.expected is not None]
    released = [one for one in group if one.verdict.point == "release"]
    reviewed = [one for one in licensed if one.verdict.point != "none"]
    naive = [one for one in group if one.naive is not None]
    shares = (
        (sum(one.expected is not None for one in released), len(released)),
        (sum(one.verdict.point == "release" for one in licensed), len(licensed)),
        (len(reviewed), len(licensed)),
        (sum(one.expected is not None for one in naive), len(naive)),
        (sum(one.naive is not None for one in licensed), len(licensed)),
    )
    return [f"{part / whole:.3f}" if whole else "" for part, whole in shares]


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
    measured = {**figures(found), "opt_outs": opt_outs(options.folder)}
    print(json.dumps({name: round(value, 4) for name, value in measured.items()}, indent=1))
    if options.write:
        write(measured, options.folder, options.lower)


if __name__ == "__main__":
    main()
