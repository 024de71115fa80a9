"""How much personal data is left in a version: a sample that a person reviews, canaries, two detectors compared.

Answers hold places and keyed digests, never words. Figures go to `catalog.measurements`.
"""

from __future__ import annotations

import datetime as dt
import heapq
import json
import os
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from catalog import keys as secret_keys
from catalog import measurements
from catalog.errors import FormatError, UsageError
from catalog.keys import digest
from catalog.manifests import Manifest
from catalog.measurements import Measurement
from catalog.queries import query
from catalog.workspace import Workspace, json_lines, refuse_newer
from privacy.leaks import Rate, bounds
from privacy.segments import cut

FORMAT = 1
SHORTEST = 20  # characters: a shorter segment tells nothing by itself
SOURCES = 12  # files that are strata of their own; all further ones together are one more


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of one released text, and the kinds of what was replaced in it."""

    name: str  # keyed digest of record, place and words: an answer is for these very words
    record: str
    start: int
    stratum: str
    text: str = field(repr=False)
    replaced: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sample:
    """The segments to review, and how many each stratum holds in all."""

    version: str
    segments: tuple[Segment, ...]
    strata: dict[str, int]


@dataclass(frozen=True, slots=True)
class Leak:
    """Personal data that a reviewer found: kind and place in the segment."""

    kind: str
    start: int
    end: int


def draw(workspace: Workspace, manifest: Manifest, size: int) -> Sample:
    """A sample by language, source and density of replacements; the same for the same version, keys and size."""
    key = secret_keys.of_ids(workspace)
    counts: Counter[str] = Counter()
    kept: dict[str, list[tuple[int, Segment]]] = defaultdict(list)
    for segment in _segments(workspace, manifest, key):
        counts[segment.stratum] += 1
        # The smallest digests of each stratum: drawn in one reading, in whatever order that goes.
        entry = (-int(segment.name, 16), segment)
        heap = kept[segment.stratum]
        if len(heap) < size:
            heapq.heappush(heap, entry)
        else:
            heapq.heappushpop(heap, entry)
    total = sum(counts.values())
    chosen: list[Segment] = []
    for stratum, count in counts.items():
        wanted = max(1, round(size * count / total))
        chosen += [segment for _, segment in sorted(kept[stratum], reverse=True)[:wanted]]
    return Sample(manifest.name, tuple(sorted(chosen, key=lambda one: one.name)), dict(sorted(counts.items())))


def _segments(workspace: Workspace, manifest: Manifest, key: bytes) -> Iterator[Segment]:
    where = f"version = '{manifest.name}'"
    largest = query(
        workspace,
        f"SELECT container FROM facts WHERE {where} GROUP BY ALL ORDER BY count(*) DESC, container LIMIT {SOURCES}",
    ).fetchall()
    named = {row[0] for row in largest}
    found = query(
        workspace,
        "SELECT c.id::VARCHAR, c.text, c.redactions, coalesce(f.language, 'language unknown'), f.container"
        f" FROM content c JOIN facts f USING (version, id) WHERE c.{where} AND c.text IS NOT NULL",
    )
    while rows := found.fetchmany(256):
        for identity, text, redactions, language, container in rows:
            source = container if container in named else "other files"
            for start, end in cut(text):
                if end - start < SHORTEST:
                    continue
                # A region of a picture has no start: it stands in no text.
                inside = tuple(
                    one["kind"] for one in redactions or () if one["start"] is not None and start <= one["start"] < end
                )
                density = ("none", "some", "some", "many")[min(len(inside), 3)]
                name = digest(key, "segment", identity, str(start), text[start:end]).hex()
                stratum = f"{language}, {source}, {density} replaced"
                yield Segment(name, identity, start, stratum, text[start:end], inside)


def answer(workspace: Workspace, version: str, segment: Segment, found: Sequence[Leak]) -> None:
    """Write down what a reviewer found in a segment, which may be nothing."""
    key = secret_keys.of_ids(workspace)
    for leak in found:
        if not 0 <= leak.start < leak.end <= len(segment.text):
            raise UsageError(
                f"{leak.kind}: expected a place within the segment's {len(segment.text)} characters, "
                f"found {leak.start} to {leak.end}",
                cure="Offsets count characters of the segment, from 0.",
            )
    entry: dict[str, Any] = {
        "format": FORMAT,
        "segment": segment.name,
        "record": segment.record,
        "start": segment.start,
        "leaks": [
            {**asdict(leak), "digest": digest(key, "leak", leak.kind, segment.text[leak.start : leak.end]).hex()}
            for leak in found
        ],
        "at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
    }
    path = _path(workspace, version)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(entry) + "\n")
        file.flush()
        os.fsync(file.fileno())


def answers(workspace: Workspace, version: str) -> dict[str, tuple[Leak, ...]]:
    """The last answer on each segment that was reviewed."""
    path = _path(workspace, version)
    found: dict[str, tuple[Leak, ...]] = {}
    for number, line in json_lines(path.read_text("utf-8")) if path.is_file() else ():
        try:
            row = json.loads(line)
            refuse_newer(row["format"], FORMAT, path)
            found[row["segment"]] = tuple(Leak(one["kind"], one["start"], one["end"]) for one in row["leaks"])
        except (ValueError, KeyError, TypeError) as error:
            raise FormatError(
                "expected an answer on a segment (JSON), found something else",
                cure="Remove the line: the segment is asked for again.",
                place=f"{path}, line {number}",
            ) from error
    return found


def _path(workspace: Workspace, version: str) -> Path:
    return workspace.root / "leaks" / f"{version}.jsonl"


def take(sample: Sample, path: Path) -> list[tuple[Segment, tuple[Leak, ...]]]:
    """Answers from a file: `{"segment": "...", "leaks": [{"kind": "PERSON", "words": "..."}]}` a line.

    In place of `words`, a leak may have `start` and `end`, in characters of the segment.
    """
    known = {segment.name: segment for segment in sample.segments}
    taken = []
    for number, line in json_lines(path.read_text("utf-8")):
        try:
            row = json.loads(line)
            segment = known[row["segment"]]
            taken.append((segment, tuple(_leak(segment, one) for one in row["leaks"])))
        except (ValueError, KeyError, TypeError):
            raise FormatError(
                "expected a `segment` of this sample and its `leaks`, each with `kind` and `words` (or `start`, `end`)",
                cure="Write the sample with --write, with the same --size, and answer that.",
                place=f"{path}, line {number}",
            ) from None  # the line may quote the record
    return taken


def _leak(segment: Segment, one: dict[str, Any]) -> Leak:
    if "words" in one:
        return found_words(segment, str(one["kind"]), str(one["words"]))
    return Leak(str(one["kind"]), int(one["start"]), int(one["end"]))


def found_words(segment: Segment, kind: str, words: str) -> Leak:
    """A leak by its words, where they first stand in the segment."""
    at = segment.text.find(words) if words else -1
    if at < 0:
        raise ValueError("no such words in this segment")
    return Leak(kind, at, at + len(words))


def figures(sample: Sample, known: dict[str, tuple[Leak, ...]], at: str) -> list[Measurement]:
    """What the reviewed segments say: how many hold something, and what share of all there was had been found."""
    reviewed = [(segment, known[segment.name]) for segment in sample.segments if segment.name in known]
    if not reviewed:
        return []
    method = (
        f"a person reviewed {len(reviewed)} of {sum(sample.strata.values())} segments, drawn from "
        f"{len(sample.strata)} strata by language, source and density of replacements; each counts for as many as its "
        "stratum holds for one that was reviewed; Wilson bounds on the effective number"
    )
    drawn = Counter(segment.stratum for segment, _ in reviewed)
    weighed = [(sample.strata[segment.stratum] / drawn[segment.stratum], segment, found) for segment, found in reviewed]
    things = [(kind, weight, True) for weight, segment, _ in weighed for kind in segment.replaced]
    things += [(leak.kind, weight, False) for weight, _, found in weighed for leak in found]
    leaking = [(weight, bool(found)) for weight, _, found in weighed]
    made = [_estimated("segments with personal data left", leaking, method, at)]
    if things:
        made.append(_estimated("recall by review", [thing[1:] for thing in things], method, at))
    for kind in sorted({thing[0] for thing in things}):
        of_kind = [thing[1:] for thing in things if thing[0] == kind]
        made.append(_estimated(f"recall by review, {kind}", of_kind, method, at))
    return made


def _estimated(name: str, weighed: Sequence[tuple[float, bool]], method: str, at: str) -> Measurement:
    """A share of weighed things; its bounds are those of as many of equal weight as say as much (Kish)."""
    whole = sum(weight for weight, _ in weighed)
    share = sum(weight for weight, hit in weighed if hit) / whole
    low, high = bounds(share, whole**2 / sum(weight**2 for weight, _ in weighed))
    return Measurement("leaks", name, share, low, high, len(weighed), method, at)


def measured(name: str, rate: Rate, method: str, at: str) -> Measurement:
    """A share with its bounds as a figure of the topic `leaks`."""
    return Measurement("leaks", name, rate.share, rate.low, rate.high, rate.of, method, at)


def save(workspace: Workspace, version: str, made: Iterable[Measurement]) -> list[Measurement]:
    """Keep new figures; those by other means that were there stay."""
    new = {one.name: one for one in made}
    old = {one.name: one for one in measurements.load(workspace, version) if one.topic == "leaks"}
    whole = [*new.values(), *(one for name, one in old.items() if name not in new)]
    measurements.save(workspace, version, "leaks", whole)
    return whole
