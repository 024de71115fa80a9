"""The one gate: may this version be used for that, today? Export and training ask it every time."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from catalog import families, store
from catalog.errors import GateRefused
from catalog.manifests import Manifest
from catalog.workspace import Workspace

_AGAIN = "`cleartitle run` makes a new version without them."
_REVIEW = "Look at them with `cleartitle review`, then run again."

# Each count with the words for it and the cure. Kept in the order in which a reader should hear them.
_PROBLEMS = (
    ("withdrawn", "whose contributor withdrew consent", _AGAIN),
    ("expired", "whose consent has expired", _AGAIN),
    ("outside", "whose contributor did not agree to this use", _AGAIN),
    ("undecided", "that no decision lets in (held, dropped or unknown)", "Make the version anew: its shards disagree."),
    ("unknown", "with neither licence nor consent nor a person's word", _REVIEW),
    ("no_derivatives", "that were changed though their licence permits no changed copies to be shared", _REVIEW),
    ("uncredited", "without the credit that their licence asks for", "Complete the sources' credits and run again."),
)

_COUNTS = """
    SELECT count(*),
           count(*) FILTER (f.consent_withdrawn <= $now),
           count(*) FILTER (f.consent_expires <= $now),
           count(*) FILTER (f.consent_scope IS NOT NULL AND $use <> '' AND NOT list_contains(f.consent_scope, $use)
                            AND NOT ($use = 'share redacted' AND list_contains(f.consent_scope, 'share'))),
           count(*) FILTER (coalesce(d.action, '') NOT IN ('keep', 'redact')),
           count(*) FILTER (coalesce(d.licence_basis, 'unknown') = 'unknown'
                            AND NOT list_contains([r.reason FOR r IN d.reasons], 'review-accepted')),
           count(*) FILTER (d.action = 'redact' AND $use LIKE 'share%' AND regexp_matches(d.licence, '-ND(-|$)')),
           count(*) FILTER (d.licence_basis = 'licence' AND $use <> '' AND NOT coalesce(a.complete, false))
    FROM (SELECT version, id FROM content) c
         LEFT JOIN (SELECT version, id, consent_scope, consent_expires, consent_withdrawn FROM facts) f
                   USING (version, id)
         LEFT JOIN decisions d USING (version, id)
         LEFT JOIN (SELECT version, id, complete FROM attributions) a USING (version, id)"""


@dataclass(frozen=True, slots=True)
class Passed:
    """A version that the gate let through, and how many records it holds."""

    version: str
    use: str
    records: int


def gate(workspace: Workspace, manifest: Manifest, use: str = "", *, now: dt.datetime | None = None) -> Passed:
    """Let the version through for a use, or raise GateRefused with what stands against it.

    Without a use it is for looking at here: consent that has ended still refuses it, the use does not.
    """
    now = now or dt.datetime.now(dt.UTC)
    refused = list(_against_use(manifest, use))
    with store.connect(workspace) as connection:
        families.create_views(connection, workspace, [manifest])
        values = {"now": now.astimezone(dt.UTC).replace(tzinfo=None), "use": use}
        released, *counts = connection.execute(_COUNTS, values).fetchall()[0]
    for count, (_, words, cure) in zip(counts, _PROBLEMS, strict=True):
        if count:
            refused.append((f"{count:,} of {released:,} records {words}", cure))
    if refused:
        cures = dict.fromkeys(cure for _, cure in refused)
        asked = f"may not be used to {use}" if use else "may not be opened"
        raise GateRefused(
            f"{asked}: {'; '.join(problem for problem, _ in refused)}.", cure=" ".join(cures), place=manifest.name
        )
    return Passed(manifest.name, use, released)


def _against_use(manifest: Manifest, use: str) -> list[tuple[str, str]]:
    if not use:
        return []
    if manifest.audience == "train-only" and use != "train":
        return [("the version is for training only", 'Set audience = "public" in the recipe and run again.')]
    if use not in manifest.uses and not (use == "share redacted" and "share" in manifest.uses):
        cleared = ", ".join(manifest.uses) or "nothing"
        return [(f"its records were cleared to {cleared}", f'Add "{use}" to uses in the recipe and run again.')]
    return []
