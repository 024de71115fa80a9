"""The command line. The one module that may import every room.

Exit codes: 0 done, 1 bug, 2 usage or recipe, 3 done but some input was unreadable,
4 refused by the gate or a budget, 5 a dependency, disk or permission is missing, 130 interrupted.
"""

from __future__ import annotations

import os
import sys
import time
import traceback
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
import typer.core
from rich.markup import escape

from catalog.errors import CleartitleError, MissingExtra, NotFound
from curation import (
    cli_catalog,
    cli_files,
    cli_licenses,
    cli_pii,
    cli_privacy,
    cli_quality,
    cli_rights,
    cli_training,
    cli_workspace,
    doctor,
    screen,
    screen_training,
)
from curation.cli_training import fit
from curation.cli_workspace import publish

# What --help shows, and in which order.
PANELS = {
    "From input to a version": ("init", "run", "demo", "status", "doctor"),
    "Ask": ("why", "sql", "review", "diff", "thresholds", "distribution", "card"),
    "Measure what is left of people": ("leaks", "anonymity"),
    "Let out, keep, take back": ("export", "publish", "tag", "erase", "consent", "migrate"),
    "Train privately": ("train", "abandon", "budget", "audit", "predict"),
    "Single files, without a workspace": ("license", "pii", "image"),
}


class _Commands(typer.core.TyperGroup):
    """Commands by panel; and typer alone would end an interrupted command without a word."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        panels = {name: panel for panel, names in PANELS.items() for name in names}
        self.commands = {name: self.commands[name] for name in dict.fromkeys((*panels, *self.commands))}
        for name, command in self.commands.items():
            if isinstance(command, typer.core.TyperCommand | typer.core.TyperGroup):
                command.rich_help_panel = panels.get(name)

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            screen.errors.print("interrupted; what was done is kept, the same command goes on")
            raise typer.Exit(130) from None


app = typer.Typer(
    name="cleartitle",
    cls=_Commands,
    help="Training data with its title papers: why may we use this record, and what does the model give away?",
    epilog="Start with: cleartitle init recipe.toml && cleartitle run recipe.toml",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)

app.add_typer(cli_workspace.commands)
app.add_typer(cli_rights.commands)
app.add_typer(cli_rights.consent_app, name="consent")
app.add_typer(cli_privacy.commands)
app.add_typer(cli_quality.commands)
app.add_typer(cli_catalog.commands)
app.add_typer(cli_training.commands)
app.add_typer(cli_licenses.app, name="license")
app.add_typer(cli_pii.pii_app, name="pii")
app.add_typer(cli_files.image_app, name="image")

DEMO_QUERY = (
    """SELECT licence, action, records FROM licence_mix WHERE licence IS NOT NULL ORDER BY records DESC LIMIT 8"""
)


class LogForm(StrEnum):
    """How a run logs on standard error."""

    none = "none"
    text = "text"
    json = "json"


def _version(asked: bool) -> None:
    if asked:
        from curation.commit import code_version

        print(code_version())
        raise typer.Exit


@app.callback()
def options(
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks of errors.")] = False,
    version: Annotated[  # noqa: ARG001 - the callback answers it
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    """Options for every command."""
    if debug:
        os.environ["CLEARTITLE_DEBUG"] = "1"


@app.command(epilog="Example: cleartitle init recipe.toml --source 'crawl/*.warc.gz'")
def init(
    recipe: Annotated[Path, typer.Argument(help="File to write.")] = Path("recipe.toml"),
    dataset: Annotated[str, typer.Option(help="Name of the data set.")] = "mine",
    source: Annotated[str, typer.Option(help="Path, glob or URL of the first source.")] = "data/*.jsonl",
) -> None:
    """Write a commented recipe."""
    from curation import starter

    starter.write(recipe, dataset, source)
    screen.console.print(f"Wrote {recipe}. Look it over, then: cleartitle run {recipe}")


@app.command(epilog="Example: cleartitle run recipe.toml --set 'quality.presets=[\"c4\"]'")
def run(
    recipe: Annotated[Path, typer.Argument(help="The recipe.")],
    workspace: Annotated[
        Path | None,
        typer.Option(
            "--workspace", "-w", envvar="CLEARTITLE_WORKSPACE", help="Default: `workspace` beside the recipe."
        ),
    ] = None,
    workers: Annotated[
        int | None, typer.Option(min=0, help="Processes; 0 works in this one. Default: one a core.")
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Read only so many items of each input.")] = None,
    setting: Annotated[list[str] | None, typer.Option("--set", help="Change a recipe key: key.path=value.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what a run would take, from a sample.")] = False,
    log: Annotated[
        LogForm, typer.Option(help="Log on standard error in this form, in place of progress bars.")
    ] = LogForm.none,
) -> None:
    """Take a recipe to a dataset version with its card. Stopped anywhere, it goes on where it was."""
    from curation import runner
    from curation.recipe import load

    loaded = load(recipe, tuple(setting or ()))
    place = workspace or loaded.folder / "workspace"
    # Only where pictures are sure to come; one met in a crawl tells what it needs by itself.
    pictures = any(source.kind in ("folder", "contributions") for source in loaded.source)
    images = pictures and loaded.privacy.images != "metadata"
    doctor.require(place, images=images, text_model=loaded.privacy.text == "strict")
    with screen.Bars(quiet=log is not LogForm.none) as bars:
        if dry_run:
            _preview(loaded, place, workers, bars)
            return
        done = runner.run(loaded, place, workers=workers, limit=limit, progress=bars, log=log.value)
    screen.outcome(done)
    if done.unreadable:
        raise typer.Exit(3)


def _preview(recipe: Any, place: Path, workers: int | None, bars: screen.Bars) -> None:
    from curation.preview import preview

    found = preview(recipe, workers, bars, place)
    least = "" if found.counted_all else "at least "
    screen.console.print(
        f"{least}{screen.counted(found.records, 'record')}; about {found.seconds:.0f} s with "
        f"{screen.counted(found.workers, 'worker')}, "
        f"{found.memory / 2**30:.1f} GiB of memory, {found.disk / 2**20:.0f} MiB of disk "
        f"(judged by {screen.counted(found.sampled, 'record')}; nothing was kept)"
    )
    rows = [(action, f"{share:.1%}", reason) for action, share, reason in found.shares]
    screen.ways("Shares of the sample", "share", rows)


@app.command(epilog="Example: cleartitle demo --out demo-workspace")
def demo(
    out: Annotated[Path, typer.Option(help="Folder for the demo's input and workspace.")] = Path("demo-workspace"),
    workers: Annotated[int | None, typer.Option(min=0, help="Processes; default: one a core.")] = None,
) -> None:
    """Run the whole job on input that cleartitle makes itself: crawl, photos, labels, card, private model."""
    from curation import runner
    from curation.demo.make import CLASSES, MESSAGES, make
    from training import tasks

    started = time.monotonic()
    screen.console.print("A smoke test on made-up input: no figure from it says anything about quality.")
    make(out / "input")
    with screen.Bars() as bars:
        done = runner.run(out / "input" / "recipe.toml", out / "workspace", workers=workers, progress=bars)
    fitted = fit(
        done.workspace,
        done.manifest,
        {
            "epsilon": 8.0,
            "batch": 400,
            "steps": 150,
            "population": MESSAGES,
            "purpose": "sort harbour messages by topic",
        },
        tasks.named("text", classes=CLASSES),
    )
    publish(done.workspace)
    screen.outcome(done)
    screen_training.fitted(fitted, done.manifest.audience)
    screen.answer(done.workspace, DEMO_QUERY)
    screen.console.print(
        f"done in {time.monotonic() - started:.0f} s; next: cleartitle why ID -w {done.workspace.root}"
    )


def main() -> None:
    """The `cleartitle` command: errors are sentences, exit codes differ by cause."""
    try:
        app(prog_name="cleartitle")
    except Exception as error:  # noqa: BLE001 - the last place where anything can be told
        sys.exit(_tell(error))


def _tell(error: Exception) -> int:
    """Say an error in a sentence; its exit code."""
    if os.environ.get("CLEARTITLE_DEBUG"):
        screen.errors.print(_trace(error), markup=False, highlight=False, soft_wrap=True)
    if isinstance(error, ModuleNotFoundError):
        told = f"the package {error.name} is not installed. {doctor.cure(error.name or '')}"
        screen.errors.print(f"[red]error {MissingExtra.id}[/]", escape(told))
        return MissingExtra.exit_code
    if isinstance(error, FileNotFoundError | FileExistsError | NotADirectoryError | IsADirectoryError) and error.errno:
        cure = "Check the path; of a workspace's own files `cleartitle doctor` knows more."
        error = NotFound(str(error.strerror), cure=cure, place=str(error.filename))
    if isinstance(error, CleartitleError):
        screen.errors.print(f"[red]error {error.id}[/]", escape(str(error)))
        return error.exit_code
    if isinstance(error, OSError) and error.errno is not None:
        import privacy

        place = privacy.mask(str(error.filename or ""))
        screen.errors.print("[red]error CT-500[/]", escape(f"{error.strerror}: {place}"), "see `cleartitle doctor`")
        return 5
    screen.errors.print(
        f"[red]error CT-100[/] {type(error).__name__}: a bug in cleartitle. What was done is kept.",
        "Run again with --debug to see where, and please report it.",
    )
    return 1


def _trace(error: BaseException) -> str:
    """Where it went wrong. Words of exceptions that are not ours are left out: they may quote a record."""
    lines = ["Traceback (most recent call last):\n"]
    told: BaseException | None = error
    while told is not None:
        lines += traceback.format_list(traceback.extract_tb(told.__traceback__))
        words = f": {told}" if isinstance(told, CleartitleError) else " (its words are left out)"
        lines.append(f"{type(told).__name__}{words}\n")
        told = told.__cause__ or (None if told.__suppress_context__ else told.__context__)
        lines += ["caused by:\n"] if told else []
    return "".join(lines)


if __name__ == "__main__":
    main()
