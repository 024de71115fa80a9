"""The model card: what a run cost, whom it protects, what it doesn't cover, how good it is.

Privacy figures come from the ledger's row of the run alone; the facts file beside the card
holds the same as JSON. Nothing in either would help to draw the run's noise again.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from pathlib import Path

from catalog.ledger import Ledger, Row
from catalog.workspace import write_atomically
from training import accounting
from training.audit import Bound
from training.data import Version
from training.evaluate import Accuracy
from training.plan import Plan
from training.tasks import Task

FORMAT = 1

NOT_COVERED = (
    "Finding and removing duplicates, merging annotators' labels, and any threshold chosen by looking at the data.",
    "The evaluation: the units it was made on are disjoint from those trained on, and are not protected by epsilon.",
    "Statistics published about the dataset: counts, cards, the catalog.",
    "Floating-point effects of adding noise on a computer, and how long steps took.",
    "Checkpoints and secrets copied by somebody while the run was under way.",
    "Annotators' votes on records that somebody else contributed: a contributor plan protects the contributor.",
    "Records of one person that the dataset does not know to be the same person's.",
)


@dataclass(frozen=True, slots=True)
class Effort:
    """What the run took to compute."""

    seconds: float
    device: str
    physical_batch: int


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything the card says, as values."""

    format: int
    run: str
    purpose: str
    dataset: str
    version: str
    audience: str
    licences: dict[str, int]
    task: str
    classes: int
    unit: str
    relation: str
    epsilon: float  # by PLD
    epsilon_rdp: float
    delta: float
    sampler: str
    sampling_rate: float
    noise_multiplier: float
    steps: int
    clip: float
    divisor: float
    records_per_unit: int
    engine: str
    spent_on_dataset: float  # PLD of all runs on the dataset, as if fixed in advance
    runs_on_dataset: int
    spent_elsewhere: str
    contributors_charged: int
    right: int | None
    evaluated: int
    audit: Bound | None
    seconds: float
    device: str
    physical_batch: int
    reserved_at: str
    not_covered: tuple[str, ...]


def facts(
    ledger: Ledger,
    run: str,
    plan: Plan,
    task: Task,
    version: Version,
    accuracy: Accuracy | None,
    audit: Bound | None,
    effort: Effort,
) -> Facts:
    """Gather the facts of a run that has taken its last step."""
    row = ledger.row(run)
    rows = ledger.rows(row.dataset)
    event = json.loads(row.event)
    return Facts(
        format=FORMAT,
        run=run,
        purpose=row.purpose,
        dataset=f"{row.dataset}@{row.number}",
        version=row.version,
        audience=row.audience,
        licences=version.licences(),
        task=task.kind,
        classes=len(task.classes),
        unit=row.unit,
        relation=event["relation"],
        epsilon=row.epsilon,
        epsilon_rdp=accounting.cost(plan).rdp,
        delta=row.delta,
        sampler=event["sampler"],
        sampling_rate=event["rate"],
        noise_multiplier=event["noise"],
        steps=event["steps"],
        clip=plan.clip,
        divisor=plan.divisor,
        records_per_unit=plan.records_per_unit,
        engine=f"Opacus {_version('opacus')} layer rules, dp-accounting {_version('dp-accounting')}",
        spent_on_dataset=accounting.composed([one.event for one in rows], _smallest_delta(rows)),
        runs_on_dataset=len(rows),
        spent_elsewhere=ledger.elsewhere(row.dataset),
        contributors_charged=len(ledger.contributions(run=run)),
        right=accuracy.right if accuracy else None,
        evaluated=accuracy.of if accuracy else 0,
        audit=audit,
        seconds=round(effort.seconds, 1),
        device=effort.device,
        physical_batch=effort.physical_batch,
        reserved_at=row.reserved_at,
        not_covered=NOT_COVERED,
    )


def write(folder: Path, found: Facts) -> None:
    """Write README.md and facts.json into the run's folder."""
    text = json.dumps(asdict(found), indent=1, ensure_ascii=False) + "\n"
    write_atomically(folder / "facts.json", lambda part: part.write_text(text, "utf-8"))
    write_atomically(folder / "README.md", lambda part: part.write_text(render(found), "utf-8"))


def render(found: Facts) -> str:
    """The card as Markdown."""
    rows = "\n".join(f"| {name} | {value} |" for name, value in _table(found))
    uncovered = "\n".join(f"- {line}" for line in found.not_covered)
    return f"""---
library_name: cleartitle
tags: [differential-privacy]
---
# Model of run {found.run}

{found.purpose}

{_meaning(found)}

| | |
| --- | --- |
{rows}

## What epsilon does not cover

{uncovered}
"""


def _table(found: Facts) -> list[tuple[str, str]]:
    licences = ", ".join(f"{name} ({count})" for name, count in found.licences.items()) or "not recorded"
    return [
        ("dataset", f"{found.dataset}, hash `{found.version}`"),
        ("licences of its records", licences),
        ("task", f"{found.task}, {found.classes} classes"),
        ("epsilon (PLD)", f"{found.epsilon:.4f}"),
        ("epsilon (RDP, for comparison)", f"{found.epsilon_rdp:.4f}"),
        ("delta", f"{found.delta:g}"),
        ("unit and relation", f"{found.unit}, {found.relation}"),
        ("sampling", f"{found.sampler}, rate {found.sampling_rate:.6g}, {found.steps} steps"),
        ("noise", f"multiplier {found.noise_multiplier:g}, clip {found.clip:g}, divisor {found.divisor:g}"),
        ("all runs on this dataset", f"{found.runs_on_dataset}, together epsilon {found.spent_on_dataset:.4f} (PLD)"),
        ("spent outside this ledger", found.spent_elsewhere),
        ("contributors charged", str(found.contributors_charged)),
        ("accuracy on held-out units", _accuracy(found)),
        ("audit", _audit(found.audit)),
        ("time", f"{found.seconds:.0f} s on {found.device}"),
        ("engine", found.engine),
    ]


def _audit(bound: Bound | None) -> str:
    if bound is None:
        return "none"
    guesses = f"{bound.right} of {bound.guesses} guesses about {bound.canaries} canaries right"
    if bound.alarm:
        return (
            f"**ALARM: epsilon is at least {bound.epsilon:.2f}, more than the {bound.claim:.2f} claimed** ({guesses})"
        )
    return (
        f"not refuted: epsilon is at least {bound.epsilon:.2f} ({guesses}); such audits find 30 to 50 % of the proven "
        f"epsilon at best"
    )


def _accuracy(found: Facts) -> str:
    if found.right is None:
        return "not measured: nothing was held out"
    accuracy = Accuracy(found.right, found.evaluated)
    low, high = accuracy.interval
    return f"{accuracy.share:.1%} ({low:.1%} to {high:.1%}, {accuracy.of} records)"


def _meaning(found: Facts) -> str:
    if found.audience == "public":
        return "**This version of the dataset is public: everybody can read it, so epsilon protects nobody in it.**"
    odds = math.exp(found.epsilon)
    who = "one contributor with all their records" if found.unit == "contributor" else "one record"
    return (
        f"In plain words: whatever somebody concludes from this model, the presence of {who} in the data moves the "
        f"odds of that conclusion by a factor of at most {odds:,.1f} (e to the {found.epsilon:.2f}), but for a "
        f"chance of {found.delta:g}."
    )


def _smallest_delta(rows: list[Row]) -> float:
    return min(row.delta for row in rows)


def _version(package: str) -> str:
    from importlib.metadata import version

    return version(package)
