"""Counts taken once for every version, so that the common questions answer at once.

They are kept beside the stages, named by what they were counted from, so that publishing a new
version counts that one alone; the published file is never read back.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import duckdb

from catalog import families, store, tables
from catalog.manifests import Manifest
from catalog.views import RECORDS, VERSION, VIEWS, Shown
from catalog.workspace import Workspace, write_atomically

HOSTS = 1000  # the hosts with the most records, per version; the rest are counted together

_RELEASED = ("released", "Number of them that are in the version.")

# Facts and decisions joined once: three of the counts need both.
_JUDGED = """
    SELECT version, modality, host, language, media_type, characters, action IN ('keep', 'redact') AS stays
    FROM facts LEFT JOIN decisions USING (version, id)"""

ROLLUPS: tuple[Shown, ...] = (
    Shown(
        "licence_mix",
        "Licences by what became of the records under them.",
        (
            VERSION,
            ("action", "keep, redact, hold or drop."),
            ("licence", "Licence the verdict rests on; NULL: none found."),
            ("licence_basis", "Why it may be used: licence, consent, exception or unknown."),
            RECORDS,
        ),
        """SELECT version, action, licence, licence_basis, count(*) AS records
           FROM decisions GROUP BY ALL ORDER BY version, records DESC, action, licence, licence_basis""",
    ),
    Shown(
        "dropped_why",
        "Reasons by action. A record with two reasons is counted under both.",
        (
            VERSION,
            ("action", "keep, redact, hold or drop."),
            ("reason", "Reason id."),
            ("rule", "The rule of the recipe that applied."),
            ("threshold", "The threshold that values were held against."),
            RECORDS,
        ),
        # A record has one row: what is distinct within it is counted, and no id need be remembered.
        """SELECT version, action, r.reason AS reason, r.rule AS rule, r.threshold AS threshold, count(*) AS records
           FROM (SELECT version, action, unnest(list_distinct([
                     {'reason': one.reason, 'rule': one.rule, 'threshold': one.threshold} FOR one IN reasons])) AS r
                 FROM decisions)
           GROUP BY ALL ORDER BY version, records DESC, action, reason, rule, threshold""",
    ),
    Shown(
        "pii_by_kind",
        "Personal data by kind: found in what was examined, replaced in what stays. Pictures count regions.",
        (
            VERSION,
            ("modality", "text (also the words of pictures) or image (pixels)."),
            ("kind", "Kind of personal data."),
            ("found", "Number of findings."),
            ("found_records", "Number of records with a finding."),
            ("replaced", "Number of replacements in the content that stays; in pictures, of regions painted over."),
            ("replaced_records", "Number of records with a replacement."),
        ),
        """SELECT version, modality, kind, coalesce(found, 0) AS found, coalesce(found_records, 0) AS found_records,
                  coalesce(replaced, 0) AS replaced, coalesce(replaced_records, 0) AS replaced_records
           FROM (SELECT version, 'text' AS modality, kind, count(*) AS found, count(DISTINCT id) AS found_records
                 FROM spans GROUP BY ALL
                 UNION ALL
                 SELECT version, 'image', kind, count(*), count(DISTINCT id) FROM regions GROUP BY ALL)
                FULL JOIN
                (SELECT version, modality, r.kind, count(*) AS replaced, count(DISTINCT id) AS replaced_records
                 FROM (SELECT version, id, r, CASE WHEN r.start IS NULL THEN 'image' ELSE 'text' END AS modality
                       FROM (SELECT version, id, unnest(redactions) AS r FROM content)) GROUP BY ALL)
                USING (version, modality, kind)
           ORDER BY version, modality, found DESC, kind""",
    ),
    Shown(
        "privacy_mix",
        "How many records were examined for personal data, and how.",
        (
            VERSION,
            ("status", "ok, or why a record could not be examined."),
            ("mode", "Mode of the engine."),
            RECORDS,
        ),
        "SELECT version, status, mode, count(*) AS records FROM privacy GROUP BY ALL ORDER BY ALL",
    ),
    Shown(
        "host_mix",
        f"Hosts with the most records, at most {HOSTS} per version; NULL is all the others together.",
        (
            VERSION,
            ("host", "Host name; empty for local files; NULL: all others together."),
            ("hosts", "Number of hosts in this row: 1, or how many the others are."),
            RECORDS,
            _RELEASED,
        ),
        f"""SELECT version, CASE WHEN place <= {HOSTS} THEN host END AS host, count(*) AS hosts,
                   sum(records)::BIGINT AS records, sum(released)::BIGINT AS released
            FROM (SELECT *, row_number() OVER (PARTITION BY version ORDER BY records DESC, host) AS place
                  FROM (SELECT version, coalesce(host, '') AS host, count(*) AS records,
                               count(*) FILTER (stays) AS released
                        FROM judged GROUP BY ALL))
            GROUP BY version, CASE WHEN place <= {HOSTS} THEN host END ORDER BY version, records DESC, host""",
    ),
    Shown(
        "composition",
        "Records by modality, language and media type.",
        (
            VERSION,
            ("modality", "text or image."),
            ("language", "ISO 639-1 code of the main language; NULL: not examined."),
            ("media_type", "Media type as found."),
            RECORDS,
            _RELEASED,
            ("released_characters", "Characters of extracted text of those in the version, before redaction."),
        ),
        """SELECT version, modality, language, media_type, count(*) AS records, count(*) FILTER (stays) AS released,
                   sum(characters) FILTER (stays)::BIGINT AS released_characters
            FROM judged GROUP BY ALL ORDER BY version, records DESC, modality, language, media_type""",
    ),
    Shown(
        "length_mix",
        "Lengths of texts, in classes that double: a class holds lengths from its start to twice that, less one.",
        (VERSION, ("from_characters", "Start of the class, in characters."), RECORDS, _RELEASED),
        """SELECT version, CASE WHEN characters < 1 THEN 0 ELSE (1::BIGINT << floor(log2(characters))::INTEGER) END
                       AS from_characters, count(*) AS records, count(*) FILTER (stays) AS released
            FROM judged WHERE characters IS NOT NULL
            GROUP BY ALL ORDER BY ALL""",
    ),
    Shown(
        "preference_mix",
        "Opt-out and opt-in signals by use, answer and channel.",
        (
            VERSION,
            ("use", "Use it speaks of."),
            ("answer", "allowed, reserved or unknown."),
            ("channel", "The check that read it."),
            RECORDS,
        ),
        """SELECT version, use, answer, channel, count(DISTINCT id) AS records
           FROM preferences GROUP BY ALL ORDER BY ALL""",
    ),
    Shown(
        "contributor_mix",
        "Contributors and consent, counted.",
        (
            VERSION,
            ("consent", "granted, expired, withdrawn (as of the version's date) or none (no consent record)."),
            ("contributors", "Number of contributors."),
            RECORDS,
            _RELEASED,
        ),
        """SELECT version, CASE WHEN consent_withdrawn <= v.as_of THEN 'withdrawn'
                                 WHEN consent_expires <= v.as_of THEN 'expired'
                                 WHEN consent_scope IS NULL THEN 'none' ELSE 'granted' END AS consent,
                   count(DISTINCT contributor) AS contributors, count(*) AS records,
                   count(*) FILTER (action IN ('keep', 'redact')) AS released
            FROM facts LEFT JOIN decisions USING (version, id) JOIN versions v USING (version)
            WHERE contributor IS NOT NULL OR consent_scope IS NOT NULL GROUP BY ALL ORDER BY ALL""",
    ),
    Shown(
        "credit_mix",
        "Attribution of the records that stay, by licence.",
        (
            VERSION,
            ("licence", "Licence under which they were received."),
            ("complete", "Does it hold all that the licence asks for and the licensor supplied?"),
            RECORDS,
        ),
        "SELECT version, licence, complete, count(*) AS records FROM attributions GROUP BY ALL ORDER BY ALL",
    ),
    Shown(
        "duplicate_mix",
        "Duplicates by kind.",
        (
            VERSION,
            ("kind", "exact or near."),
            ("records", "Records that another one stands for."),
            ("keepers", "Records that stand for others."),
        ),
        """SELECT version, kind, count(*) AS records, count(DISTINCT keeper) AS keepers
           FROM clusters GROUP BY ALL ORDER BY ALL""",
    ),
    Shown(
        "transform_mix",
        "What was done to the records that stay, by step.",
        (VERSION, ("name", "What was done."), RECORDS),
        """SELECT version, name, count(*) AS records
           FROM (SELECT version, unnest(list_distinct([t.name FOR t IN transforms])) AS name FROM content)
           GROUP BY ALL ORDER BY version, records DESC, name""",
    ),
)

SIGNAL_MIX = (
    "signal_mix",
    "Quality signals over all records that entered: how many were examined, and where the values lie.",
    (
        VERSION,
        ("signal", "Name of the signal: a column of the view signals."),
        ("examined", "Number of records it was measured on."),
        ("mean", "Mean of the values."),
        ("deviation", "Standard deviation of the values."),
    ),
)


def counted(workspace: Workspace, manifest: Manifest | None) -> Path:
    """The file that holds the counts of one version (None: of nothing, but with every table)."""
    path = place(workspace, manifest)
    if not path.is_file():
        write_atomically(path, lambda part: count(workspace, manifest, part))
    return path


def place(workspace: Workspace, manifest: Manifest | None) -> Path:
    """Where the counts of one version are kept."""
    return workspace.stages / "rollups" / f"{_key(manifest)}.duckdb"


def count(workspace: Workspace, manifest: Manifest | None, path: Path) -> None:
    """Count one version from its shards into a new file."""
    versions = [manifest] if manifest else []
    with store.connect(workspace) as connection:
        connection.execute("SET parquet_metadata_cache = true")
        for table in tables.TABLES:
            families.fill(connection, table.name, table.columns, list(table.rows(workspace, versions)))
        families.create_views(connection, workspace, versions)
        for view in VIEWS:
            connection.execute(f"CREATE VIEW {view.name} AS {view.sql}")
        connection.execute(f"CREATE TABLE judged AS {_JUDGED}")
        attach(connection, path, "counts", f"STORAGE_VERSION '{store.STORAGE_VERSION}'")
        for rollup in ROLLUPS:
            connection.execute(f"CREATE TABLE counts.{rollup.name} AS {rollup.sql}")
        connection.execute(f"CREATE TABLE counts.{SIGNAL_MIX[0]} AS {families.signal_means(connection)}")
        connection.execute("DETACH counts")


def means(workspace: Workspace, manifest: Manifest) -> dict[str, tuple[float | None, float | None]]:
    """Mean and deviation of each signal over all records of a version that entered, as counted."""
    path = counted(workspace, manifest)
    with store.connect(workspace) as connection:
        attach(connection, path, "counts", "READ_ONLY")
        rows = connection.execute(f"SELECT signal, mean, deviation FROM counts.{SIGNAL_MIX[0]}").fetchall()
    return {signal: (mean, deviation) for signal, mean, deviation in rows}


def attach(connection: duckdb.DuckDBPyConnection, path: Path, name: str, option: str) -> None:
    """Attach a database file under a name."""
    connection.execute(f"ATTACH {store.literal([path])[1:-1]} AS {name} ({option})")


def _key(manifest: Manifest | None) -> str:
    """What the counts depend on: the version's name, date and shards, and how they are counted."""
    counts = [_JUDGED, *(rollup.sql for rollup in ROLLUPS), *(view.sql for view in VIEWS)]
    shards = [shard.sha256 for group in manifest.shards.values() for shard in group] if manifest else []
    named = [manifest.name, manifest.as_of] if manifest else []
    return hashlib.sha256(json.dumps([counts, shards, named]).encode()).hexdigest()[:32]
