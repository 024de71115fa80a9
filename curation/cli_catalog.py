"""Commands that keep the catalog: publishing it, naming versions, bringing old workspaces up to date."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from catalog.errors import UsageError
from catalog.workspace import Workspace
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
    counts under ten are hidden.
    """
    from catalog import manifests
    from catalog import public as publishable
    from catalog.publish import publish as write

    if public != bool(version):
        raise UsageError("a version and --public go together", cure="cleartitle publish harbour@1 --public")
    opened = Workspace.open(workspace)
    print(write(opened))
    if public:
        print(publishable.publish(opened, manifests.find(opened, version), out, use=use))
    elif out:
        raise UsageError("--out names the file of --public")
