"""What each quality rule of a version does: read from the published catalog, for `cleartitle thresholds`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from catalog import manifests
from catalog.errors import NotFound
from catalog.queries import attach
from catalog.workspace import Workspace
from curation import as_run
from curation.recipe import Rule
from curation.thresholds import Outlook, outlook


@dataclass(frozen=True, slots=True)
class Effect:
    """What a rule's threshold separates, and for how many records the rule was asked and gave a reason.

    They differ where it was not asked: in sources with `quality = false`, in other languages than its own.
    """

    rule: Rule
    outlook: Outlook
    given: int


def outlooks(workspace: Workspace, version: str, wanted: tuple[str, ...] = ()) -> Iterator[Effect]:
    """The rules of the recipe that made a version, each with what it does; without names only those that fire."""
    manifest = manifests.find(workspace, version)
    rules = as_run.recipe_of(workspace, manifest).rules
    if unknown := set(wanted) - {rule.id for rule in rules}:
        raise NotFound(
            f"no rule {', '.join(sorted(unknown))} in {manifest.name}",
            cure=f"Rules: {', '.join(rule.id for rule in rules)}.",
        )
    with attach(workspace, workspace.catalog) as connection:
        connection.execute(f"""
            CREATE TEMP VIEW seen AS SELECT s.*, r.address FROM signals s JOIN records r USING (version, id)
            WHERE s.version = '{manifest.name}'""")
        for rule in rules:
            if wanted and rule.id not in wanted:
                continue
            found = outlook(connection, rule.signal, minimum=rule.min, maximum=rule.max, table="seen")
            if wanted or found.fires:
                sql = "SELECT count(DISTINCT id) FROM reasons WHERE version = ? AND reason = ?"
                [(given,)] = connection.execute(sql, [manifest.name, rule.id]).fetchall()
                yield Effect(rule, found, given)
