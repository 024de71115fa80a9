"""The words that come with a picture (title, captions, alternative text) go the way of texts, in step with it:
what can't be examined holds the record, and what is released is redacted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import privacy
from catalog.values import Record, Span
from curation import language
from curation.job import Job
from curation.policy import NOT_EXAMINED

OK = "ok"
_LATIN_ENDS = "\u0250"  # the first sign after the Latin letters of Unicode


def words(job: Job, record: Record) -> str:
    """The words that are part of this picture's record, unless the recipe leaves them out."""
    return record.text if job.recipe.privacy.captions == "redact" else ""


def scan(job: Job, records: Sequence[Record]) -> dict[str, privacy.Scan]:
    """What the text engine finds in the words of each picture that has any."""
    told = [record for record in records if words(job, record)]
    found = job.engine.scan([record.text for record in told], [_language(job, record) for record in told])
    return {record.id: one for record, one in zip(told, found, strict=True)}


def status(picture: str, told: privacy.Scan | None) -> str:
    """One word for both: a record is as well examined as the worse of its halves."""
    if told is None or told.status == OK or picture not in (OK, NOT_EXAMINED):
        return picture
    return told.status


def redact(job: Job, record: Record, found: dict[str, Any], row: dict[str, Any]) -> str:
    """Add the redacted words to a picture's row, and say what was done. Words that were not examined stay out."""
    if not words(job, record) or found.get("spans") is None:
        return ""
    spans = [Span(**span) for span in found["spans"]]
    done = privacy.redact(record.text, spans, job.redaction_rules, key=job.keys.pseudonyms)
    row["text"] = done.text
    row["redactions"] = [*row["redactions"], *map(redaction_row, done.redactions)]
    return f"{len(done.redactions)} places in its words" if done.redactions else ""


def redaction_row(item: privacy.Redacted) -> dict[str, Any]:
    """One replacement, as shards hold it."""
    return {name: getattr(item, name) for name in ("kind", "start", "end", "recognizer", "band", "digest")}


def title(record: Record, row: dict[str, Any]) -> str:
    """The title to credit. Where no licence asks for it, only what may be shown of it."""
    if record.modality != "image" or row["licence"] or not record.declared.title:
        return record.declared.title
    return (row.get("text") or "").partition("\n")[0]


def _language(job: Job, record: Record) -> str:
    """Captions are short: a guess that is not sure counts as English, whose engine knows most, if the script is its."""
    if record.declared.language:
        return record.declared.language
    code, confidence = language.detect(record.text)
    if code and (confidence or 0.0) >= job.recipe.quality.language_confidence:
        return code
    letters = [sign for sign in record.text if sign.isalpha()]
    return "en" if 2 * sum(sign < _LATIN_ENDS for sign in letters) >= len(letters) else ""
