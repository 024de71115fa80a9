"""The counts that the published catalog holds, each in two steps: a part over some shards, and how parts add up.

What is counted by record adds up, since a record has one row in a family and so is in one part. What
is distinct over records does not: its values are kept in the parts, or it is counted over the whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from catalog.views import RECORDS, VERSION, Shown

HOSTS = 1000  # the hosts with the most records, per version; the rest are counted together

# What a part is made of: shards of facts with those of the decisions on the same records, or a shard of one family.
Of = Literal["judged", "privacy", "content", "attributions"]
Columns = tuple[tuple[str, str], ...]

_RELEASED = ("released", "Number of them that are in the version.")
_COUNTS = ("records", "released", "released_characters", "found", "found_records", "replaced", "replaced_records")

# Facts and decisions joined once: what several of the counts need of both.
JUDGED = """
    SELECT modality, host, language, media_type, characters, action IN ('keep', 'redact') AS stays,
           contributor, consent_scope IS NOT NULL AS consented, consent_expires, consent_withdrawn
    FROM facts LEFT JOIN decisions USING (id)"""


@dataclass(frozen=True, slots=True)
class Part:
    """How shards are counted."""

    of: Of
    select: str


@dataclass(frozen=True, slots=True)
class Rollup(Shown):
    """A table of counts: `select` adds up what is in `part`; `whole` has one row, the version and its date."""

    parts: tuple[Part, ...]

    def over(self, selects: Sequence[str]) -> str:
        """The counts of a whole version, where these queries say what there is to add up."""
        return f"WITH part AS ({' UNION ALL BY NAME '.join(selects)}) {self.sql}" if selects else self.sql


def _added(name: str, comment: str, columns: Columns, *parts: Part, order: str = "ALL") -> Rollup:
    """Counts that add up as they are."""
    shown = [f"sum({column})::BIGINT AS {column}" if column in _COUNTS else column for column, _ in columns]
    added = f"SELECT {', '.join(shown)} FROM part, whole GROUP BY ALL ORDER BY {order}"
    return Rollup(name, comment, columns, added, parts)


ROLLUPS: tuple[Rollup, ...] = (
    _added(
        "licence_mix",
        "Licences by what became of the records under them.",
        (
            VERSION,
            ("action", "keep, redact, hold or drop."),
            ("licence", "Licence the verdict rests on; NULL: none found."),
            ("licence_basis", "Why it may be used: licence, consent, exception or unknown."),
            RECORDS,
        ),
        Part("judged", "SELECT action, licence, licence_basis, count(*) AS records FROM decisions GROUP BY ALL"),
        order="version, records DESC, action, licence, licence_basis",
    ),
    _added(
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
        Part(
            "judged",
            """SELECT action, r.reason AS reason, r.rule AS rule, r.threshold AS threshold, count(*) AS records
               FROM (SELECT action, unnest(list_distinct([
                         {'reason': one.reason, 'rule': one.rule, 'threshold': one.threshold} FOR one IN reasons])) AS r
                     FROM decisions)
               GROUP BY ALL""",
        ),
        order="version, records DESC, action, reason, rule, threshold",
    ),
    _added(
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
        Part(
            "privacy",
            """SELECT 'text' AS modality, kind, count(*) AS found, count(DISTINCT id) AS found_records,
                      0 AS replaced, 0 AS replaced_records
               FROM spans GROUP BY ALL
               UNION ALL SELECT 'image', kind, count(*), count(DISTINCT id), 0, 0 FROM regions GROUP BY ALL""",
        ),
        Part(
            "content",
            """SELECT CASE WHEN r.start IS NULL THEN 'image' ELSE 'text' END AS modality, r.kind, 0 AS found,
                      0 AS found_records, count(*) AS replaced, count(DISTINCT id) AS replaced_records
               FROM (SELECT id, unnest(redactions) AS r FROM content) GROUP BY ALL""",
        ),
        order="version, modality, found DESC, kind",
    ),
    _added(
        "privacy_mix",
        "How many records were examined for personal data, and how.",
        (
            VERSION,
            ("status", "ok, or why a record could not be examined."),
            ("mode", "Mode of the engine."),
            RECORDS,
        ),
        Part("privacy", "SELECT status, mode, count(*) AS records FROM privacy GROUP BY ALL"),
    ),
    Rollup(
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
           FROM (SELECT *, row_number() OVER (ORDER BY records DESC, host) AS place
                 FROM (SELECT host, sum(records) AS records, sum(released) AS released FROM part GROUP BY host)),
                whole
           GROUP BY version, CASE WHEN place <= {HOSTS} THEN host END ORDER BY version, records DESC, host""",
        (
            Part(
                "judged",
                """SELECT coalesce(host, '') AS host, count(*) AS records, count(*) FILTER (stays) AS released
                   FROM judged GROUP BY ALL""",
            ),
        ),
    ),
    _added(
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
        Part(
            "judged",
            """SELECT modality, language, media_type, count(*) AS records, count(*) FILTER (stays) AS released,
                      sum(characters) FILTER (stays)::BIGINT AS released_characters
               FROM judged GROUP BY ALL""",
        ),
        order="version, records DESC, modality, language, media_type",
    ),
    _added(
        "length_mix",
        "Lengths of texts, in classes that double: a class holds lengths from its start to twice that, less one.",
        (VERSION, ("from_characters", "Start of the class, in characters."), RECORDS, _RELEASED),
        Part(
            "judged",
            """SELECT CASE WHEN characters < 1 THEN 0 ELSE (1::BIGINT << floor(log2(characters))::INTEGER) END
                          AS from_characters, count(*) AS records, count(*) FILTER (stays) AS released
               FROM judged WHERE characters IS NOT NULL GROUP BY ALL""",
        ),
    ),
    _added(
        "preference_mix",
        "Opt-out and opt-in signals by use, answer and channel.",
        (
            VERSION,
            ("use", "Use it speaks of."),
            ("answer", "allowed, reserved or unknown."),
            ("channel", "The check that read it."),
            RECORDS,
        ),
        Part("judged", "SELECT use, answer, channel, count(DISTINCT id) AS records FROM preferences GROUP BY ALL"),
    ),
    Rollup(
        "contributor_mix",
        "Contributors and consent, counted.",
        (
            VERSION,
            ("consent", "granted, expired, withdrawn (as of the version's date) or none (no consent record)."),
            ("contributors", "Number of contributors."),
            RECORDS,
            _RELEASED,
        ),
        """SELECT version, CASE WHEN consent_withdrawn::DATE <= as_of THEN 'withdrawn'
                                WHEN consent_expires <= as_of THEN 'expired'
                                WHEN NOT consented THEN 'none' ELSE 'granted' END AS consent,
                  count(DISTINCT contributor) AS contributors, sum(records)::BIGINT AS records,
                  sum(released)::BIGINT AS released
           FROM part, whole GROUP BY ALL ORDER BY ALL""",
        (
            Part(
                "judged",
                """SELECT contributor, consented, consent_expires, consent_withdrawn, count(*) AS records,
                          count(*) FILTER (stays) AS released
                   FROM judged WHERE contributor IS NOT NULL OR consented GROUP BY ALL""",
            ),
        ),
    ),
    _added(
        "credit_mix",
        "Attribution of the records that stay, by licence.",
        (
            VERSION,
            ("licence", "Licence under which they were received."),
            ("complete", "Does it hold all that the licence asks for and the licensor supplied?"),
            RECORDS,
        ),
        Part("attributions", "SELECT licence, complete, count(*) AS records FROM attributions GROUP BY ALL"),
    ),
    Rollup(
        "duplicate_mix",
        "Duplicates by kind.",
        (
            VERSION,
            ("kind", "exact or near."),
            ("records", "Records that another one stands for."),
            ("keepers", "Records that stand for others."),
        ),
        # Over the whole: who stands for records of many shards is one record, and its id is kept nowhere else.
        """SELECT whole.version, kind, count(*) AS records, count(DISTINCT keeper) AS keepers
           FROM clusters, whole GROUP BY ALL ORDER BY ALL""",
        (),
    ),
    _added(
        "transform_mix",
        "What was done to the records that stay, by step.",
        (VERSION, ("name", "What was done."), RECORDS),
        Part(
            "content",
            """SELECT name, count(*) AS records
               FROM (SELECT unnest(list_distinct([t.name FOR t IN transforms])) AS name FROM content) GROUP BY ALL""",
        ),
        order="version, records DESC, name",
    ),
    Rollup(
        "signal_mix",
        "Quality signals over all records that entered: how many were examined, and where the values lie.",
        (
            VERSION,
            ("signal", "Name of the signal: a column of the view signals."),
            ("examined", "Number of records it was measured on."),
            ("mean", "Mean of the values."),
            ("deviation", "Standard deviation of the values."),
        ),
        # Sums in a fixed order, so that they come out the same each time; a constant has no deviation at all.
        """SELECT version, signal, sum(examined)::BIGINT AS examined, any_value(middle) AS mean,
                  CASE WHEN min(least) = max(most) AND sum(finite) > 1 THEN 0.0
                       ELSE sqrt((sum(squares ORDER BY squares)
                                  + sum(finite * (mean - middle) ** 2 ORDER BY finite * (mean - middle) ** 2))
                                 / nullif(sum(finite) - 1, 0)) END AS deviation
           FROM part JOIN (SELECT signal, CASE WHEN min(least) = max(most) THEN min(least)
                                  ELSE sum(finite * mean ORDER BY finite * mean) / sum(finite) END AS middle
                           FROM part GROUP BY signal) USING (signal), whole
           GROUP BY version, signal HAVING sum(examined) > 0 ORDER BY version, signal""",
        (Part("judged", "SELECT signal, examined, finite, mean, squares, least, most FROM signal_parts"),),
    ),
)
