"""The front door for notebooks.

import cleartitle
harbour = cleartitle.open("workspace").version("harbour@1").to_dataset()
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from catalog.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catalog.diff import Change, Diff
    from catalog.export import Export, Format
    from catalog.queries import Result
    from catalog.versions import Version

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
    return Catalog(Workspace.open(workspace))
