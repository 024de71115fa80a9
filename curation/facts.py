"""Stage one, in a worker: parse a batch and write down what the checks find in each record."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pyarrow as pa

import licenses
import privacy
from catalog import keys, store
from catalog.errors import UnreadableInput
from catalog.keys import id_bytes
from catalog.schema import FACTS, TIME, Column, Family
from catalog.values import Claim, Preference, Record
from catalog.workspace import Workspace
from curation import contamination, duplicates, language, paragraphs, sources
from curation.job import Job
from curation.plan import Batch, Done
from curation.sources import Item, Problem, SiteFile
from curation.text import TextView, views
from privacy.masking import mask_names

# Site files are evidence for a whole host, judged for each of its pages with the decision.
SITES = Family(
    "sites",
    "robots.txt and tdmrep.json of hosts, comments stripped.",
    (
        Column("host", pa.string(), "Host they speak for."),
        Column("kind", pa.string(), "robots.txt or tdmrep.json."),
        Column("address", pa.string(), "Where it was read."),
        Column("status", pa.int64(), "HTTP status."),
        Column("body", pa.string(), "Text without comments."),
        Column("fetched_at", TIME, "When (UTC)."),
    ),
)


_TOGETHER = 200_000  # characters of texts that are looked at together
_GROUP = 80  # characters that tell the groups of a named column apart
BATCH_NAME = 32  # characters of a file's name that name its batch


def path(workspace: Workspace, job_key: str, batch_key: str) -> Path:
    """Where a batch's facts are."""
    return workspace.stages / "facts" / f"{batch_key}-{job_key}.parquet"


def sites_path(workspace: Workspace, job_key: str, batch_key: str) -> Path:
    """Where the site files met in a batch are; written only if there were any."""
    return workspace.stages / "sites" / f"{batch_key}-{job_key}.parquet"


def find(job: Job, batch: Batch) -> Done:
    """Write the facts of one batch, and where its texts overlap with benchmarks."""
    if path(job.workspace, job.facts_key, batch.key).exists():
        return _find_overlaps(job, batch)  # alone: the benchmarks are others than they were
    rows: list[dict[str, Any]] = []
    sites: list[dict[str, Any]] = []
    overlaps: list[list[dict[str, Any]]] = []
    for found, view in _viewed(parsed(job, batch)):
        if isinstance(found, SiteFile):
            if not job.suppression.hit(host=found.host):
                sites.append(_site_row(found))
        else:
            rows.append(_problem_row(job, batch, found) if isinstance(found, Problem) else _row(job, found, view))
            if job.benchmarks:
                overlaps.append(contamination.overlaps(job.benchmarks, view))
            if _kept_out(job, rows[-1], found):
                rows[-1] = _suppressed_row(job, rows[-1])
    names = sorted({name for check in job.signal_checks for name in check.reports})
    if job.benchmarks:
        contamination.write(contamination.path(job.workspace, job.overlaps_key, batch.key), overlaps)
    if sites:
        store.write(sites_path(job.workspace, job.facts_key, batch.key), store.table(SITES, sites))
    store.write(path(job.workspace, job.facts_key, batch.key), store.table(FACTS, rows, names))
    return Done(batch.key, len(rows))


def _find_overlaps(job: Job, batch: Batch) -> Done:
    known = [row["content_hash"] for row in store.rows(path(job.workspace, job.facts_key, batch.key), ["content_hash"])]
    overlaps, hashes = [], []
    for found, view in _viewed(parsed(job, batch)):
        if not isinstance(found, SiteFile):
            overlaps.append(contamination.overlaps(job.benchmarks, view) if job.benchmarks else [])
            hashes.append(content_hash(job, found) if isinstance(found, Record) else None)
    if len(hashes) != len(known) or any(was not in (None, now) for was, now in zip(known, hashes, strict=True)):
        place = batch.planned.input.name
        raise UnreadableInput("the file changed while it was read", cure="Run again: it is read anew.", place=place)
    contamination.write(contamination.path(job.workspace, job.overlaps_key, batch.key), overlaps)
    return Done(batch.key, len(overlaps))


def _viewed(
    found: Iterable[Record | SiteFile | Problem],
) -> Iterator[tuple[Record | SiteFile | Problem, TextView | None]]:
    """What a batch parses to, texts with their views. A few texts are looked at together: that costs less."""
    group: list[Record | SiteFile | Problem] = []
    size = 0
    for one in found:
        group.append(one)
        size += len(one.text) + len(one.image or b"") if isinstance(one, Record) else 0
        if size > _TOGETHER:
            yield from _with_views(group)
            group, size = [], 0
    yield from _with_views(group)


def _with_views(
    group: list[Record | SiteFile | Problem],
) -> Iterator[tuple[Record | SiteFile | Problem, TextView | None]]:
    texts = views(one.text for one in group if isinstance(one, Record) and one.modality == "text")
    for one in group:
        yield one, next(texts) if isinstance(one, Record) and one.modality == "text" else None


def parsed(job: Job, batch: Batch) -> Iterator[Record | SiteFile | Problem]:
    """Everything a batch's items parse to."""
    for item in batch.items:
        if isinstance(item, Item):
            yield from sources.parse(item, batch.planned.input, batch.planned.options, job.keys.record_id)
        else:
            yield item


def _site_row(found: SiteFile) -> dict[str, Any]:
    row = {name: getattr(found, name) for name in SITES.schema.names}
    # Masked as the addresses of records are, so that a rule still meets the address it speaks of.
    row["address"], row["body"] = privacy.mask(found.address), privacy.mask(found.body)
    row["fetched_at"] = utc(found.fetched_at)
    return row


def _kept_out(job: Job, row: dict[str, Any], found: Record | Problem) -> bool:
    """Is it on the suppression list? Asked while its address is still there as it was written."""
    address = found.source.address if isinstance(found, Record) else found.address
    return bool(
        job.suppression.hit(
            record=str(UUID(bytes=row["id"])),
            address=address,
            host=row["host"],
            contributor=row.get("contributor") or "",
            content=row.get("content_hash") or b"",
        )
    )


def _suppressed_row(job: Job, row: dict[str, Any]) -> dict[str, Any]:
    """All that is kept of a record that was erased and came in again: that there was one."""
    record = str(UUID(bytes=row["id"]))
    stone = job.suppression.tombstone(record, row["container"], row["position"])
    return {"id": id_bytes(stone), "modality": row["modality"], "problem": "suppressed"}


def content_hash(job: Job, record: Record) -> bytes:
    """Keyed digest of what a record says, to tell a changed page from the one that was judged."""
    if record.image is None:
        return keys.digest(job.keys.ids, "content", record.text)
    words = (record.text,) if record.text else ()
    return keys.digest(job.keys.ids, "content", record.image, *words)


def shown(job: Job, name: str) -> str:
    """A file's name as the catalog may repeat it; where something in it is masked, a keyed mark tells it apart."""
    masked = privacy.mask(name)
    return name if masked == name else f"{masked}~{keys.digest(job.keys.ids, 'name', name).hex()[:8]}"


def _problem_row(job: Job, batch: Batch, problem: Problem) -> dict[str, Any]:
    name = batch.planned.input.name
    address = problem.address or sources.problem_address(name, problem.position)
    told = f" (expected {problem.expected}, found {problem.found})" if problem.expected else ""
    return {
        "id": id_bytes(problem.id or job.keys.record_id(address, f"problem {problem.position}")),
        "modality": "text",
        "address": privacy.mask(address),
        "host": _host(address),
        "container": shown(job, name),
        "position": problem.position,
        "problem": problem.message + told,
    }


def _row(job: Job, record: Record, view: TextView | None) -> dict[str, Any]:
    source, declared = record.source, record.declared
    row: dict[str, Any] = {
        "id": id_bytes(record.id),
        "modality": record.modality,
        "address": privacy.mask(source.address),
        "host": _host(source.address),
        "container": shown(job, source.container),
        "position": source.position,
        "media_type": source.media_type,
        "fetched_at": utc(source.fetched_at),
        "headers_captured": source.headers is not None,
        "content_hash": content_hash(job, record),
        "label": privacy.mask(declared.label) or None,
        "annotations": [
            {"annotator": job.keys.contributor(who), "label": privacy.mask(label)}
            for who, label in declared.annotations
        ],
        "author_named": bool(declared.author),
        "groups": [
            {"name": name, "value": privacy.mask(value[:_GROUP])}
            for name in job.recipe.distribution.columns
            if (value := declared.get(name))
        ],
        "contributor": job.keys.contributor(declared.contributor) if declared.contributor else None,
        "transforms": _transforms(record),
        "claims": [_claim(claim) for claim in licenses.claims(record, job.recipe.checks)],
        "preferences": [preference_row(preference) for preference in licenses.preferences(record, job.recipe.checks)],
    }
    if declared.consent:
        consent = declared.consent
        row["consent_scope"] = [privacy.mask(use) for use in consent.scope]
        row["consent_granted_at"] = utc(consent.granted_at)
        row["consent_expires"] = utc(consent.expires)
        row["consent_withdrawn"] = utc(consent.withdrawn)
    row.update(_picture_facts(job, record) if view is None else _text_facts(job, record, view))
    return row


def _text_facts(job: Job, record: Record, view: TextView) -> dict[str, Any]:
    code, confidence = language.detect(record.text)
    signature = duplicates.signature(view, job.keys.ids)
    found: dict[str, Any] = {
        "language": record.declared.language or code,
        "language_confidence": 1.0 if record.declared.language else confidence,
        "characters": len(record.text),
        "minhash": signature.minhash,
        "shingles": signature.shingles,
    }
    if job.recipe.paragraphs.action != "off":
        found["paragraphs"] = paragraphs.hashes(record.text, job.keys.ids)
    for check in job.signal_checks:
        if getattr(check.module, "MODALITY", "text") == "text":
            found.update(check.run(view))
    return found


def _picture_facts(job: Job, record: Record) -> dict[str, Any]:
    from curation import pictures  # Pillow only where there are pictures

    view = pictures.PictureView(record.image or b"")
    found: dict[str, Any] = {"picture_hash": view.hash, "picture_check": view.check}
    for check in job.signal_checks:
        if getattr(check.module, "MODALITY", "text") == "image":
            found.update(check.run(view))
    return found


def _transforms(record: Record) -> list[dict[str, str]]:
    done = []
    if cut := record.declared.get("WARC-Truncated"):
        done.append({"name": "truncate", "detail": f"by the crawler: {cut}"})
    if record.modality == "text" and record.markup and "html" in record.source.media_type:
        done.append({"name": "extract-text", "detail": "main text of an HTML page"})
    return done


def _claim(claim: Claim) -> dict[str, Any]:
    row = asdict(claim)
    for name in ("quote", "subject"):
        row[name] = mask_names(row[name])
    for name in ("url_written", "url"):
        row[name] = privacy.mask(row[name])
    row["observed_at"] = utc(claim.observed_at)
    return row


def preference_row(preference: Preference) -> dict[str, Any]:
    """A preference as shards hold it, its quote masked."""
    row = asdict(preference)
    row["quote"] = privacy.mask(row["quote"])
    row["observed_at"] = utc(preference.observed_at)
    return row


def utc(moment: dt.datetime | None) -> dt.datetime | None:
    """A moment as the shards keep it: UTC, without a zone."""
    if moment is None or moment.tzinfo is None:
        return moment
    return moment.astimezone(dt.UTC).replace(tzinfo=None)


def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""
