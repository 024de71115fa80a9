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
from catalog.workspace import write_text
from training import accounting
from training.audit import Bound
from training.energy import Energy
from training.evaluate import Accuracy
from training.plan import Plan
from training.tasks import Task
from training.version import Version

FORMAT = 1

NOT_COVERED = (
    "Finding and removing duplicates, merging annotators' labels, and any threshold chosen by looking at the data.",
    "The evaluation: the units it was made on are disjoint from those trained on, and are not protected by epsilon.",
    "Statistics published about the dataset: counts, cards, the catalog.",
    "Floating-point effects of adding noise on a computer, and how long steps took.",
    "Checkpoints and secrets copied by somebody while the run was under way.",
    "Under unit contributor, others who have a part in the records, such as annotators.",
    "People depicted or mentioned whom the dataset does not know.",
    "Records of one person that the dataset does not know to be the same person's.",
)


@dataclass(frozen=True, slots=True)
class Effort:
    """What the run took to compute."""

    seconds: float  # of steps, interruptions left out
    device: str
    physical_batch: int
    resumed: bool
    energy: Energy  # since the run was last started


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run led to, besides its weights."""

    accuracy: Accuracy | None
    twin: Accuracy | None
    audit: Bound | None
    effort: Effort
    credits: int  # works that an export of the version credits


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
class People:
    """Whom the run was charged for."""

    charged: int
    unbounded: int  # of them: no finite bound is promised
    most: float  # largest finite epsilon of one of them; 0 where there is none
    withdrawn: int  # out of the data because they withdrew consent


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
    credits: int
    people: People
    task: str
    classes: int
    privacy: Privacy
    around: Around
    accuracy: Accuracy | None
    twin: Accuracy | None
    audit: Bound | None
    effort: Effort


def facts(ledger: Ledger, run: str, plan: Plan, task: Task, version: Version, outcome: Outcome) -> Facts:
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
        credits=outcome.credits,
        people=_people(ledger, run, version.withdrawn()),
        task=task.kind,
        classes=len(task.classes),
        privacy=_privacy(row, plan),
        around=_around(ledger, row.dataset),
        accuracy=outcome.accuracy,
        twin=outcome.twin,
        audit=outcome.audit,
        effort=outcome.effort,
    )


def _people(ledger: Ledger, run: str, withdrawn: int) -> People:
    epsilons = [one.epsilon for _, one in ledger.contributions(run=run)]
    finite = [epsilon for epsilon in epsilons if math.isfinite(epsilon)]
    return People(len(epsilons), len(epsilons) - len(finite), max(finite, default=0.0), withdrawn)


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
    write_text(folder / "facts.json", text)
    write_text(folder / "README.md", render(found))


def render(found: Facts) -> str:
    """The card as Markdown."""
    uncovered = "\n".join(f"- {line}" for line in found.privacy.not_covered)
    return f"""---
library_name: cleartitle
tags: [differential-privacy]
---
# Model of run {found.run}

{found.purpose}

## What it means for one person

{_meaning(found)}

{_for_people(found)}

## Privacy

{_table(_guarantee(found))}

## Data and credit

{_table(_data(found))}

## How good it is, and what it took

{_table(_use(found))}

## What epsilon does not cover

{uncovered}
"""


def _table(rows: list[tuple[str, str]]) -> str:
    lines = [f"| {name} | {value.replace('|', chr(92) + '|')} |" for name, value in rows]
    return "\n".join(["| | |", "| --- | --- |", *lines])


def _guarantee(found: Facts) -> list[tuple[str, str]]:
    privacy, around = found.privacy, found.around
    return [
        ("epsilon (PLD)", f"{privacy.epsilon:.4f}"),
        ("epsilon (RDP, for comparison)", f"{privacy.epsilon_rdp:.4f}"),
        ("delta", f"{privacy.delta:g}"),
        ("audit", _audit(found.audit)),
        ("unit and relation", f"{privacy.unit}, {privacy.relation}"),
        ("sampling", f"{privacy.sampler}, rate {privacy.sampling_rate:.6g}, {privacy.steps} steps"),
        ("noise", f"multiplier {privacy.noise_multiplier:g}, clip {privacy.clip:g}, divisor {privacy.divisor:g}"),
        ("all runs on this dataset", f"{around.runs}, together epsilon {around.epsilon:.4f} (PLD)"),
        ("spent outside this ledger", around.elsewhere),
        ("engine", privacy.engine),
    ]


def _data(found: Facts) -> list[tuple[str, str]]:
    licences = ", ".join(f"{name} ({count})" for name, count in found.licences.items()) or "not recorded"
    # No copy beside the model: an erasure takes people out of the version's credits, and would not find it.
    credited = f"{found.credits} works; `cleartitle export {found.dataset} --use train` writes their credits"
    people = found.people
    withdrawn = f"{people.withdrawn}; nothing of theirs was trained on" if people.withdrawn else "none known"
    return [
        ("dataset", f"{found.dataset}, hash `{found.version}`, audience {found.audience}"),
        ("licences of its records", licences),
        ("attribution", credited if found.credits else "the version holds no credits"),
        ("people charged", f"{people.charged}, as known from the data"),
        ("contributors withdrawn before the run", withdrawn),
    ]


def _use(found: Facts) -> list[tuple[str, str]]:
    effort, energy = found.effort, found.effort.energy
    again = ", interrupted and gone on with" if effort.resumed else ""
    rows = [
        ("task", f"{found.task}, {found.classes} classes"),
        ("accuracy on held-out units", _accuracy(found.accuracy)),
        ("time", f"{effort.seconds:.0f} s on {effort.device}{again}"),
        ("energy", f"unknown: {energy.method}" if energy.joules is None else f"{energy.joules:.0f} J; {energy.method}"),
    ]
    if found.twin:
        rows.insert(2, ("the same model without privacy", _accuracy(found.twin)))
    return rows


def _audit(bound: Bound | None) -> str:
    if bound is None:
        return "none was made: the figures above are proven, not tried"
    guesses = f"{bound.right} of {bound.guesses} guesses about {bound.canaries} canaries right"
    if bound.alarm:
        return (
            f"**ALARM: epsilon is at least {bound.epsilon:.2f}, more than the {bound.claim:.2f} claimed** ({guesses})"
        )
    return (
        f"not refuted: epsilon is at least {bound.epsilon:.2f}, of {bound.claim:.2f} proven ({guesses}); such audits "
        f"find 30 to 50 % of the proven epsilon at best, and ours found less than 15 %"
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
    factor = math.exp(privacy.epsilon)
    return (
        f"In plain words: whatever somebody concludes from this model, the presence of {who} in the data moves the "
        f"odds of that conclusion by a factor of at most {factor:,.1f} "
        f"(e to the {privacy.epsilon:.2f}), but for a chance of {privacy.delta:g}. What was thought one in a hundred "
        f"likely can so become {_percent(factor / (factor + 99))} likely, not more."
    )


def _for_people(found: Facts) -> str:
    people, privacy = found.people, found.privacy
    if privacy.unit == "contributor" or found.audience == "public":
        return "Whoever appears in other people's records is named below, under what epsilon does not cover."
    if not people.charged:
        return "The unit is one record, and the data does not say whose records these are."
    held = f"held to epsilon {people.most:.2f} or less"
    told = f"The unit is one record. Of the {people.charged} people known to have a part in the records, "
    if not people.unbounded:
        return f"{told}each is {held}."
    others = f"; the others are each {held}" if people.unbounded < people.charged else ""
    return f"{told}{people.unbounded} have a part in too many for any bound to be promised{others}."


def _percent(share: float) -> str:
    return f"{share:.0%}" if share < 0.99 else f"{math.floor(share * 1000) / 10:.1f} %"


def _version(package: str) -> str:
    from importlib.metadata import version

    return version(package)
