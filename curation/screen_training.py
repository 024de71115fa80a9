"""What the training commands show: cost before a run, its end, its audit, spending. Public quantities alone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.markup import escape

from curation.screen import console, errors, table

if TYPE_CHECKING:
    from catalog.ledger import Row
    from training import Fitted, Outlook, Person, Report, Spending
    from training.evaluate import Accuracy


def outlook(found: Outlook) -> None:
    """What a run will cost and take, before it is charged."""
    errors.print(
        f"epsilon {found.epsilon:.2f} at delta {found.delta:g} for {found.steps} steps with noise "
        f"{found.noise_multiplier:g}; {found.physical_batch} rows at once on {found.device} take about "
        f"{_size(found.bytes)} of {_size(found.free)} free"
    )


def fitted(done: Fitted, audience: str) -> None:
    """What a private run cost, and what it is good for."""
    console.print(f"model    {done.folder}")
    charged = "an interrupted run went on; nothing new was charged" if done.resumed else "charged in the ledger"
    console.print(f"privacy  epsilon {done.epsilon:.2f} at delta {done.delta:g}, {charged}")
    if done.accuracy is not None:
        console.print(f"accuracy {_accuracy(done.accuracy)} on held-out units")
    if done.twin is not None:
        console.print(f"         {_accuracy(done.twin)} for the same model without privacy")
    if done.audit is not None:
        style = "[bold red]ALARM: more than is claimed[/]" if done.audit.alarm else "not refuted"
        console.print(f"audit    epsilon at least {done.audit.epsilon:.2f}: {style}")
    if audience == "public":
        console.print("[yellow]This version is public: epsilon protects nobody in it.[/]")


def audited(found: Report) -> None:
    """What an audit of a run says."""
    row = found.row
    console.print(f"[bold]{row.run}[/]: {escape(row.purpose)}")
    rows = [
        ("trained on", f"{row.dataset}@{row.number}, audience {row.audience}"),
        ("status", row.status),
        ("claimed", f"epsilon {row.epsilon:.4f} at delta {row.delta:g} for one {row.unit}"),
        ("computed anew", f"epsilon {found.epsilon:.4f} (PLD) from the event in the ledger"),
        ("odds", f"grow by a factor of {math.exp(min(row.epsilon, 700)):,.1f} at most"),
        ("canaries", _canaries(found)),
        ("withdrew since", f"{found.withdrawn} of the people in it; what was charged for them stays written"),
    ]
    table("", ("", ""), rows)
    for problem in found.problems:
        console.print(f"[red]{escape(problem)}[/]")
    if not found.problems:
        console.print("ledger, card and claim agree")


def abandoned(row: Row) -> None:
    """A run that was given up."""
    console.print(f"{row.run} is given up: its secret is destroyed, and it never goes on")
    console.print(f"privacy  epsilon {row.epsilon:.2f} at delta {row.delta:g} stays charged; nothing is refunded")


def spending(found: Sequence[Spending]) -> None:
    """What private training has spent, by data set."""
    for one in found:
        epsilon = f"epsilon {one.epsilon:.2f} at delta {one.delta:g}" if one.runs else "nothing"
        console.print(f"[bold]{one.dataset}[/]: {len(one.runs)} runs, {epsilon} spent by all of them together")
        columns = ("run", "version", "unit", "epsilon", "delta", "status", "purpose")
        rows = [
            (
                row.run,
                f"{row.dataset}@{row.number}",
                row.unit,
                f"{row.epsilon:.2f}",
                f"{row.delta:g}",
                row.status,
                row.purpose,
            )
            for row in one.runs
        ]
        table("", columns, rows, right=("epsilon", "delta"))
        for budget in one.budgets:
            console.print(
                f"budget per {budget.unit}: epsilon {budget.epsilon:g} at delta {budget.delta:g}, "
                f"{budget.spent:.2f} of it used by the filter"
            )
        if not one.budgets:
            console.print("no budget is set: nothing is ever refused")
        console.print(f"spent elsewhere: {one.elsewhere}")
    if not found:
        console.print("nothing was trained here, and no budget is set; what was spent elsewhere is unknown")


def people(found: Sequence[Person], most: int = 20) -> None:
    """Who is exposed most, by pseudonym."""
    rows = [
        (one.contributor[:13], one.runs, one.records, "no bound" if math.isinf(one.epsilon) else f"{one.epsilon:.2f}")
        for one in found[:most]
    ]
    table(
        f"{len(found)} contributors charged, the most exposed first",
        ("contributor", "runs", "records", "epsilon"),
        rows,
    )
    if len(found) > most:
        console.print(f"and {len(found) - most} more: the table ledger_contributors of the catalog has all")


def _canaries(found: Report) -> str:
    bound = found.bound
    if bound is None:
        return "none were in the run; train with --canaries 1000 to have some"
    return (
        f"epsilon is at least {bound.epsilon:.2f} ({bound.right} of {bound.guesses} guesses right); "
        "such a bound is loose: 30 to 50 % of the proven epsilon at best"
    )


def _accuracy(found: Accuracy) -> str:
    low, high = found.interval
    return f"{found.share:.1%} ({low:.1%} to {high:.1%})"


def _size(count: int) -> str:
    return f"{count / 2**30:.1f} GiB" if count >= 2**30 else f"{max(1, count >> 20)} MiB"
