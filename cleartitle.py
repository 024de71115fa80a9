"""The front door for notebooks, and of the command.

import cleartitle
harbour = cleartitle.open("workspace").version("harbour@1").to_dataset()
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catalog.diff import Change, Diff
    from catalog.export import Export, Format
    from catalog.queries import Result
    from catalog.versions import Version
    from catalog.workspace import Workspace

ROOMS = ("catalog", "licenses", "privacy", "curation", "training")

__all__ = ["Catalog", "open"]


@dataclass(frozen=True, slots=True)
class Catalog:
    """One workspace, open for reading, also while a run is writing to it."""

    workspace: Workspace

    def sql(self, query: str) -> Result:
        """Ask the published catalog: `.fetchall()`, `.df()` or `.to_arrow_table()` gives the answer."""
        from catalog.queries import query as ask

        return ask(self.workspace, query)

    def versions(self) -> list[str]:
        """The names of all versions, oldest first."""
        from catalog.manifests import versions

        return [manifest.name for manifest in versions(self.workspace)]

    def version(self, name: str) -> Version:
        """A version by name; a dataset's name is its newest version."""
        from catalog.versions import open_version

        return open_version(self.workspace, name)

    def diff(self, before: str, after: str) -> Diff:
        """What changed from one version to another, counted."""
        from catalog.diff import diff

        return diff(self.workspace, before, after)

    def changes(self, before: str, after: str) -> Iterator[Change]:
        """Every record that changed from one version to another."""
        from catalog.diff import changes

        return changes(self.workspace, before, after)

    def export(self, name: str, out: Path | str, format: Format = "parquet") -> Export:
        """Write a version to a folder, if the gate lets it through."""
        from catalog.export import export

        return export(self.workspace, name, out, format)


def open(workspace: Path | str = "workspace") -> Catalog:
    """Open the workspace that `cleartitle run` wrote."""
    from catalog.workspace import Workspace

    return Catalog(Workspace.open(workspace))


def main() -> None:
    """The `cleartitle` command. The rooms have common names: it refuses to start on somebody else's."""
    if culprit := shadowed(Path(__file__).resolve().parent):
        print(f"error CT-500 {culprit}", file=sys.stderr)
        sys.exit(5)
    from curation.cli import main as command

    command()


def shadowed(home: Path) -> str:
    """Which room another distribution stands in front of, told with the cure; empty if none is."""
    for room in ROOMS:
        spec = find_spec(room)
        found = Path(spec.origin).resolve() if spec and spec.origin else None
        if found is None or found.parent.parent != home:
            return (
                f"the package {room!r} is expected in {home}, found {found or 'nowhere'}: another distribution or a "
                f"folder of that name shadows it. Uninstall that one, or run cleartitle in an environment of its own."
            )
    return ""


if __name__ == "__main__":
    main()
