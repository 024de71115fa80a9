"""Commands that tell how a version is made up."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from catalog import manifests
from catalog.errors import UsageError
from catalog.workspace import Workspace
from curation import screen

commands = typer.Typer()

_SHOWN = 20


@commands.command(epilog="Example: cleartitle distribution harbour@1 --column language --column label")
def distribution(
    version: Annotated[str, typer.Argument(help="Version; a data set's name means its newest.")],
    workspace: Annotated[
        Path, typer.Option("--workspace", "-w", envvar="CLEARTITLE_WORKSPACE", help="The folder `run` writes to.")
    ] = Path("workspace"),
    column: Annotated[
        list[str] | None,
        typer.Option(help="Column to tell the evenness of: of the facts, or named in the recipe's [distribution]."),
    ] = None,
) -> None:
    """Show how a version is made up: annotators' agreement, contradicting labels of duplicates, skew."""
    from curation import figures

    opened = Workspace.open(workspace)
    manifest = manifests.find(opened, version)
    known = dict.fromkeys((*figures.OWN, *figures.columns(manifest)))
    if unknown := [name for name in column or () if name not in known]:
        cure = "Name others under [distribution] in the recipe and run again."
        raise UsageError(f"expected a column out of {', '.join(known)}, found {unknown[0]!r}", cure=cure)
    found = figures.look(opened, manifest, column or figures.columns(manifest))
    agreement = found.agreement
    alpha = "unknown" if agreement.alpha is None else f"{agreement.alpha:.3f}"
    screen.console.print(
        f"[bold]{found.version}[/]: Krippendorff's alpha {alpha} over {agreement.records} records with several votes"
    )
    worst = sorted(agreement.differing.items(), key=lambda pair: (-pair[1], pair[0]))[:_SHOWN]
    votes = [(who, f"{share:.1%}") for who, share in worst]
    screen.table("annotators", ("annotator", "differs from most others"), votes, right=("differs from most others",))
    contradicting = [
        (one.id[:13], one.label, one.keeper[:13], one.keeper_label, one.kind, f"{one.similarity:.3f}")
        for one in found.conflicts[:_SHOWN]
    ]
    heading = f"{len(found.conflicts)} of {found.compared} labelled pairs of duplicates contradict each other"
    named = ("record", "label", "stands for it", "its label", "kind", "similarity")
    screen.table(heading, named, contradicting, right=("similarity",))
    rows = [
        (name, records, of_it.values, f"{of_it.evenness:.3f}", f"{of_it.top_share:.1%}", f"{of_it.least_share:.1%}")
        for name, (records, of_it) in found.skews.items()
    ]
    columns = ("column", "records", "values", "evenness", "most frequent", "least frequent")
    screen.table("how evenly values are represented", columns, rows, right=columns[1:])


def drift(workspace: Workspace, before: str, after: str) -> None:
    """Print how what stays in one version differs from what stays in another."""
    from curation.drift import compare

    found = compare(workspace, manifests.find(workspace, before), manifests.find(workspace, after))
    rows = [
        (
            one.column,
            one.test,
            f"{one.effect:.3f}",
            f"{one.p:.2g}",
            "" if one.stability is None else f"{one.stability:.3f}",
            one.before,
            one.after,
        )
        for one in found[:_SHOWN]
        if one.effect > 0
    ]
    columns = ("column", "test", "effect (0 to 1)", "p", "stability index", "records before", "after")
    screen.table("drift of what stays, the strongest first", columns, rows, right=columns[2:])
