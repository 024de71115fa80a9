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
class Privacy:
    """The guarantee, and what it rests on."""

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
    not_covered: tuple[str, ...] = NOT_COVERED


@dataclass(frozen=True, slots=True)
class Around:
    """Other runs on the same dataset."""

    runs: int  # this one included
    epsilon: float  # PLD of all of them, as if fixed in advance
    elsewhere: str


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything the card says, as values."""

    format: int
    run: str
    reserved_at: str
    purpose: str
    dataset: str
    version: str
    audience: str
    licences: dict[str, int]
    contributors: int  # charged
    task: str
    classes: int
    privacy: Privacy
    around: Around
    accuracy: Accuracy | None
    audit: Bound | None
    effort: Effort


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
    return Facts(
        format=FORMAT,
        run=run,
        reserved_at=row.reserved_at,
        purpose=row.purpose,
        dataset=f"{row.dataset}@{row.number}",
        version=row.version,
        audience=row.audience,
        licences=version.licences(),
        contributors=len(ledger.contributions(run=run)),
        task=task.kind,
        classes=len(task.classes),
        privacy=_privacy(row, plan),
        around=_around(ledger, row.dataset),
        accuracy=accuracy,
        audit=audit,
        effort=effort,
    )


def _privacy(row: Row, plan: Plan) -> Privacy:
    event = json.loads(row.event)
    return Privacy(
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
    )


def _around(ledger: Ledger, dataset: str) -> Around:
    rows = ledger.rows(dataset)
    epsilon = accounting.composed([row.event for row in rows], min(row.delta for row in rows))
    return Around(len(rows), epsilon, ledger.elsewhere(dataset))


def write(folder: Path, found: Facts) -> None:
    """Write README.md and facts.json into the run's folder."""
    text = json.dumps(asdict(found), indent=1, ensure_ascii=False) + "\n"
    write_atomically(folder / "facts.json", lambda part: part.write_text(text, "utf-8"))
    write_atomically(folder / "README.md", lambda part: part.write_text(render(found), "utf-8"))


def render(found: Facts) -> str:
    """The card as Markdown."""
    rows = "\n".join(f"| {name} | {value} |" for name, value in _table(found))
    uncovered = "\n".join(f"- {line}" for line in found.privacy.not_covered)
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
    privacy, around = found.privacy, found.around
    return [
        ("dataset", f"{found.dataset}, hash `{found.version}`"),
        ("licences of its records", licences),
        ("task", f"{found.task}, {found.classes} classes"),
        ("epsilon (PLD)", f"{privacy.epsilon:.4f}"),
        ("epsilon (RDP, for comparison)", f"{privacy.epsilon_rdp:.4f}"),
        ("delta", f"{privacy.delta:g}"),
        ("unit and relation", f"{privacy.unit}, {privacy.relation}"),
        ("sampling", f"{privacy.sampler}, rate {privacy.sampling_rate:.6g}, {privacy.steps} steps"),
        ("noise", f"multiplier {privacy.noise_multiplier:g}, clip {privacy.clip:g}, divisor {privacy.divisor:g}"),
        ("all runs on this dataset", f"{around.runs}, together epsilon {around.epsilon:.4f} (PLD)"),
        ("spent outside this ledger", around.elsewhere),
        ("contributors charged", str(found.contributors)),
        ("accuracy on held-out units", _accuracy(found.accuracy)),
        ("audit", _audit(found.audit)),
        ("time", f"{found.effort.seconds:.0f} s on {found.effort.device}"),
        ("engine", privacy.engine),
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


def _accuracy(found: Accuracy | None) -> str:
    if found is None:
        return "not measured: nothing was held out"
    low, high = found.interval
    return f"{found.share:.1%} ({low:.1%} to {high:.1%}, {found.of} records)"


def _meaning(found: Facts) -> str:
    if found.audience == "public":
        return "**This version of the dataset is public: everybody can read it, so epsilon protects nobody in it.**"
    privacy = found.privacy
    who = "one contributor with all their records" if privacy.unit == "contributor" else "one record"
    return (
        f"In plain words: whatever somebody concludes from this model, the presence of {who} in the data moves the "
        f"odds of that conclusion by a factor of at most {math.exp(privacy.epsilon):,.1f} "
        f"(e to the {privacy.epsilon:.2f}), but for a chance of {privacy.delta:g}."
    )


def _version(package: str) -> str:
    from importlib.metadata import version

    return version(package)
