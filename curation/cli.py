"""The command line. The one module that may import every room.

Exit codes: 0 done, 1 bug, 2 usage or recipe, 3 done but some input was unreadable,
4 refused by the gate or a budget, 5 a dependency, disk or permission is missing, 130 interrupted.
"""

from __future__ import annotations

import os
import sys
import traceback
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from catalog.errors import CleartitleError, MissingExtra, NotFound, UsageError
from catalog.workspace import Workspace
from curation import screen

app = typer.Typer(
    name="cleartitle",
    help="Training data with its title papers: why may we use this record, and what does the model give away?",
    epilog="Start with: cleartitle init recipe.toml && cleartitle run recipe.toml",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)

WorkspaceOption = Annotated[
    Path, typer.Option("--workspace", "-w", envvar="CLEARTITLE_WORKSPACE", help="The folder `run` writes to.")
]
HERE = Path("workspace")


class LogForm(StrEnum):
    """How a run logs on standard error."""

    none = "none"
    text = "text"
    json = "json"


class Format(StrEnum):
    """How `sql` prints."""

    table = "table"
    csv = "csv"
    json = "json"


class ExportFormat(StrEnum):
    """What `export` writes."""

    parquet = "parquet"
    jsonl = "jsonl"
    huggingface = "huggingface"


@app.callback()
def options(
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks of errors.")] = False,
    version: Annotated[bool, typer.Option("--version", help="Print the version and stop.")] = False,
) -> None:
    """Options for every command."""
    if debug:
        os.environ["CLEARTITLE_DEBUG"] = "1"
    if version:
        from curation.commit import code_version

        print(code_version())
        raise typer.Exit


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
    from curation import doctor, runner
    from curation.recipe import load

    loaded = load(recipe, tuple(setting or ()))
    place = workspace or loaded.folder / "workspace"
    images = loaded.privacy.images != "metadata"
    doctor.require(place, images=images, text_model=loaded.privacy.text == "strict")
    with screen.Bars(quiet=log is not LogForm.none) as bars:
        if dry_run:
            _preview(loaded, workers, bars)
            return
        done = runner.run(loaded, place, workers=workers, limit=limit, progress=bars, log=log.value)
    screen.outcome(done)
    if done.unreadable:
        raise typer.Exit(3)


def _preview(recipe: Any, workers: int | None, bars: screen.Bars) -> None:
    from curation.preview import preview

    found = preview(recipe, workers, bars)
    least = "" if found.counted_all else "at least "
    screen.console.print(
        f"{least}{found.records} records; about {found.seconds:.0f} s with {found.workers} workers, "
        f"{found.memory / 2**30:.1f} GiB of memory, {found.disk / 2**20:.0f} MiB of disk "
        f"(judged by {found.sampled} records; nothing was kept)"
    )
    rows = [(action, reason, f"{share:.1%}") for action, reason, share in found.shares]
    screen.table("Shares of the sample", ("became", "because", "share"), rows, right=("share",))


@app.command(epilog="Example: cleartitle status")
def status(workspace: WorkspaceOption = HERE) -> None:
    """Show the versions of a workspace and what became of their records."""
    from catalog import manifests

    found = manifests.versions(Workspace.open(workspace))
    columns = ("version", "made", "audience", "keep", "redact", "hold", "drop", "hash")
    rows = [
        (
            manifest.name,
            manifest.created_at,
            manifest.audience,
            *(manifest.counts.get(action, 0) for action in ("keep", "redact", "hold", "drop")),
            manifest.hash[:16],
        )
        for manifest in found
    ]
    screen.table("", columns, rows, right=columns[3:7])


@app.command(epilog="Example: cleartitle why 3f2a91c0   (the beginning of an id, or an address)")
def why(
    record: Annotated[str, typer.Argument(help="Record id, its beginning, or the record's address.")],
    workspace: WorkspaceOption = HERE,
) -> None:
    """Tell one record's whole story: source, evidence, findings, decision, versions."""
    from curation.why import story

    screen.story(story(Workspace.open(workspace), record))


@app.command(epilog='Example: cleartitle sql "SELECT * FROM licence_mix"')
def sql(
    query: Annotated[str, typer.Argument(help="One SQL statement over the catalog.")],
    workspace: WorkspaceOption = HERE,
    form: Annotated[Format, typer.Option("--format", help="table, csv or json.")] = Format.table,
) -> None:
    """Ask the catalog. It answers while a run is writing, too."""
    from catalog import queries

    result = queries.query(Workspace.open(workspace), query)
    if form is Format.table:
        screen.table("", result.columns, result.fetchall())
        return
    rows = result.df()
    if form is Format.csv:
        rows.to_csv(sys.stdout, index=False)
    else:
        print(rows.to_json(orient="records", date_format="iso", default_handler=str))


@app.command(epilog="Example: cleartitle review 3f2a91c0 --accept --note 'the name is the author'")
def review(
    record: Annotated[
        str | None, typer.Argument(help="Beginning of a held record's id; none: list what is held.")
    ] = None,
    workspace: WorkspaceOption = HERE,
    version: Annotated[str, typer.Option(help="Version; default: the newest.")] = "",
    accept: Annotated[bool, typer.Option("--accept", help="Let it in, as it is.")] = False,
    refuse: Annotated[bool, typer.Option("--refuse", help="Keep it out.")] = False,
    note: Annotated[str, typer.Option(help="Why; no personal data, please.")] = "",
) -> None:
    """List what is held and why; accept or refuse a record. The next run acts on it."""
    from curation import review as reviewing

    opened = Workspace.open(workspace)
    if (accept and refuse) or (record is None and (accept or refuse)):
        raise UsageError("name one record, and either --accept or --refuse")
    if record is None:
        rows = [
            (item.id[:13], item.licence, item.reasons, item.reviewed, item.address)
            for item in reviewing.held(opened, version)
        ]
        screen.table(f"{len(rows)} held", ("id", "licence", "because", "answered", "address"), rows)
    elif accept or refuse:
        item = reviewing.answer(opened, record, "accept" if accept else "refuse", version, note)
        screen.console.print(f"{item.id[:13]} {'accepted' if accept else 'refused'}; `cleartitle run` acts on it.")
    else:
        from curation.why import story

        screen.story(story(opened, record))


@app.command(epilog="Example: cleartitle card harbour@1")
def card(
    version: Annotated[str, typer.Argument(help="Version; a data set's name means its newest.")],
    workspace: WorkspaceOption = HERE,
    verify: Annotated[bool, typer.Option("--verify", help="Recompute every figure from the shards.")] = False,
) -> None:
    """Show where a version's card is, print it, or verify it."""
    from catalog import cards, manifests

    opened = Workspace.open(workspace)
    manifest = manifests.find(opened, version)
    if verify:
        wrong = cards.verify(opened, manifest)
        screen.console.print("every figure is true" if not wrong else "\n".join(str(item) for item in wrong))
        if wrong:
            raise typer.Exit(4)
        return
    path = opened.cards / manifest.name / "README.md"
    if not path.is_file():
        cards.write(opened, manifest)
    print(path.read_text("utf-8"))


@app.command(epilog="Example: cleartitle export harbour@1 --out release --format parquet")
def export(
    version: Annotated[str, typer.Argument(help="Version; a data set's name means its newest.")],
    workspace: WorkspaceOption = HERE,
    out: Annotated[Path | None, typer.Option(help="Folder to write; default: exports/ in the workspace.")] = None,
    form: Annotated[
        ExportFormat, typer.Option("--format", help="parquet, jsonl or huggingface.")
    ] = ExportFormat.parquet,
) -> None:
    """Write a version with its attribution manifest beside it, if the gate lets it go."""
    from catalog import exports, manifests
    from catalog.publish import publish

    opened = Workspace.open(workspace)
    manifest = manifests.find(opened, version)
    done = exports.export(opened, manifest.name, out or opened.exports / f"{manifest.name}-{form.value}", form.value)
    publish(opened)
    screen.console.print(f"{manifest.name}: {done.records} records in {done.path}, credits beside them")


@app.command(epilog="Example: cleartitle doctor --workspace workspace")
def doctor(workspace: WorkspaceOption = HERE) -> None:
    """Check Python, packages, models, disk, permission, GPU and the workspace; say the cure."""
    from catalog.publish import publish
    from curation import doctor as examining

    found = examining.examine(workspace)
    try:
        opened = Workspace.open(workspace)
    except NotFound:
        pass
    else:
        found += examining.workspace_findings(opened)
        publish(opened)  # a workspace that was moved reads from its new place again
    screen.findings(found)
    if any(item.state == "missing" for item in found):
        raise typer.Exit(5)


def main() -> None:
    """The `cleartitle` command: errors are sentences, exit codes differ by cause."""
    try:
        app()
    except KeyboardInterrupt:
        screen.errors.print("interrupted; what was done is kept, the same command goes on")
        sys.exit(130)
    except Exception as error:  # noqa: BLE001 - the last place where anything can be told
        sys.exit(_tell(error))


def _tell(error: Exception) -> int:
    """Say an error in a sentence; its exit code."""
    if os.environ.get("CLEARTITLE_DEBUG"):
        traceback.print_exc()
    if isinstance(error, CleartitleError):
        screen.errors.print(f"[red]error {error.id}[/]", str(error), markup=True)
        return error.exit_code
    if isinstance(error, ModuleNotFoundError):
        screen.errors.print(
            f"[red]error {MissingExtra.id}[/] the package {error.name} is not installed;", "see `cleartitle doctor`"
        )
        return MissingExtra.exit_code
    if isinstance(error, OSError) and error.errno is not None:
        screen.errors.print(
            "[red]error CT-500[/]", f"{error.strerror}: {error.filename or ''}", "see `cleartitle doctor`"
        )
        return 5
    screen.errors.print(
        f"[red]error CT-100[/] {type(error).__name__}: a bug in cleartitle. What was done is kept.",
        "Run again with --debug to see where, and please report it.",
    )
    return 1


if __name__ == "__main__":
    main()
