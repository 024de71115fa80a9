"""Commands that keep the catalog: publishing it, naming versions, bringing old workspaces up to date."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from catalog.errors import UsageError
from catalog.workspace import Workspace
from curation import screen
from curation.cli_workspace import HERE, WorkspaceOption

commands = typer.Typer()


@commands.command(epilog="Example: cleartitle publish harbour@1 --public --out harbour-catalog.duckdb")
def publish(
    version: Annotated[str, typer.Argument(help="Version, for --public; a data set's name means its newest.")] = "",
    workspace: WorkspaceOption = HERE,
    public: Annotated[
        bool, typer.Option("--public", help="Also write the catalog that may lie beside a public copy of VERSION.")
    ] = False,
    out: Annotated[Path | None, typer.Option(help="File for --public; default: beside the version's cards.")] = None,
    use: Annotated[str, typer.Option(help="What the public catalog is for; the gate is asked.")] = "share redacted",
) -> None:
    """Make catalog.duckdb anew from shards and manifests; with --public, a second one that may be given away.

    The public one counts and never lists: no contributors, consent, membership, single records or paths, and
    counts under ten are hidden. A card that says no more than it lies beside it under the same name.
    """
    from catalog import manifests
    from catalog.export import publish_catalog
    from catalog.publish import publish as write

    if public != bool(version):
        raise UsageError("a version and --public go together", cure="cleartitle publish harbour@1 --public")
    opened = Workspace.open(workspace)
    print(write(opened))
    if public:
        print(*publish_catalog(opened, manifests.find(opened, version), out, use=use), sep="\n")
    elif out:
        raise UsageError("--out names the file of --public")


@commands.command(epilog="Example: cleartitle tag harbour@1 paper   (then harbour@paper is the same version)")
def tag(
    version: Annotated[str, typer.Argument(help="Version; a data set's name means its newest.")],
    label: Annotated[str, typer.Argument(help="The name to give it; none: list the data set's tags.")] = "",
    workspace: WorkspaceOption = HERE,
    move: Annotated[bool, typer.Option("--move", help="Take the tag from the version that has it.")] = False,
    remove: Annotated[bool, typer.Option("--remove", help="Take the tag away; the version stays.")] = False,
) -> None:
    """Give a version a name, usable wherever the version's own is."""
    from catalog import manifests, tags
    from catalog.publish import publish as write

    opened = Workspace.open(workspace)
    manifest = manifests.find(opened, version)
    if not label:
        known = tags.read(opened).get(manifest.dataset, {})
        rows = [(name, f"{manifest.dataset}@{number}") for name, number in sorted(known.items())]
        screen.table("", ("tag", "version"), rows)
        return
    with opened.lock():
        if remove:
            tags.remove(opened, manifest.dataset, label)
        else:
            tags.put(opened, manifest.dataset, manifest.number, label, move=move)
        write(opened)
    done = f"{label} is no tag any more" if remove else f"{manifest.dataset}@{label} is {manifest.name} now"
    screen.console.print(done, markup=False)


@commands.command(epilog="Example: cleartitle migrate --dry-run")
def migrate(
    workspace: WorkspaceOption = HERE,
    dry: Annotated[bool, typer.Option("--dry-run", help="Only tell which files have an older format.")] = False,
) -> None:
    """Write files of an older format anew in today's. Older ones are read all the same; newer ones are refused."""
    from catalog import formats
    from catalog.publish import publish as write

    opened = Workspace.open(workspace)
    with opened.lock():
        done = formats.migrate(opened, dry=dry)
        rows = [(str(one.path.relative_to(opened.root)), one.before, one.after) for one in done]
        screen.table(f"{len(rows)} files of an older format", ("file", "from", "to"), rows)
        if not dry:
            write(opened)
