"""Commands that measure how much personal data is left, and whom it could tell apart."""

from __future__ import annotations

import datetime as dt
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from catalog.errors import UsageError
from catalog.workspace import Workspace, write_text
from curation import screen
from curation.cli_files import refuse_existing
from curation.cli_workspace import HERE, WorkspaceOption, publish

if TYPE_CHECKING:
    from catalog.measurements import Measurement
    from curation.leaks import Leak, Sample, Segment

commands = typer.Typer()

_STOP, _SKIP = "q", "s"


@commands.command(epilog="Example: cleartitle leaks harbour@1 --size 200")
def leaks(
    version: Annotated[str, typer.Argument(help="Version; a data set's name means its newest.")],
    workspace: WorkspaceOption = HERE,
    size: Annotated[int, typer.Option(min=1, help="Segments to review; the same ones for the same size.")] = 200,
    write: Annotated[Path | None, typer.Option(help="Write the sample there (JSON lines) and stop.")] = None,
    answers: Annotated[Path | None, typer.Option(help="Take answers from a file in place of asking.")] = None,
    review: Annotated[bool, typer.Option(help="Ask in the terminal; answers are kept, the next call goes on.")] = True,
    recipe: Annotated[Path | None, typer.Option(help="The recipe, where it does not lie beside the workspace.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Measure how much personal data is left in a version: a sample for a person to review, canaries, two detectors."""
    from catalog import cards, manifests
    from curation import leaks as measuring
    from curation import probes

    opened = Workspace.open(workspace)
    manifest = manifests.find(opened, version)
    sample = measuring.draw(opened, manifest, size)
    if not sample.segments:
        raise UsageError(f"{manifest.name} holds no released texts to look at")
    if write is not None:
        _write_sample(sample, write)
        return
    if answers is not None:
        for segment, found in measuring.take(sample, answers):
            measuring.answer(opened, manifest.name, segment, found)
    elif review and not as_json and sys.stdin.isatty():
        _ask(opened, sample)
    today = f"{dt.datetime.now(dt.UTC):%Y-%m-%d}"
    made = measuring.figures(sample, measuring.answers(opened, manifest.name), today)
    made += probes.measure(opened, manifest, sample, recipe, today)
    whole = measuring.save(opened, manifest.name, made)
    publish(opened)
    cards.write(opened, manifest)
    _show(whole, as_json)


def _write_sample(sample: Sample, path: Path) -> None:
    lines = [
        {"segment": one.name, "record": one.record, "stratum": one.stratum, "text": one.text, "leaks": []}
        for one in sample.segments
    ]
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    write_text(path, text, mode=0o600)
    screen.console.print(
        f"{len(lines)} segments in {path}. Fill in `leaks` (kind and words), then: "
        f"cleartitle leaks {sample.version} --answers {path}",
        markup=False,
    )


def _ask(workspace: Workspace, sample: Sample) -> None:
    from curation import leaks as measuring

    done = measuring.answers(workspace, sample.version)
    left = [segment for segment in sample.segments if segment.name not in done]
    screen.console.print(
        f"{len(left)} of {len(sample.segments)} segments are still to be reviewed. For each: Enter where no personal "
        f"data is left; else KIND and the words as they stand (PERSON John Smith), one a line. "
        f"{_SKIP}: skip, {_STOP}: stop; what was answered is kept.",
        markup=False,
    )
    for number, segment in enumerate(left, 1):
        screen.console.rule(f"{number} of {len(left)}: {segment.stratum}")
        shown = Text(segment.text)
        shown.highlight_regex(r"\[[A-Z_]+(?:-[a-z0-9]+)?\]", "bold green")
        screen.console.print(shown)
        found = _answers_on(segment)
        if found is None:
            return
        if isinstance(found, list):
            measuring.answer(workspace, sample.version, segment, found)


def _answers_on(segment: Segment) -> list[Leak] | str | None:
    """What the reviewer types of a segment: leaks, "s" to skip it, None to stop."""
    from curation.leaks import found_words

    found: list[Leak] = []
    while typed := typer.prompt("left over", default="", show_default=False).strip():
        if typed == _STOP:
            return None
        if typed == _SKIP:
            return _SKIP
        kind, _, words = typed.partition(" ")
        try:
            found.append(found_words(segment, kind.upper(), words.strip()))
        except ValueError:
            screen.console.print("these words do not stand in the segment; type KIND and the words as they stand")
    return found


def _show(made: list[Measurement], as_json: bool) -> None:
    if as_json:
        print(json.dumps([asdict(one) for one in made], indent=1, ensure_ascii=False))
        return
    columns = ("measured", "value", "low", "high", "of")
    rows = [(one.name, *(_number(value) for value in (one.value, one.low, one.high)), one.trials) for one in made]
    screen.table("How much personal data is left", columns, rows, right=columns[1:])
    for method in dict.fromkeys(one.method for one in made):
        screen.console.print(f"  {method}", style="dim", markup=False)


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


@commands.command(epilog="Example: cleartitle anonymity people.csv --columns age,region --sensitive diagnosis")
def anonymity(
    what: Annotated[str, typer.Argument(help="A version, or a table: .parquet, .csv, .jsonl.")],
    workspace: WorkspaceOption = HERE,
    columns: Annotated[
        str, typer.Option(help="Quasi-identifiers, comma separated; none: what a version's texts still name.")
    ] = "",
    sensitive: Annotated[str, typer.Option(help="Column whose values must differ within a class (l-diversity).")] = "",
    wanted: Annotated[int, typer.Option("--k", min=2, help="Size that each class should have.")] = 5,
    out: Annotated[Path | None, typer.Option(help="Write the table as proposed (Parquet, CSV by name).")] = None,
    recipe: Annotated[Path | None, typer.Option(help="The recipe, where it does not lie beside the workspace.")] = None,
    keep: Annotated[str, typer.Option(help="Of a table: the version to keep the figures on.")] = "",
) -> None:
    """Count whom a table or a version tells apart: k-anonymity, l-diversity, uniqueness; propose coarser values."""
    from curation import reidentification as measuring

    named = tuple(name.strip() for name in columns.split(",") if name.strip())
    if out:
        refuse_existing(out)
    is_table = Path(what).suffix.lower() in measuring.READERS
    if is_table and not named:
        raise UsageError("--columns: which columns may others know?", cure="For example --columns age,region.")
    if is_table:
        found = measuring.of_table(Path(what), named, sensitive, wanted, out)
    elif named:
        found = measuring.of_columns(Workspace.open(workspace), what, named, sensitive, wanted, recipe)
    else:
        with screen.Bars() as bars:
            found = measuring.of_texts(Workspace.open(workspace), what, recipe, bars)
    for title, heads, rows in found.tables:
        screen.table(title, heads, rows, right=heads[1:])
    for line in found.lines:
        screen.console.print(line, markup=False)
    if version := (keep if is_table else what):
        measuring.save(Workspace.open(workspace), version, found)
