"""The decontamination stage, in a worker: where the texts of a batch hold items of the recipe's benchmarks.

One row for each row of the batch's facts, in the same order, so that other benchmarks ask for no new facts.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from catalog import store
from catalog.schema import OVERLAPS, Column, Family
from catalog.workspace import Workspace
from curation.decontaminate import Benchmarks
from curation.text import TextView

STAGED = Family(
    "overlaps",
    "Items of benchmarks in each record of a batch.",
    (Column("overlaps", OVERLAPS, "Benchmark item, and where the text holds it."),),
)


def path(workspace: Workspace, key: str, batch_key: str) -> Path:
    """Where the overlaps of a batch are, under the key of the benchmarks."""
    return workspace.stages / "overlaps" / f"{batch_key}-{key}.parquet"


def write(out: Path, found: Iterable[list[dict[str, object]]]) -> None:
    """Write the overlaps of a batch."""
    store.write(out, store.table(STAGED, [{"overlaps": overlaps} for overlaps in found]))


def overlaps(benchmarks: Benchmarks, view: TextView | None) -> list[dict[str, object]]:
    """What a text has in common with the benchmarks; what has no text has nothing."""
    found = benchmarks.overlaps(view) if view else ()
    return [{"item": one.item, "start": one.start, "end": one.end} for one in found]
