"""Stages three and four, in a worker: scan what is still in, then write what stays, redacted.

Both read the source again, so no raw text is ever kept. A record whose source has changed
since its facts were found is not guessed at: it is held as `source-gone`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

import licenses
import privacy
from catalog import keys, store
from catalog.keys import id_bytes
from catalog.schema import ATTRIBUTIONS, CONTENT, PRIVACY, Column, Family
from catalog.values import Record, Region, Span
from curation import credit, facts, pair, paragraphs
from curation.job import Job
from curation.judge import site_paragraphs
from curation.pictures import PictureView
from curation.plan import Batch, Done

GONE = "source-gone"
GONE_SUFFIX = "-gone"  # of files that hold such an answer: it must not outlive the run
# Content of a stage says of each record whether it could be made; shards hold only what was.
STAGED_CONTENT = Family(
    CONTENT.name,
    CONTENT.comment,
    (
        *CONTENT.columns,
        Column("problem", pa.string(), "Why it could not be made; NULL where it was."),
        Column("left_hash", pa.uint64(), "dHash of a picture whose pixels were changed, as it leaves."),
        Column("left_check", pa.list_(pa.uint64()), "The same in 256 bits."),
    ),
)
STAGED = tuple(column.name for column in STAGED_CONTENT.columns[len(CONTENT.columns) :])  # what shards do not hold


@dataclass(frozen=True, slots=True)
class Reading:
    """A batch to read again, and the files that say which of its records are wanted."""

    batch: Batch
    facts: Path
    decisions: Path
    out: Path
    scans: tuple[Path, ...] = ()
    verbatim: bool = False
    paragraphs: Path | None = None  # lines of sites to take out, sorted by batch

    def __str__(self) -> str:
        return str(self.batch)


def scan(job: Job, reading: Reading) -> Done:
    """Look for personal data in the records that need it."""
    wanted = _wanted(reading, "privacy")
    present = dict(_present(job, reading, wanted))
    texts = [record for record in present.values() if record.modality == "text"]
    languages = [wanted[record.id]["language"] or "" for record in texts]
    rows = {
        record.id: _scanned(record.id, found.status, job.recipe.privacy.text, spans=found.spans)
        for record, found in zip(texts, job.engine.scan([record.text for record in texts], languages), strict=True)
    }
    pictures = [record for record in present.values() if record.modality == "image"]
    told = pair.scan(job, pictures)
    for record in pictures:
        seen = privacy.scan_image(record.image or b"", mode=job.recipe.privacy.images, options=job.image_options)
        words = told.get(record.id)
        spans = words.spans if words and words.status == pair.OK else None
        status = pair.status(seen.status, words)
        rows[record.id] = _scanned(record.id, status, job.recipe.privacy.images, spans, seen.regions)
    for identity in wanted.keys() - rows.keys():
        rows[identity] = _scanned(identity, GONE, "")
    store.write(_place(reading, wanted, present), store.table(PRIVACY, [rows[name] for name in sorted(rows)]))
    return Done(reading.batch.key, len(rows))


def make(job: Job, reading: Reading) -> Done:
    """Write the released form of the records that stay, with whom to credit."""
    need = "content-verbatim" if reading.verbatim else "content"
    wanted = _wanted(reading, need)
    found = _findings(reading.scans)
    of_sites = site_paragraphs(reading.paragraphs, reading.batch.key)
    rows: dict[str, dict[str, Any]] = {}
    credits: dict[str, dict[str, Any]] = {}
    for identity, record in _present(job, reading, wanted):
        repeated = of_sites.get(wanted[identity]["host"] or "", set())
        row = _released(job, record, wanted[identity], found.get(identity, {}), reading.verbatim, repeated)
        rows[identity] = row
        if not row.get("problem"):
            credits[identity] = credit.row(job, record, row)
            row["row_digest"] = _row_digest(job, row, credits[identity])
    found_again = set(rows)
    for identity in wanted.keys() - found_again:
        rows[identity] = {"id": id_bytes(identity), "problem": GONE}
    folder = reading.out.parent.parent / "attributions"
    # Credits first: content that exists says that everything beside it does too.
    out = _place(reading, wanted, found_again)
    store.write(folder / out.name, store.table(ATTRIBUTIONS, [credits[name] for name in sorted(credits)]))
    store.write(out, store.table(STAGED_CONTENT, [rows[name] for name in sorted(rows)]))
    return Done(reading.batch.key, len(rows))


def _place(reading: Reading, wanted: Collection[str], found: Collection[str]) -> Path:
    return reading.out if len(wanted) == len(found) else reading.out.with_stem(reading.out.stem + GONE_SUFFIX)


def _wanted(reading: Reading, need: str) -> dict[str, dict[str, Any]]:
    """The records of the batch that need this, with what the facts and the decision say of them."""
    decisions = store.rows(reading.decisions, ["needs", "licence", "licence_basis"])
    known = store.rows(reading.facts, ["id", "host", "position", "content_hash", "language", "label", "transforms"])
    # A decision stands in the row of its facts: of a page that was captured twice only one capture is wanted.
    return {
        str(row["id"]): {**row, **decision}
        for row, decision in zip(known, decisions, strict=True)
        if decision["needs"] == need
    }


def _present(job: Job, reading: Reading, wanted: dict[str, dict[str, Any]]) -> Iterator[tuple[str, Record]]:
    for record in facts.parsed(job, reading.batch):
        if not isinstance(record, Record) or not (row := wanted.get(record.id)):
            continue
        if record.source.position == row["position"] and facts.content_hash(job, record) == row["content_hash"]:
            yield record.id, record


def _scanned(
    identity: str,
    status: str,
    mode: str,
    spans: tuple[Span, ...] | None = None,
    regions: tuple[Region, ...] | None = None,
) -> dict[str, Any]:
    return {
        "id": id_bytes(identity),
        "status": status,
        "mode": mode,
        "spans": None if spans is None else [_span(span) for span in spans],
        "regions": None if regions is None else [_region(region) for region in regions],
    }


def _span(span: Span) -> dict[str, Any]:
    return {
        "kind": span.kind,
        "start": span.start,
        "end": span.end,
        "score": round(span.score, 4),
        "recognizer": span.recognizer,
    }


def _region(region: Region) -> dict[str, Any]:
    return {
        "kind": region.kind,
        "polygon": [list(point) for point in region.polygon],
        "score": round(region.score, 4),
        "detector": region.detector,
        "frame": region.frame,
    }


def _findings(scans: tuple[Path, ...]) -> dict[str, dict[str, Any]]:
    return {str(row["id"]): row for scan_file in scans for row in store.rows(scan_file, ["id", "spans", "regions"])}


def _released(
    job: Job, record: Record, wanted: dict[str, Any], found: dict[str, Any], verbatim: bool, repeated: set[int]
) -> dict[str, Any]:
    row: dict[str, Any] = {
        "id": id_bytes(record.id),
        "media_type": record.source.media_type or "text/plain",
        "label": wanted["label"],
        "licence": wanted["licence"],
        "redactions": [],
    }
    done = list(wanted["transforms"] or ())
    if record.modality == "image":
        done += _picture(job, record, found, row, verbatim)
    else:
        done += _text(job, record, found, row, verbatim, repeated)
    row["transforms"] = done
    row["effects"] = _effects(row["licence"], done)
    return row


def _row_digest(job: Job, row: dict[str, Any], credit: dict[str, Any]) -> bytes:
    """Keyed digest of what leaves: the content, and whom to credit for it."""
    content = [part for part in (row.get("image"), row.get("text")) if part is not None]
    told = [str(credit[name] or "") for name in sorted(credit) if name != "id"]
    return keys.digest(job.keys.ids, "row", row["id"], row["media_type"], row["label"] or "", *content, *told)


def _text(
    job: Job, record: Record, found: dict[str, Any], row: dict[str, Any], verbatim: bool, repeated: set[int]
) -> list[dict[str, str]]:
    row["media_type"] = "text/plain"
    if verbatim:
        row["text"] = record.text
        return []
    spans = [Span(**span) for span in found.get("spans") or ()]
    text, steps = record.text, []
    gone = paragraphs.places(text, repeated, job.keys.ids) if repeated and paragraphs.removable(row["licence"]) else []
    if gone:
        text, spans = paragraphs.cut(text, gone, spans)
        steps.append({"name": paragraphs.REMOVED, "detail": f"{len(gone)} that the site repeats"})
    redaction = privacy.redact(text, spans, job.redaction_rules, key=job.keys.pseudonyms)
    row["text"] = redaction.text
    row["redactions"] = [pair.redaction_row(item) for item in redaction.redactions]
    if redaction.redactions:
        steps.append({"name": "redact", "detail": f"{len(redaction.redactions)} places"})
    return steps


def _picture(
    job: Job, record: Record, found: dict[str, Any], row: dict[str, Any], verbatim: bool
) -> list[dict[str, str]]:
    regions = found.get("regions")
    given = None if regions is None else [_as_region(region) for region in regions]
    # A person let it out as it is: its file is written anew, its pixels stay.
    data, mode = record.image or b"", "metadata" if verbatim else job.recipe.privacy.images
    redaction = privacy.redact_image(data, mode=mode, regions=given, options=job.image_options)
    if redaction.held or redaction.data is None:
        row["problem"] = "picture-" + (redaction.held or "not-rebuilt")
        return []
    row["image"] = redaction.data
    row["redactions"] = [
        {"kind": region.kind, "start": None, "end": None, "recognizer": region.detector, "band": None, "digest": None}
        for region in redaction.regions or ()
    ]
    if redaction.regions:
        view = PictureView(redaction.data)
        row["left_hash"], row["left_check"] = view.hash, view.check
    told = ", ".join((f"{len(redaction.removed)} metadata fields removed", *redaction.changes))
    steps = [{"name": "re-encode", "detail": told}]
    if verbatim:
        row["text"] = pair.words(job, record) or None
        return steps
    regions = f"{len(redaction.regions)} regions" if redaction.regions else ""
    changed = ", ".join(filter(None, (regions, pair.redact(job, record, found, row))))
    return [*steps, {"name": "redact", "detail": changed}] if changed else steps


def _as_region(region: dict[str, Any]) -> Region:
    return Region(**{**region, "polygon": tuple((int(x), int(y)) for x, y in region["polygon"])})


def _effects(licence: str | None, steps: list[dict[str, str]]) -> list[dict[str, str]] | None:
    """What each step does in law; without a licence there is none to say it."""
    if not licence:
        return None
    found = [licenses.effect(licence, step["name"]) for step in steps]
    return [
        {
            "effect": "adaptation" if one.adaptation else "none",
            **{name: getattr(one, name) for name in ("permitted", "mark", "section", "why")},
        }
        for one in found
    ]
