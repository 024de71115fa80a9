"""Measuring the privacy stage without a reviewer: planted canaries, and two unlike detectors on the source texts."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

import privacy
from catalog import keys
from catalog.errors import RecipeError
from catalog.manifests import Manifest
from catalog.measurements import Measurement
from catalog.values import Record
from catalog.workspace import Workspace
from curation import as_run, facts, plan, recipe, runner
from curation.job import Job
from curation.leaks import Sample, measured
from privacy import leaks
from privacy.engine import OK

CANARIES = 140  # twenty of each kind
TEXTS = 200  # read again from the source


def job(workspace: Workspace, manifest: Manifest, path: Path | None = None) -> Job:
    """The run that made a version, as far as its recipe tells: from a file, or from the manifest."""
    loaded = recipe.load(path) if path else as_run.recipe_of(workspace, manifest)
    return Job(loaded, workspace, keys.load(workspace, manifest.dataset), runner.as_of(loaded))


def measure(workspace: Workspace, manifest: Manifest, sample: Sample, path: Path | None, at: str) -> list[Measurement]:
    """All figures that need no reviewer. Where the sources are not there any more, canaries alone."""
    of_run = job(workspace, manifest, path)
    made = canaries(of_run, sample, manifest.hash.encode(), at)
    try:
        return [*made, *recapture(of_run, sample, at)]
    except RecipeError:
        if path is not None:
            raise  # the user named this recipe
        return made


def canaries(job: Job, sample: Sample, seed: bytes, at: str) -> list[Measurement]:
    """Made-up values planted in the sample's segments: the share that the run's own engine and rules take out."""
    planted = leaks.canaries(CANARIES, seed)
    hosts = [sample.segments[number % len(sample.segments)].text for number in range(len(planted))]
    texts = [leaks.plant(host, one, bytes([n % 256])) for n, (host, one) in enumerate(zip(hosts, planted, strict=True))]
    scans = job.engine.scan(texts, ["en"] * len(texts))
    redacted = [
        privacy.redact(text, scan.spans, job.redaction_rules, key=job.keys.pseudonyms).text if scan.status == OK else ""
        for text, scan in zip(texts, scans, strict=True)
    ]
    method = f"made-up values planted in released segments, looked for in mode {job.recipe.privacy.text}; Wilson bounds"
    left = leaks.missed(redacted, planted, hosts)
    whole = leaks.wilson(sum(rate.of - rate.hits for rate in left.values()), len(planted))
    made = [measured("canaries taken out", whole, method, at)]
    for kind, rate in left.items():
        made.append(measured(f"canaries taken out, {kind}", leaks.wilson(rate.of - rate.hits, rate.of), method, at))
    return made


def recapture(job: Job, sample: Sample, at: str) -> list[Measurement]:
    """Names in the source texts by two unlike detectors: the share of all names that at least one of them finds."""
    wanted = sorted({segment.record for segment in sample.segments})[:TEXTS]
    texts = [record.text for record in originals(job, frozenset(wanted))]
    found = leaks.two_detectors(texts) if texts else None
    if found is None:
        return []
    names, seen = found
    if (recall := seen.recall) is None:
        return []
    method = (
        f"Chapman's estimate from {' and '.join(names)} over {len(texts)} source texts; detectors that miss the same "
        "things make it too high"
    )
    return [Measurement("leaks", "recall of names by two detectors", recall, None, None, round(seen.total), method, at)]


def originals(job: Job, wanted: Collection[str]) -> Iterator[Record]:
    """The records as the source holds them now, read again; nothing of them is kept."""
    left = set(wanted)
    for planned in plan.inputs(job.recipe, job.workspace, job.keys):
        for batch in plan.batches(planned, job.recipe.run.batch):
            for found in facts.parsed(job, batch):
                if isinstance(found, Record) and found.id in left:
                    left.discard(found.id)
                    yield found
            if not left:
                return
