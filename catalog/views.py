"""What the published catalog shows: its tables, its views, and a sentence for every column.

The base views are the families of `catalog.schema`, one branch per version. Everything here
is plain SQL over those, so that a reader of the file finds queries that they can read too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from catalog import schema

VERSION = ("version", "Dataset version, for example harbour@1. Filter by it: the view holds every version.")
RECORD = ("id", "Record id; the same in every version and every view.")
RECORDS = ("records", "Number of records.")


@dataclass(frozen=True, slots=True)
class Shown:
    """One table or view: its name, what it says, its columns with a comment each, its SELECT."""

    name: str
    comment: str
    columns: tuple[tuple[str, str], ...]
    select: str

    @property
    def sql(self) -> str:
        """The SELECT with its columns in the documented order."""
        names = ", ".join(f'"{name}"' for name, _ in self.columns)
        return f"SELECT {names} FROM ({self.select})"


def base(family: schema.Family) -> tuple[tuple[str, str], ...]:
    """Columns and comments of a family's base view."""
    return (VERSION, *((column.name, column.comment) for column in family.columns))


def comments(family: schema.Family, *names: str) -> Iterator[tuple[str, str]]:
    """Columns of a family, shown again in another view."""
    known = {column.name: column.comment for column in family.columns}
    yield from ((name, known[name]) for name in names)


_SOURCE = tuple(comments(schema.FACTS, "modality", "address", "host", "container", "position", "fetched_at"))
_VERDICT = tuple(comments(schema.DECISIONS, "action", "licence", "licence_point", "licence_basis"))
_CONSENT = tuple(comments(schema.FACTS, "consent_scope", "consent_granted_at", "consent_expires", "consent_withdrawn"))

VIEWS: tuple[Shown, ...] = (
    Shown(
        "records",
        "One row for each record that entered, with what became of it. The view to start from.",
        (
            VERSION,
            RECORD,
            *_SOURCE,
            *comments(schema.FACTS, "media_type", "language", "language_confidence", "characters", "label"),
            ("contributor", "Keyed pseudonym of the contributor; NULL where there is none."),
            *_CONSENT,
            *comments(schema.FACTS, "problem"),
            *_VERDICT,
            ("reasons", "Ids of the reasons for the action, sorted, separated by commas."),
        ),
        """SELECT f.*, d.action, d.licence, d.licence_point, d.licence_basis,
                  array_to_string(list_sort(list_distinct([r.reason FOR r IN d.reasons])), ', ') AS reasons
           FROM facts f LEFT JOIN decisions d USING (version, id)""",
    ),
    Shown(
        "claims",
        "Licence evidence: one row for each statement found, with who said it, where, and for what.",
        (
            VERSION,
            RECORD,
            ("licence", "Licence claimed: SPDX id, or LicenseRef id."),
            ("scope", "What the claim covers: page, part, text, images, object, ... or none (a mere mention)."),
            ("channel", "The check that read it, such as rel_license or json_ld."),
            ("speaker", "Who said it: author, site, platform, source, recipe or unknown."),
            ("subject", "The object it speaks of, where it names one."),
            ("quote", "The words or markup it was read from, masked where they look personal."),
            ("quote_start", "Offset of the quote in the markup; -1 where it has no place in it."),
            ("quote_end", "End of the quote in the markup; -1 where it has no place in it."),
            ("url_written", "Licence address as written."),
            ("url", "Licence address, normalised."),
            ("place", "Part of the page: article, header, footer, head, ..."),
            ("observed_at", "When the evidence was fetched (UTC)."),
        ),
        """SELECT version, id, c.licence, c.scope, c.channel, c.speaker, c.subject, c.quote, c."start" AS quote_start,
                  c."end" AS quote_end, c.url_written, c.url, c."where" AS place, c.observed_at
           FROM (SELECT version, id, unnest(claims) AS c FROM facts)""",
    ),
    Shown(
        "preferences",
        "Opt-out and opt-in signals found with a record: one row each. No row means unknown, not consent.",
        (
            VERSION,
            RECORD,
            ("use", "Use it speaks of: train-ai, tdm, crawl, search, ..."),
            ("answer", "allowed, reserved or unknown."),
            ("channel", "The check that read it, such as robots_meta or tdmrep."),
            ("agent", "Whom it addresses; * is everybody."),
            ("speaker", "Who said it: author, site, platform, source or unknown."),
            ("quote", "The words it was read from, masked where they look personal."),
            ("layer", "file, header, meta or embedded: the layer that TDMRep ranks by."),
            ("observed_at", "When the evidence was fetched (UTC)."),
        ),
        """SELECT version, id, p.use, p.answer, p.channel, p.agent, p.speaker, p.quote, p.layer, p.observed_at
           FROM (SELECT version, id, unnest(preferences) AS p FROM facts
                 UNION ALL SELECT version, id, unnest(preferences) FROM decisions)""",
    ),
    Shown(
        "benchmark_items",
        "Benchmark items that texts hold: one row for each stretch that both have.",
        (
            VERSION,
            RECORD,
            ("item", "Benchmark file and number of the item in it."),
            ("first_character", "Offset of the first character in the extracted text."),
            ("end_character", "Offset behind the last character."),
        ),
        """SELECT version, id, o.item, o."start" AS first_character, o."end" AS end_character
           FROM (SELECT version, id, unnest(benchmark_items) AS o FROM decisions)""",
    ),
    Shown(
        "annotations",
        "Votes of annotators on labelled records: one row each.",
        (VERSION, RECORD, ("annotator", "Keyed pseudonym of the annotator."), ("label", "The label given.")),
        "SELECT version, id, a.annotator, a.label FROM (SELECT version, id, unnest(annotations) AS a FROM facts)",
    ),
    Shown(
        "spans",
        "Personal data found in texts: one row each, kind and place, never the words.",
        (
            VERSION,
            RECORD,
            ("kind", "Kind of personal data, such as EMAIL_ADDRESS or PERSON."),
            ("first_character", "Offset of its first character in the extracted text."),
            ("end_character", "Offset behind its last character."),
            ("score", "Confidence of the recogniser, 0 to 1."),
            ("recognizer", "The recogniser that found it."),
        ),
        """SELECT version, id, s.kind, s."start" AS first_character, s."end" AS end_character, s.score, s.recognizer
           FROM (SELECT version, id, unnest(spans) AS s FROM privacy)""",
    ),
    Shown(
        "regions",
        "Personal data found in pictures: one row each, kind and polygon.",
        (
            VERSION,
            RECORD,
            ("kind", "Kind: face, text, code, ..."),
            ("polygon", "Corner points in pixels of the upright picture."),
            ("score", "Confidence of the detector, 0 to 1."),
            ("detector", "The detector that found it."),
            ("frame", "Frame number of an animation, from 0."),
        ),
        """SELECT version, id, r.kind, r.polygon, r.score, r.detector, r.frame
           FROM (SELECT version, id, unnest(regions) AS r FROM privacy)""",
    ),
    Shown(
        "reasons",
        "Why each record was kept, redacted, held or dropped: one row for each reason.",
        (
            VERSION,
            RECORD,
            ("action", "keep, redact, hold or drop."),
            ("reason", "Reason id; a public name that does not change."),
            ("rule", "The rule of the recipe that applied."),
            ("value", "The value found."),
            ("threshold", "The threshold it was held against."),
        ),
        """SELECT version, id, action, r.reason, r.rule, r.value, r.threshold
           FROM (SELECT version, id, action, unnest(reasons) AS r FROM decisions)""",
    ),
    Shown(
        "redactions",
        "What was replaced in the content that stays: one row each. Never the value.",
        (
            VERSION,
            RECORD,
            ("kind", "Kind of personal data that was replaced."),
            ("first_character", "Offset of the replacement in the redacted text."),
            ("end_character", "Offset behind the replacement."),
            ("recognizer", "The recogniser that found it."),
            ("band", "Band of its score."),
            ("digest", "Keyed digest: equal values give equal digests, and nothing else can be read from it."),
        ),
        """SELECT version, id, r.kind, r."start" AS first_character, r."end" AS end_character, r.recognizer, r.band,
                  r.digest
           FROM (SELECT version, id, unnest(redactions) AS r FROM content)""",
    ),
    Shown(
        "transforms",
        "Everything that was done to the records that stay: one row for each step.",
        (
            VERSION,
            RECORD,
            ("name", "What was done: extract-text, redact, re-encode, ..."),
            ("detail", "How, where there is more to say."),
            ("effect", "What it does in law: none, or adaptation. NULL where no licence is known."),
            ("permitted", "Does the licence let such a copy be shared: yes, no or unknown."),
            ("mark", "Who says so: text (of the licence), contested (lawyers differ) or policy (ours)."),
            ("section", "Section of the licence it rests on."),
            ("why", "The ground, in a sentence."),
        ),
        """SELECT version, id, t.name, t.detail, e.effect, e.permitted, e.mark, e.section, e.why
           FROM (SELECT version, id, unnest(transforms) AS t, unnest(effects) AS e FROM content)""",
    ),
    Shown(
        "input_entries",
        "What each input file held, by type of entry.",
        (VERSION, ("input", "File, relative to the recipe."), ("type", "Type of entry."), ("count", "How many.")),
        """SELECT version, name AS input, e.type, e."count"
           FROM (SELECT version, name, unnest(entries) AS e FROM inputs)""",
    ),
    Shown(
        "input_problems",
        "Parts of input files that could not be read: one row each.",
        (
            VERSION,
            ("input", "File, relative to the recipe."),
            ("position", "Byte offset, line or row of the part."),
            ("problem", "What kind of problem."),
            ("message", "The problem in words; never content."),
            ("expected", "What was expected there."),
            ("found", "What was found."),
        ),
        """SELECT version, name AS input, p.position, p.problem, p.message, p.expected, p.found
           FROM (SELECT version, name, unnest(problems) AS p FROM inputs)""",
    ),
    Shown(
        "members",
        "Which records are in which version, and whose they are.",
        (VERSION, RECORD, ("contributor", "Keyed pseudonym of the contributor; NULL where there is none.")),
        "SELECT c.version, c.id, f.contributor FROM content c LEFT JOIN facts f USING (version, id)",
    ),
    Shown(
        "record_units",
        "Who has a part in which record of a version, and which part: many to many. Private training protects by it.",
        (
            VERSION,
            RECORD,
            ("unit", "Keyed pseudonym of the person."),
            ("role", "author (the contributor) or annotator."),
        ),
        """SELECT version, id, contributor AS unit, 'author' AS role FROM members WHERE contributor IS NOT NULL
           UNION
           SELECT version, id, a.annotator, 'annotator'
           FROM (SELECT version, id, unnest(annotations) AS a FROM facts) SEMI JOIN content USING (version, id)
           WHERE a.annotator IS NOT NULL""",
    ),
    Shown(
        "released",
        "The records that a version holds, with their redacted content and what lets them in.",
        (
            VERSION,
            RECORD,
            *_SOURCE,
            *comments(schema.FACTS, "language"),
            *comments(schema.CONTENT, "media_type", "label", "licence"),
            *comments(schema.DECISIONS, "licence_basis"),
            ("credit", "Author to credit, as supplied; NULL where none is asked for or none is known."),
            *comments(schema.CONTENT, "text", "image"),
        ),
        """SELECT c.version, c.id, f.modality, f.address, f.host, f.container, f.position, f.fetched_at, f.language,
                  c.media_type, c.label, c.licence, d.licence_basis, a.author AS credit, c.text, c.image
           FROM content c LEFT JOIN facts f USING (version, id) LEFT JOIN decisions d USING (version, id)
                LEFT JOIN attributions a USING (version, id)""",
    ),
    Shown(
        "held",
        "Records that a person must look at before they may stay.",
        (
            VERSION,
            RECORD,
            *_SOURCE,
            *_VERDICT[1:],
            ("reasons", "Ids of the reasons, sorted, separated by commas."),
            ("reviewed", "accept or refuse, where a person answered for what is held now; the next run acts on it."),
        ),
        """SELECT f.version, f.id, f.modality, f.address, f.host, f.container, f.position, f.fetched_at, d.licence,
                  d.licence_point, d.licence_basis,
                  array_to_string(list_sort(list_distinct([r.reason FOR r IN d.reasons])), ', ') AS reasons,
                  CASE WHEN v.said[1] = 'refuse' OR list_has_all(v.said[2], [r.reason FOR r IN d.reasons])
                       THEN v.said[1] END AS reviewed
           FROM decisions d LEFT JOIN facts f USING (version, id)
                LEFT JOIN (SELECT dataset, id, content_hash, max_by((answer, reasons), number) AS said
                           FROM reviews GROUP BY ALL) v
                ON v.id = d.id AND v.content_hash = coalesce(f.content_hash, ''::BLOB)
                   AND v.dataset = regexp_replace(d.version, '@[0-9]+$', '')
           WHERE d.action = 'hold'""",
    ),
    Shown(
        "lineage",
        "One line for each record from its source to its version: where from, what was found and done, by which code.",
        (
            VERSION,
            RECORD,
            *_SOURCE,
            ("claims", "Number of licence claims found."),
            ("keeper", "Record that stands for it, where it is a duplicate."),
            ("personal_data", "Number of findings of personal data in text and picture; NULL: not examined."),
            *_VERDICT,
            ("reasons", "Ids of the reasons for the action, sorted, separated by commas."),
            ("transforms", "What was done to it, in order; NULL where it did not stay."),
            ("recipe_fingerprint", "Fingerprint of the recipe that decided."),
            ("code_version", "Version of cleartitle that decided."),
            ("run", "Run that made the version."),
        ),
        """SELECT f.version, f.id, f.modality, f.address, f.host, f.container, f.position, f.fetched_at,
                  len(f.claims) AS claims, k.keeper,
                  CASE WHEN p.status = 'ok' THEN coalesce(len(p.spans), 0) + coalesce(len(p.regions), 0) END
                       AS personal_data,
                  d.action, d.licence, d.licence_point, d.licence_basis,
                  array_to_string(list_sort(list_distinct([r.reason FOR r IN d.reasons])), ', ') AS reasons,
                  array_to_string([t.name FOR t IN c.transforms], ', ') AS transforms,
                  v.recipe_fingerprint, v.code_version, v.run
           FROM facts f LEFT JOIN decisions d USING (version, id) LEFT JOIN privacy p USING (version, id)
                LEFT JOIN clusters k USING (version, id) LEFT JOIN content c USING (version, id)
                LEFT JOIN versions v USING (version)""",
    ),
)
