"""The one gate: may this version be used for that, today? Export and training ask it every time."""

from __future__ import annotations

import contextlib
import datetime as dt
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from catalog import consents, families, store, suppression
from catalog.errors import GateRefused, UsageError
from catalog.manifests import Manifest
from catalog.workspace import Workspace, write_bytes

_AGAIN = "`cleartitle run` makes a new version without them."
_UNFINISHED = "An erasure was begun and not finished, or a backup was restored: `cleartitle erase` them."
_REVIEW = "Look at them with `cleartitle review`, then run again."

# Each count with the words for it and the cure. Kept in the order in which a reader should hear them.
_PROBLEMS = (
    ("withdrawn", "whose contributor withdrew consent", _AGAIN),
    ("expired", "whose consent has expired", _AGAIN),
    ("outside", "whose contributor did not agree to this use", _AGAIN),
    ("unconsented", "that rest on a consent of which there is no record", _AGAIN),
    ("undecided", "that no decision lets in (held, dropped or unknown)", "Make the version anew: its shards disagree."),
    ("unknown", "with neither licence nor consent nor a person's word", _REVIEW),
    ("no_derivatives", "that were changed though their licence permits no changed copies to be shared", _REVIEW),
    ("uncredited", "without the credit that their licence asks for", "Complete the sources' credits and run again."),
)

# What a contributor said since (table `said`: the last word of each) stands in place of what the source declares,
# unless that is the later word.
CONSENT = """
    SELECT version, id, contributor,
           CASE WHEN later AND NOT withdrawal THEN uses ELSE consent_scope END AS consent_scope,
           CASE WHEN later AND NOT withdrawal THEN until ELSE consent_expires END AS consent_expires,
           CASE WHEN NOT coalesce(later, false) THEN consent_withdrawn WHEN withdrawal THEN spoken END
               AS consent_withdrawn
    FROM (SELECT version, id, contributor, consent_scope, consent_expires, consent_withdrawn, s.* EXCLUDE (contributor),
                 spoken >= greatest(coalesce(consent_granted_at, '0001-01-01'::TIMESTAMP),
                          CASE WHEN consent_withdrawn::DATE <= $now::DATE THEN consent_withdrawn END) AS later
          FROM facts LEFT JOIN said s USING (contributor))"""

_COUNTS = f"""
    SELECT count(*),
           count(*) FILTER (f.consent_withdrawn::DATE <= $now::DATE),
           count(*) FILTER (f.consent_expires <= $now),
           count(*) FILTER (f.consent_scope IS NOT NULL AND $use <> '' AND NOT list_contains(f.consent_scope, $use)
                            AND NOT ($use = 'share redacted' AND list_contains(f.consent_scope, 'share'))),
           count(*) FILTER (d.licence_basis = 'consent' AND f.consent_scope IS NULL
                            AND NOT coalesce(f.consent_withdrawn::DATE <= $now::DATE, false)),
           count(*) FILTER (coalesce(d.action, '') NOT IN ('keep', 'redact')),
           count(*) FILTER (coalesce(d.licence_basis, 'unknown') = 'unknown'
                            AND NOT list_contains([r.reason FOR r IN d.reasons], 'review-accepted')),
           count(*) FILTER (d.action = 'redact' AND $use LIKE 'share%' AND regexp_matches(d.licence, '-ND(-|$)')),
           count(*) FILTER (d.licence_basis = 'licence' AND $use <> '' AND NOT coalesce(a.complete, false))
    FROM (SELECT version, id FROM content) c
         LEFT JOIN ({CONSENT}) f USING (version, id)
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
    if use and use not in consents.USES:
        raise UsageError(
            f"expected one of the uses {', '.join(consents.USES)}, found {use!r}", cure="Name one of them."
        )
    moment = (now or dt.datetime.now(dt.UTC)).astimezone(dt.UTC).replace(tzinfo=None)
    refused = list(_against_use(manifest, use))
    with store.connect(workspace) as connection:
        families.create_views(connection, workspace, [manifest])
        connection.register("said", _said(workspace, moment))
        released, *counts = connection.execute(_COUNTS, {"now": moment, "use": use}).fetchall()[0]
        erased = _suppressed(connection, workspace, manifest, moment.date())
    if erased:
        refused.append((f"{erased:,} of {released:,} records are on the suppression list", _UNFINISHED))
    for count, (_, words, cure) in zip(counts, _PROBLEMS, strict=True):
        if count:
            refused.append((f"{count:,} of {released:,} records {words}", cure))
    if refused:
        cures = dict.fromkeys(cure for _, cure in refused)
        told = "used commercially" if use == "commercial" else f"used to {use}"
        asked = f"may not be {told}" if use else "may not be opened"
        raise GateRefused(
            f"{asked}: {'; '.join(problem for problem, _ in refused)}.", cure=" ".join(cures), place=manifest.name
        )
    return Passed(manifest.name, use, released)


def _said(workspace: Workspace, now: dt.datetime) -> pa.Table:
    """The last word of every contributor who said something since."""
    register = consents.load(workspace)
    last = [one for name in register.said if (one := register.last(name, now))]
    return pa.table(
        {
            "contributor": pa.array([one.contributor for one in last], pa.string()),
            "spoken": pa.array([one.at for one in last], pa.timestamp("us")),
            "uses": pa.array([list(one.uses) for one in last], pa.list_(pa.string())),
            "until": pa.array([one.until for one in last], pa.timestamp("us")),
            "withdrawal": pa.array([one.withdrawal for one in last], pa.bool_()),
        }
    )


def _suppressed(connection: duckdb.DuckDBPyConnection, workspace: Workspace, manifest: Manifest, today: dt.date) -> int:
    """Records of the version that the suppression list keeps out. A version found clean is remembered as such."""
    listed = suppression.load(workspace, today)
    if not listed:
        return 0
    clean = workspace.stages / "cleared" / f"{manifest.name}-{manifest.hash[:32]}-{listed.state}"
    if clean.exists():
        return 0
    cursor = connection.execute(
        """SELECT c.id::VARCHAR, coalesce(f.address, ''), coalesce(f.host, ''), coalesce(f.contributor, ''),
                  coalesce(f.content_hash, ''::BLOB)
           FROM (SELECT version, id FROM content) c LEFT JOIN facts f USING (version, id)"""
    )
    count = 0
    while rows := cursor.fetchmany(10_000):
        for record, address, host, contributor, content in rows:
            count += bool(
                listed.hit(record=record, address=address, host=host, contributor=contributor, content=content)
            )
    if not count:
        with contextlib.suppress(OSError):  # whoever may only read asks again next time
            write_bytes(clean, b"")
    return count


def _against_use(manifest: Manifest, use: str) -> list[tuple[str, str]]:
    if not use:
        return []
    if manifest.audience == "train-only" and use != "train":
        return [("the version is for training only", 'Set audience = "public" in the recipe and run again.')]
    if use not in manifest.uses and not (use == "share redacted" and "share" in manifest.uses):
        cleared = ", ".join(manifest.uses) or "nothing"
        return [(f"its records were cleared to {cleared}", f'Add "{use}" to uses in the recipe and run again.')]
    return []
