"""The columns of every Parquet shard, with the sentence that explains each.

Five families of shards hold a version: what a stage of a run writes per batch is, row for
row, what a shard holds, so committing a version only concatenates. The published tables
and views (`catalog.publish`) and the reference page are generated from here.

Times are UTC without a zone (duckdb would want pytz for zoned ones); ids are UUIDs.
"""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

FORMAT = 1

TIME = pa.timestamp("us")
UUID = pa.uuid()
DIGEST = pa.binary()


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, Arrow type and what it says."""

    name: str
    type: pa.DataType
    comment: str


@dataclass(frozen=True, slots=True)
class Family:
    """One family of shards. `open_ended` families also hold a column per signal."""

    name: str
    comment: str
    columns: tuple[Column, ...]
    open_ended: bool = False

    @property
    def schema(self) -> pa.Schema:
        """The Arrow schema of the fixed columns."""
        return pa.schema([pa.field(column.name, column.type) for column in self.columns])


def struct(**fields: pa.DataType) -> pa.DataType:
    """A list of structs: many findings for one record."""
    return pa.list_(pa.struct([pa.field(name, kind) for name, kind in fields.items()]))


PREFERENCES = struct(
    use=pa.string(),
    answer=pa.string(),
    channel=pa.string(),
    agent=pa.string(),
    speaker=pa.string(),
    quote=pa.string(),
    layer=pa.string(),
    observed_at=TIME,
)

OVERLAPS = struct(item=pa.string(), start=pa.int64(), end=pa.int64())

ID = Column("id", UUID, "Record id: 128-bit keyed hash of the source address and the place in it.")

FACTS = Family(
    "facts",
    "What the checks found in each record that entered, whatever became of it.",
    (
        ID,
        Column("modality", pa.string(), "text or image."),
        Column("address", pa.string(), "Source address, with anything that looks personal masked."),
        Column("host", pa.string(), "Host name of the address; empty for local files."),
        Column("container", pa.string(), "File the record was read from, relative to the recipe."),
        Column("position", pa.int64(), "Byte offset (WARC), line or row number in the container."),
        Column("media_type", pa.string(), "Media type as found."),
        Column("fetched_at", TIME, "When the source was fetched (UTC), as the source says."),
        Column("headers_captured", pa.bool_(), "Were HTTP headers captured? false: header signals are unknown."),
        Column("content_hash", DIGEST, "Keyed digest of the content; changes when the page changes."),
        Column("language", pa.string(), "ISO 639-1 code of the main language; NULL where not examined."),
        Column("language_confidence", pa.float64(), "Confidence of the language detector, 0 to 1."),
        Column("characters", pa.int64(), "Characters of extracted text; NULL for pictures."),
        Column("label", pa.string(), "Label of a labelled record (majority of its annotators)."),
        Column(
            "annotations", struct(annotator=pa.string(), label=pa.string()), "Votes; annotators as keyed pseudonyms."
        ),
        Column("author_named", pa.bool_(), "Does the source name an author? The name is kept for credit only."),
        Column(
            "groups",
            struct(name=pa.string(), value=pa.string()),
            "Values of the columns that the recipe names under [distribution], masked.",
        ),
        Column("contributor", pa.string(), "Keyed pseudonym of the contributor; NULL where there is none."),
        Column("consent_scope", pa.list_(pa.string()), "Uses the contributor agreed to; NULL: no consent record."),
        Column("consent_granted_at", TIME, "When consent was given (UTC)."),
        Column("consent_expires", TIME, "When consent ends (UTC)."),
        Column("consent_withdrawn", TIME, "When consent was withdrawn (UTC)."),
        Column("problem", pa.string(), "Why the record could not be read; NULL where it was."),
        Column(
            "transforms",
            struct(name=pa.string(), detail=pa.string()),
            "What reading did to it, such as text extraction.",
        ),
        Column(
            "claims",
            struct(
                licence=pa.string(),
                scope=pa.string(),
                channel=pa.string(),
                speaker=pa.string(),
                subject=pa.string(),
                quote=pa.string(),
                start=pa.int64(),
                end=pa.int64(),
                url_written=pa.string(),
                url=pa.string(),
                where=pa.string(),
                observed_at=TIME,
            ),
            "Licence evidence found, each with channel, scope, speaker and a masked quote.",
        ),
        Column(
            "preferences",
            PREFERENCES,
            "Opt-out and opt-in signals of the page itself; those of site files are with the decision.",
        ),
        Column(
            "minhash", pa.list_(pa.uint32()), "MinHash signature over keyed word shingles; NULL where not computed."
        ),
        Column("shingles", pa.list_(pa.uint32()), "Keyed shingle hashes, to verify near-duplicates; no text."),
        Column("paragraphs", pa.list_(pa.uint64()), "Keyed hashes of the text's lines; NULL where not asked for."),
        Column("picture_hash", pa.uint64(), "dHash of a picture before redaction, 64 bits."),
        Column("picture_check", pa.list_(pa.uint64()), "dHash of 256 bits, to verify near-duplicates of pictures."),
    ),
    open_ended=True,
)

CLUSTERS = Family(
    "clusters",
    "Which record stands for which: one row for each record that is a duplicate of another.",
    (
        ID,
        Column("keeper", UUID, "Record that stands for the cluster."),
        Column("kind", pa.string(), "exact or near."),
        Column("similarity", pa.float64(), "True similarity to the keeper, 0 to 1."),
    ),
)

PRIVACY = Family(
    "privacy",
    "Personal data found in each record that was still in: kinds and places, never words.",
    (
        ID,
        Column("status", pa.string(), "ok, or why it could not be examined (the record is then held)."),
        Column(
            "mode", pa.string(), "Mode of the engine: strict, fast, patterns (text); all, private, metadata (pictures)."
        ),
        Column(
            "spans",
            struct(kind=pa.string(), start=pa.int64(), end=pa.int64(), score=pa.float64(), recognizer=pa.string()),
            "Personal data in the text, or in the words of a picture: kind and character offsets.",
        ),
        Column(
            "regions",
            struct(
                kind=pa.string(),
                polygon=pa.list_(pa.list_(pa.int64())),
                score=pa.float64(),
                detector=pa.string(),
                frame=pa.int64(),
            ),
            "Personal data in the picture: kind and polygon in pixels of the upright picture.",
        ),
    ),
)

DECISIONS = Family(
    "decisions",
    "What became of every record that entered, and why.",
    (
        ID,
        Column("action", pa.string(), "keep, redact, hold or drop."),
        Column("licence", pa.string(), "Licence the verdict rests on (SPDX or LicenseRef id); NULL: none found."),
        Column("licence_point", pa.string(), "release, review or none."),
        Column("licence_basis", pa.string(), "Why it may be used: licence, consent, exception or unknown."),
        Column("preferences", PREFERENCES, "Opt-out and opt-in signals of the site's files for this very address."),
        Column("benchmark_items", OVERLAPS, "Benchmark items that the text holds: file and number, character offsets."),
        Column(
            "reasons",
            struct(reason=pa.string(), rule=pa.string(), value=pa.string(), threshold=pa.string()),
            "Every reason, with the rule, the value found and the threshold.",
        ),
    ),
)

CONTENT = Family(
    "content",
    "The redacted content of what stays, and nothing else.",
    (
        ID,
        Column("text", pa.string(), "Redacted text; of a picture: its title, captions, alternative texts, one a line."),
        Column("image", pa.binary(), "Rebuilt picture file without personal metadata; NULL for texts."),
        Column("media_type", pa.string(), "Media type of the content as released."),
        Column("label", pa.string(), "Label of a labelled record."),
        Column("licence", pa.string(), "Outgoing licence of this record."),
        Column(
            "redactions",
            struct(
                kind=pa.string(),
                start=pa.int64(),
                end=pa.int64(),
                recognizer=pa.string(),
                band=pa.string(),
                digest=pa.binary(),
            ),
            "What was replaced: kind, offsets in the redacted text, score band, keyed digest. Never the value.",
        ),
        Column(
            "transforms", struct(name=pa.string(), detail=pa.string()), "Everything done to the record on its way here."
        ),
        Column(
            "effects",
            struct(effect=pa.string(), permitted=pa.string(), mark=pa.string(), section=pa.string(), why=pa.string()),
            "What each transform does in law under the licence, in the same order; NULL without a licence.",
        ),
        Column("row_digest", DIGEST, "Keyed digest of id, content and credit: what the version hash is made of."),
    ),
)

ATTRIBUTIONS = Family(
    "attributions",
    "Whom to credit for each record that stays, as its licence asks.",
    (
        ID,
        Column("title", pa.string(), "Title, as supplied."),
        Column("author", pa.string(), "Author to credit, as supplied."),
        Column("author_url", pa.string(), "Link the author supplied."),
        Column("address", pa.string(), "Source address, whole: credit needs it."),
        Column("licence", pa.string(), "Licence under which it was received."),
        Column("licence_url", pa.string(), "Link to that licence."),
        Column("notice", pa.string(), "Copyright notice, as supplied."),
        Column("changes", pa.string(), "What was changed, for example: modified: personal data removed."),
        Column("complete", pa.bool_(), "Holds all that the licence asks for and the licensor supplied."),
    ),
)

INPUTS = Family(
    "inputs",
    "Every file that was read, what it held and what could not be read of it.",
    (
        Column("name", pa.string(), "File, relative to the recipe."),
        Column("kind", pa.string(), "Kind of source that read it."),
        Column("size", pa.int64(), "Bytes."),
        Column("digest", DIGEST, "Keyed digest of the file's bytes."),
        Column("records", pa.int64(), "Records that entered from it."),
        Column("entries", struct(type=pa.string(), count=pa.int64()), "Everything it held, by type."),
        Column(
            "problems",
            struct(
                position=pa.int64(), problem=pa.string(), message=pa.string(), expected=pa.string(), found=pa.string()
            ),
            "Parts that could not be read, with place, expected and found.",
        ),
    ),
)

FAMILIES = {family.name: family for family in (INPUTS, FACTS, CLUSTERS, PRIVACY, DECISIONS, CONTENT, ATTRIBUTIONS)}
