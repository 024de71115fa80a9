"""What the command line shows: tables, bars and sentences, all through one rich console."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from catalog.queries import Result, query
from catalog.workspace import Workspace
from curation.doctor import Finding
from curation.why import Table as Chapter

if TYPE_CHECKING:
    from curation.outlook import Effect
    from curation.runner import Outcome

# Files and pipes get a width that tables fit in; a terminal has its own.
console = Console(width=None if os.isatty(1) else 120, highlight=False, emoji=False)
errors = Console(stderr=True, highlight=False, emoji=False, soft_wrap=True)

_STAGES = {
    "facts": "Reading, and finding facts",
    "comparing": "Judging what can be judged at once",
    "duplicates": "Comparing the whole set",
    "deciding": "Deciding",
    "privacy": "Looking for personal data",
    "content": "Writing what stays, redacted",
    "content-verbatim": "Writing what a person accepted as it is",
    "training": "Training privately",
    "packing": "Packing shards",
    "card": "Writing the card, publishing the catalog",
}
NARROWEST = 10  # letters that a column needs to be read
_LISTED = 40  # parts of inputs that could not be read
_TYPES = 8  # of what inputs held
_STYLE = {"keep": "green", "redact": "green", "hold": "yellow", "drop": "red"}


class Bars:
    """A progress bar for each stage of a run; a context manager."""

    def __init__(self, quiet: bool = False) -> None:
        self._bars = Progress(
            SpinnerColumn(finished_text="[green]✓[/]"),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=errors,
            disable=quiet,
        )
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Bars:
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._finish()
        self._bars.stop()

    def begin(self, stage: str, total: int | None) -> None:
        """A stage starts; it is met again when a run goes round."""
        self._finish()
        label = _STAGES.get(stage, stage)
        if stage in self._tasks:
            self._bars.reset(self._tasks[stage], total=total)
        else:
            self._tasks[stage] = self._bars.add_task(label, total=total)

    def reach(self, stage: str, step: int, epsilon: float | None) -> None:
        """Training is at a step; epsilon is told when it was reckoned."""
        self._bars.update(self._tasks[stage], completed=step)
        if epsilon is not None:
            label = f"{_STAGES.get(stage, stage)}, epsilon so far {epsilon:.2f}"
            self._bars.update(self._tasks[stage], description=label)

    def advance(self, stage: str, count: int, batch: str = "") -> None:  # noqa: ARG002 - for the log
        """`count` more are done."""
        self._bars.update(self._tasks[stage], advance=count)

    def _finish(self) -> None:
        for task in self._bars.tasks:
            if not task.finished:
                self._bars.update(task.id, total=max(task.completed, 1), completed=max(task.completed, 1))


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]], right: Sequence[str] = ()) -> None:
    """Print a table; columns named in `right` are numbers."""
    if title:
        console.print(title, style="bold", markup=False)
    shown = Table(header_style="bold")
    for column in columns:
        shown.add_column(column, justify="right" if column in right else "left", overflow="fold")
    for row in rows:
        shown.add_row(*(escape(_cell(value)) for value in row))
    if shown.rows:
        console.print(shown)
    else:
        console.print("  none", style="dim")


def _cell(value: Any) -> str:
    """A value as a table shows it: bytes in hexadecimal, lists and structs as JSON."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False, default=_cell)
    return "" if value is None else str(value)


def outcome(done: Outcome) -> None:
    """The end of a run: what entered, what became of it and why, what was taken out, where things are."""
    name = done.manifest.name
    became(done.workspace, name)
    taken_out(done.workspace, name)
    held = counted(done.records, "record")
    console.print(f"[bold]{name}[/] hash {done.manifest.hash[:16]}…, {held} in {done.seconds:.1f} s")
    console.print(f"card     {done.card}\ncatalog  {done.workspace.catalog}")
    entries(done.workspace, name)
    if limit := done.manifest.limit:
        console.print(f"[yellow]limited: of each input {counted(limit, 'item')} at most, not all that it holds[/]")
    if done.unreadable:
        parts = counted(done.unreadable, "record or part of a file", "records or parts of files")
        console.print(f"[yellow]{parts} could not be read; each has a row:[/]")
        unreadable(done.workspace, name)


def entries(workspace: Workspace, version: str) -> None:
    """What the inputs held, by type: what lies beside records too."""
    rows = query(
        workspace,
        f"""SELECT sum("count")::BIGINT, type FROM input_entries WHERE version = '{version}'
            GROUP BY type ORDER BY 1 DESC, 2""",
    ).fetchall()
    told = [f"{number} {name}" for number, name in rows[:_TYPES]]
    if len(rows) > _TYPES:
        told.append(f"{counted(len(rows) - _TYPES, 'more type')} in the table input_entries")
    if told:
        console.print(f"inputs   {escape(', '.join(told))}")


def counted(number: int, one: str, more: str = "") -> str:
    """A number with its word, in the singular or the plural."""
    return f"{number} {one if number == 1 else more or one + 's'}"


def became(workspace: Workspace, version: str) -> None:
    """Records by action and reason."""
    ways(f"{version}: what became of every record", "records", outcomes(workspace, version))


def outcomes(workspace: Workspace, version: str) -> list[tuple[str, int, str]]:
    """How many records each action met, and for each of its reasons."""
    return query(
        workspace,
        f"""SELECT action, count(*) AS records, '' AS reason FROM decisions WHERE version = '{version}' GROUP BY action
            UNION ALL
            SELECT action, count(DISTINCT id), reason FROM reasons WHERE version = '{version}' GROUP BY action, reason
            ORDER BY array_position(['keep', 'redact', 'hold', 'drop'], action), reason <> '', 2 DESC, 3""",
    ).fetchall()


def ways(title: str, counted: str, rows: Iterable[tuple[str, int | str, str]]) -> None:
    """Actions, and below each one its reasons."""
    console.print(title, style="bold")
    shown = Table(header_style="bold")
    for column in ("became", counted, "because"):
        shown.add_column(column, justify="right" if column == counted else "left")
    for action, number, reason in rows:
        style = _STYLE[action]
        if reason:
            shown.add_row("", f"{number}", reason, style="dim")
        else:
            shown.add_row(f"[{style}]{action}[/]", f"[bold]{number}[/]", "")
    console.print(shown)


def taken_out(workspace: Workspace, version: str) -> None:
    """Personal data by kind."""
    rows = query(
        workspace,
        f"""SELECT modality, kind, found, found_records, replaced FROM pii_by_kind
            WHERE version = '{version}' ORDER BY modality DESC, found DESC, kind""",
    ).fetchall()
    columns = ("in", "personal data", "found", "in records", "replaced in what stays")
    if rows:
        table(f"{version}: personal data by kind", columns, rows, right=columns[2:])
        console.print(
            "Found: in all records looked at, a place under each kind it may be. Replaced: in what stays, a place once;"
            r" some kinds stay by \[privacy.rules].",
            style="dim",
        )


def answer(workspace: Workspace, sql: str) -> None:
    """A question in SQL and its answer."""
    console.print(f'\n[bold]cleartitle sql[/] [cyan]"{escape(sql)}"[/]')
    result(query(workspace, sql))


def result(found: Result) -> None:
    """Rows as a table, or each as a table of its own where they have too many columns to stand side by side."""
    rows = found.fetchall()
    if len(found.columns) * NARROWEST <= console.width:
        table("", found.columns, rows)
        return
    for row in rows:
        table("", ("column", "value"), zip(found.columns, row, strict=True))


def unreadable(workspace: Workspace, version: str) -> None:
    """Parts of inputs that could not be read, file by file."""
    rows = query(
        workspace,
        f"""SELECT input, p.position, nullif(address, input || ':' || p.position), coalesce(message, p.problem)
            FROM input_problems AS p
            LEFT JOIN facts AS f ON f.version = p.version AND f.container = input AND f.position = p.position
                                 AND f.problem IS NOT NULL
            WHERE p.version = '{version}' ORDER BY ALL""",
    ).fetchall()
    table("", ("input", "at (from 0)", "address", "problem"), rows[:_LISTED], right=("at (from 0)",))
    if len(rows) > _LISTED:
        console.print(f"and {len(rows) - _LISTED} more: cleartitle sql 'SELECT * FROM input_problems'", style="dim")


def outlook(found: Effect) -> None:
    """What a rule does: a histogram, and the records nearest to its threshold."""
    rule, seen = found.rule, found.outlook
    bound = f">= {rule.min:g}" if rule.min is not None else f"<= {rule.max:g}"
    told = f"{seen.fires} of {seen.examined} beyond it, {found.given} {rule.action}"
    console.print(f"[bold]{rule.id}[/] ({rule.signal} {bound}): {told}")
    most = max((bar.records for bar in seen.bars), default=1) or 1
    edge = rule.min if rule.min is not None else rule.max or 0.0
    for bar in seen.bars:
        mark = f"  [yellow]◂ {bound}[/]" if bar.low <= edge < bar.high else ""
        console.print(f"  {bar.low:>12.4g} {'█' * round(40 * bar.records / most)} {bar.records}{mark}", highlight=False)
    for name, group in (("just inside", seen.inside), ("just outside", seen.outside)):
        for near in group:
            console.print(f"  {name}  {near.value:<10.4g} {near.id[:13]}  {near.address}", markup=False, style="dim")


def story(chapters: list[Chapter]) -> None:
    """One record's story."""
    for chapter in chapters:
        if len(chapter.rows) == 1 and len(chapter.columns) > 5:
            table(chapter.heading, ("", ""), zip(chapter.columns, chapter.rows[0], strict=True))
        elif chapter.rows:
            table(chapter.heading, chapter.columns, chapter.rows)
        else:
            console.print(f"[bold]{chapter.heading}[/]\n  {chapter.empty}")


def findings(found: list[Finding]) -> None:
    """What doctor found."""
    marks = {"ok": "[green]ok[/]", "note": "[yellow]note[/]", "missing": "[red]missing[/]"}
    shown = Table(header_style="bold")
    for column in ("", "what", "found", "cure"):
        shown.add_column(column, overflow="fold")
    for item in found:
        shown.add_row(
            marks[item.state], escape(item.what), escape(item.found), escape(item.cure if item.state != "ok" else "")
        )
    console.print(shown)
