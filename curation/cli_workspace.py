"""Commands on a workspace: what is in it, why, what changed, and letting it out."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from catalog.errors import NotFound, UsageError
from catalog.manifests import Manifest
from catalog.workspace import Workspace
from curation import cli_quality, screen

commands = typer.Typer()

WorkspaceOption = Annotated[
    Path, typer.Option("--workspace", "-w", envvar="CLEARTITLE_WORKSPACE", help="The folder `run` writes to.")
]
HERE = Path("workspace")


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


def publish(workspace: Workspace) -> None:
    """Publish the catalog anew, so that it shows what was just done; an erasure that waits is finished first."""
    from catalog.erase import finish_if_free
    from catalog.publish import publish as write

    finish_if_free(workspace)
    write(workspace)


@commands.command(epilog="Example: cleartitle status")
def status(workspace: WorkspaceOption = HERE) -> None:
    """Show the versions of a workspace and what became of their records."""
    from catalog import manifests, tags

    opened = Workspace.open(workspace)
    found, tagged = manifests.versions(opened), tags.read(opened)
    columns = ("version", "made", "audience", "keep", "redact", "hold", "drop", "hash")
    rows = [
        (
            _named(manifest, tagged.get(manifest.dataset, {})),
            manifest.created_at,
            manifest.audience,
            *(manifest.counts.get(action, 0) for action in ("keep", "redact", "hold", "drop")),
            manifest.hash[:16],
        )
        for manifest in found
    ]
    screen.table("", columns, rows, right=columns[3:7])


def _named(manifest: Manifest, tagged: Mapping[str, int]) -> str:
    """A version's name, with its tags and what sets it apart."""
    about = [label for label, number in sorted(tagged.items()) if number == manifest.number]
    about += [f"limit {manifest.limit}"] if manifest.limit else []
    about += [f"amendment {manifest.amendment}: records were erased"] if manifest.amendment else []
    return f"{manifest.name} ({'; '.join(about)})" if about else manifest.name


@commands.command(epilog="Example: cleartitle why 3f2a91c0   (the beginning of an id, or an address)")
def why(
    record: Annotated[str, typer.Argument(help="Record id, its beginning, or the record's address.")],
    workspace: WorkspaceOption = HERE,
    opened: Annotated[
        bool, typer.Option("--open", help="Show a picture before and after, in a private temporary file.")
    ] = False,
    folder: Annotated[
        Path | None, typer.Option("--sources", help="The recipe's folder; default: where the workspace lies.")
    ] = None,
) -> None:
    """Tell one record's whole story: source, evidence, findings, decision, versions."""
    from curation.why import story

    screen.story(story(Workspace.open(workspace), record))
    if opened:
        from curation import sheet

        path = sheet.write(Workspace.open(workspace), record, folder)
        shown = "opened" if sheet.show(path) else "no screen to open it on"
        screen.console.print(
            f"PRIVATE: {path} ({shown}) shows the picture before and after redaction. Look, then delete it.",
            markup=False,
            soft_wrap=True,
        )


@commands.command(epilog='Example: cleartitle sql "SELECT * FROM licence_mix"')
def sql(
    query: Annotated[str, typer.Argument(help="One SQL statement over the catalog.")],
    workspace: WorkspaceOption = HERE,
    form: Annotated[Format, typer.Option("--format", help="table, csv or json.")] = Format.table,
) -> None:
    """Ask the catalog. It answers while a run is writing, too."""
    from catalog import queries

    result = queries.query(Workspace.open(workspace), query)
    if form is Format.table:
        screen.result(result)
        return
    rows = result.df()
    if form is Format.csv:
        rows.to_csv(sys.stdout, index=False)
    else:
        print(rows.to_json(orient="records", date_format="iso", default_handler=str))


@commands.command(epilog="Example: cleartitle review 3f2a91c0 --accept --note 'the name is the author'")
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
        publish(opened)
        screen.console.print(f"{item.id[:13]} {'accepted' if accept else 'refused'}; `cleartitle run` acts on it.")
    else:
        from curation.why import story

        screen.story(story(opened, record))


@commands.command(epilog="Example: cleartitle card harbour@1")
def card(
    version: Annotated[str, typer.Argument(help="Version; a data set's name means its newest.")],
    workspace: WorkspaceOption = HERE,
    verify: Annotated[bool, typer.Option("--verify", help="Recompute every figure from the shards.")] = False,
    answers: Annotated[
        Path | None, typer.Option(help="Card file (YAML) with people's answers: make the card anew with them.")
    ] = None,
    anew: Annotated[bool, typer.Option("--anew", help="Make the card anew, with what was measured since.")] = False,
) -> None:
    """Print a version's card, make it anew, or verify it."""
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
    if answers or anew or not path.is_file():
        publish(opened)
        cards.write(opened, manifest, answers)
    print(path.read_text("utf-8"))


@commands.command(epilog="Example: cleartitle export harbour@1 --out release --format parquet")
def export(
    version: Annotated[str, typer.Argument(help="Version; a data set's name means its newest.")],
    workspace: WorkspaceOption = HERE,
    out: Annotated[Path | None, typer.Option(help="Folder to write; default: exports/ in the workspace.")] = None,
    form: Annotated[
        ExportFormat, typer.Option("--format", help="parquet, jsonl or huggingface.")
    ] = ExportFormat.parquet,
    use: Annotated[
        str, typer.Option(help="What the copy is for; a train-only version leaves only to train.")
    ] = "share redacted",
    pointers: Annotated[bool, typer.Option("--pointers", help="Also list held works by address and licence.")] = False,
    catalog: Annotated[bool, typer.Option("--catalog", help="Also the publishable catalog: see `publish`.")] = False,
) -> None:
    """Write a version with its attribution manifest beside it, if the gate lets it go."""
    from catalog import manifests
    from catalog.croissant import missing
    from catalog.export import export as write

    opened = Workspace.open(workspace)
    manifest = manifests.find(opened, version)
    done = write(
        opened,
        manifest.name,
        out or opened.exports / f"{manifest.name}-{form.value}",
        form.value,
        use=use,
        pointers=pointers,
        catalog=catalog,
    )
    publish(opened)
    screen.console.print(f"{manifest.name}: {done.records} records in {done.folder}, credits beside them")
    for words in missing(json.loads((done.folder / "croissant.json").read_text("utf-8"))):
        screen.console.print(f"croissant.json lacks {words}", markup=False)


@commands.command(epilog="Example: cleartitle doctor --workspace workspace")
def doctor(workspace: WorkspaceOption = HERE) -> None:
    """Check Python, packages, models, disk, permission, GPU and the workspace; say the cure."""
    from curation import doctor as examining

    found = examining.examine(workspace)
    try:
        opened = Workspace.open(workspace)
    except NotFound:
        pass
    else:
        of_it = examining.workspace_findings(opened)
        found += of_it
        if all(item.state != "missing" for item in of_it):
            publish(opened)  # a workspace that was moved reads from its new place again
    screen.findings(found)
    if any(item.state == "missing" for item in found):
        raise typer.Exit(5)


@commands.command(epilog="Example: cleartitle diff harbour@1 harbour@2")
def diff(
    before: Annotated[str, typer.Argument(help="The earlier version.")],
    after: Annotated[str, typer.Argument(help="The later version.")],
    workspace: WorkspaceOption = HERE,
) -> None:
    """Show what changed from one version to another: records, decisions, licences, drift."""
    from catalog.diff import diff as compare

    found = compare(Workspace.open(workspace), before, after)
    columns = ("entered", "left", "added to the version", "removed from it", "content changed")
    row = (found.entered, found.left, found.added, found.removed, found.changed)
    screen.table(f"{found.before} to {found.after}", columns, [row], right=columns)
    shifts = [(shift.before, shift.after, shift.records, shift.reasons) for shift in found.decisions]
    screen.table("decisions", ("from", "to", "records", "because"), shifts, right=("records",))
    licences = [(shift.before, shift.after, shift.records) for shift in found.licences]
    screen.table("licences of what both hold", ("from", "to", "records"), licences, right=("records",))
    cli_quality.drift(Workspace.open(workspace), found.before, found.after)


@commands.command(epilog="Example: cleartitle thresholds harbour@1 --rule gopher-words")
def thresholds(
    version: Annotated[str, typer.Argument(help="Version; a data set's name means its newest.")],
    workspace: WorkspaceOption = HERE,
    rule: Annotated[list[str] | None, typer.Option(help="Ids of rules; none: all that fire.")] = None,
) -> None:
    """Show, per quality rule, what it drops, its histogram and the records on either side of it."""
    from curation.outlook import outlooks

    for found in outlooks(Workspace.open(workspace), version, tuple(rule or ())):
        screen.outlook(found)
