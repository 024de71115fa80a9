"""The decision stage, in a worker: gather what is known of each record of a batch, and judge.

Nothing of a source is read here. What comes out is decisions, and for records that cannot
be decided yet the one thing they need next; the run goes round until none needs anything.
"""

from __future__ import annotations

import itertools
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import UUID

import pyarrow as pa

import licenses
from catalog import store
from catalog.keys import id_bytes
from catalog.schema import DECISIONS, FACTS, Column, Family
from catalog.suppression import ERASED
from catalog.values import Claim, Consent, Preference
from catalog.workspace import json_lines
from curation import policy
from curation.facts import BATCH_NAME, preference_row
from curation.job import Job
from curation.policy import Facts, Review

# A decision of a stage also says what the record still needs; in shards nothing does.
STAGED = Family(
    DECISIONS.name,
    DECISIONS.comment,
    (*DECISIONS.columns, Column("needs", pa.string(), "What is needed before this can be decided; NULL: nothing.")),
)
_FIXED = frozenset(FACTS.schema.names)
_NONE: set[int] = set()
_HEAVY = ("minhash", "shingles", "annotations", "groups")  # facts that no rule reads


@dataclass(frozen=True, slots=True)
class Case:
    """One batch to judge, and every file that says something about it."""

    facts: Path
    out: Path = Path()
    clusters: Path | None = None  # None: the set was not compared yet. These three are sorted by batch
    sites: Path | None = None
    repeats: Path | None = None
    reviews: Path | None = None
    scans: tuple[Path, ...] = ()
    contents: tuple[Path, ...] = ()
    verbatim: tuple[Path, ...] = ()
    quality: bool = True  # the quality rules apply to this source
    review: bool = False  # every record of this source waits for a person
    overlaps: Path | None = None  # row by row with the facts
    paragraphs: Path | None = None  # lines that sites repeat, sorted by batch

    def __str__(self) -> str:
        return f"decisions {self.out.name}"

    @property
    def known(self) -> Iterator[Path | bool | None]:
        """All that a decision is made of, in a fixed order."""
        yield from (self.facts, self.quality, self.review, self.clusters, self.sites, self.repeats, self.reviews)
        yield from (self.overlaps, self.paragraphs, *self.scans, *self.contents, *self.verbatim)


@dataclass(frozen=True, slots=True)
class Judged:
    """Counts of one batch: actions of what is decided, needs of what is not."""

    out: Path
    actions: Counter[str]
    needs: Counter[str]
    unreadable: int = 0


def judge(job: Job, case: Case) -> Judged:
    """Decide a batch and write it; a batch decided before under the same key is only counted."""
    if not case.out.exists():
        store.write(case.out, store.table(STAGED, list(_decided(job, case))))
    actions: Counter[str] = Counter()
    needs: Counter[str] = Counter()
    unreadable = 0
    for row in store.rows(case.out, ["action", "needs", "reasons"]):
        if row["needs"]:
            needs[row["needs"]] += 1
            continue
        actions[row["action"]] += 1
        unreadable += any(reason["reason"] == "unreadable" for reason in row["reasons"])
    return Judged(case.out, actions, needs, unreadable)


def _decided(job: Job, case: Case) -> list[dict[str, Any]]:
    context = _Context(job, case)
    columns = [name for name in store.columns(case.facts) if name not in _HEAVY]
    rules = job.rules if case.quality else ()
    overlapping = (row["overlaps"] for row in store.rows(case.overlaps)) if case.overlaps else itertools.repeat(None)
    rows = []
    for row, overlaps in zip(store.rows(case.facts, columns), overlapping, strict=case.overlaps is not None):
        renamed = context.renamed(row)
        if renamed and not row["problem"]:
            rows.append(_repeated(renamed))
            continue
        of_the_site = context.of_the_site(row)
        if row["problem"] in ERASED:
            overlaps = None  # they were found before, and are the erased record's
        facts = replace(context.facts(row, of_the_site), overlaps=tuple(one["item"] for one in overlaps or ()))
        judgement = policy.decide(facts, job.recipe, rules, job.as_of)
        verdict = facts.verdict
        rows.append(
            {
                "id": id_bytes(renamed) if renamed else row["id"].bytes,
                "action": judgement.decision.action,
                "licence": verdict.licence if verdict else None,
                "licence_point": verdict.point if verdict else None,
                "licence_basis": judgement.basis,
                "preferences": [preference_row(preference) for preference in of_the_site],
                "benchmark_items": overlaps,
                "reasons": [
                    {"reason": reason.id, "rule": reason.rule, "value": reason.value, "threshold": reason.threshold}
                    for reason in judgement.decision.reasons
                ],
                "needs": judgement.needs,
            }
        )
    return rows


def _repeated(identity: str) -> dict[str, Any]:
    reason = {"reason": "address-repeated", "rule": "source", "value": "", "threshold": "the newest capture stands"}
    return {"id": id_bytes(identity), "action": "drop", "licence_basis": "unknown", "reasons": [reason]}


class _Context:
    """What the other stages say of one batch, looked up by record. Made and left per batch."""

    def __init__(self, job: Job, case: Case) -> None:
        self._rules = job.redaction_rules
        self._checks = job.recipe.checks
        self._review_asked = case.review
        self._said, self._as_of, self._suppression = job.consents, job.as_of, job.suppression
        batch = case.facts.name[:BATCH_NAME]
        self._compared = case.clusters is not None
        self._clusters = _clusters(case.clusters, batch)
        self._sites = _sites(case.sites, batch)
        self._repeats = repeats(case.repeats, batch)
        self._paragraphs = site_paragraphs(case.paragraphs, batch)
        self._reviews = reviews(case.reviews, job.recipe.dataset) if case.reviews else {}
        self._scans = _by_id(case.scans, ["id", "status", "spans", "regions"])
        self._contents = _by_id(case.contents, ["id", "problem", "redactions.list.element.kind"])
        self._verbatim = _by_id(case.verbatim, ["id", "problem"])

    def renamed(self, row: dict[str, Any]) -> str | None:
        """The id of a capture whose address another capture stands for."""
        renamed = self._repeats.get(row["position"])
        return str(renamed) if renamed else None

    def facts(self, row: dict[str, Any], of_the_site: list[Preference]) -> Facts:
        """All that is known of one record."""
        identity = str(row["id"])
        keeper, similarity = self._clusters.get(identity, ("", None))
        scan, made = self._scans.get(identity), self._contents.get(identity)
        verdict = licenses.resolve([Claim(**claim) for claim in row["claims"] or ()])
        own = tuple(Preference(**preference) for preference in row["preferences"] or ())
        return Facts(
            modality=row["modality"],
            review_asked=self._review_asked,
            host=row["host"] or "",
            problem=row["problem"] or "",
            verdict=verdict,
            preferences=(*own, *of_the_site),
            author_named=bool(row["author_named"]),
            contributor=row["contributor"] or "",
            consent=self._said.effective(row["contributor"] or "", _consent(row), self._as_of),
            suppressed=self._suppression.hit(
                record=identity,
                address=row["address"] or "",
                host=row["host"] or "",
                contributor=row["contributor"] or "",
                content=row["content_hash"] or b"",
            ),
            transforms=tuple(step["name"] for step in row["transforms"] or ()),
            paragraphs=len(row.get("paragraphs") or ()),
            repeated=len(self._paragraphs.get(row["host"] or "", _NONE) & {*(row.get("paragraphs") or ())}),
            signals={name: value for name, value in row.items() if name not in _FIXED},
            language=row["language"],
            language_confidence=row["language_confidence"],
            duplicate_of=keeper if self._compared else None,
            similarity=similarity,
            privacy=scan["status"] if scan else None,
            kinds=_kinds(scan),
            redacted=self._taken_out(scan, made),
            content=_outcome(made),
            verbatim=_outcome(self._verbatim.get(identity)),
            review=self._reviews.get((identity, (row["content_hash"] or b"").hex())),
        )

    def _taken_out(self, scan: dict[str, Any] | None, made: dict[str, Any] | None) -> frozenset[str]:
        """Kinds that the rules take out of words, those covered in a picture, and what only a second look covered."""
        named = (span["kind"] for span in (scan and scan["spans"]) or ())
        words = [kind for kind in named if self._rules.get(kind, self._rules["*"]) != "keep"]
        regions = [region["kind"] for region in (scan and scan["regions"]) or ()]
        done = [one["kind"] for one in (made and made["redactions"]) or ()]
        return frozenset([*words, *regions, *done])

    def of_the_site(self, row: dict[str, Any]) -> list[Preference]:
        """What the site's own files say about this address."""
        return [
            preference
            for kind, body, address in self._sites.get(row["host"], ())
            for preference in licenses.site_preferences(kind, body, address, row["address"], self._checks)
        ]


def _kinds(scan: dict[str, Any] | None) -> frozenset[str]:
    if not scan:
        return frozenset()
    return frozenset(item["kind"] for item in (*(scan["spans"] or ()), *(scan["regions"] or ())))


def _consent(row: dict[str, Any]) -> Consent | None:
    if row["consent_scope"] is None:
        return None
    return Consent(
        scope=tuple(row["consent_scope"]),
        granted_at=row["consent_granted_at"],
        expires=row["consent_expires"],
        withdrawn=row["consent_withdrawn"],
    )


def _outcome(row: dict[str, Any] | None) -> str | None:
    return None if row is None else row["problem"] or "ok"


def _by_id(paths: tuple[Path, ...], columns: list[str]) -> dict[str, dict[str, Any]]:
    return {str(row["id"]): row for path in paths for row in store.rows(path, columns)}


def _of_batch(path: Path | None, batch: str) -> list[dict[str, Any]]:
    return store.rows_of(path, "batch", batch) if path else []


def _clusters(path: Path | None, batch: str) -> dict[str, tuple[str, float]]:
    return {str(row["id"]): (str(row["keeper"]), row["similarity"]) for row in _of_batch(path, batch)}


def _sites(path: Path | None, batch: str) -> dict[str, list[tuple[str, str, str]]]:
    found: dict[str, list[tuple[str, str, str]]] = {}
    for row in _of_batch(path, batch):
        found.setdefault(row["host"], []).append((row["kind"], row["body"], row["address"]))
    return found


def site_paragraphs(path: Path | None, batch: str) -> dict[str, set[int]]:
    """Hashes of the lines that a batch's sites repeat, by host."""
    found: dict[str, set[int]] = {}
    for row in _of_batch(path, batch):
        found.setdefault(row["host"], set()).add(row["hash"])
    return found


def repeats(path: Path | None, batch: str) -> dict[int, UUID]:
    """New ids of a batch's captures whose address another capture stands for, by position."""
    return {row["position"]: row["renamed"] for row in _of_batch(path, batch)}


@lru_cache(maxsize=1)
def reviews(path: Path, dataset: str) -> dict[tuple[str, str], Review]:
    """The last word on each (record, content) of a data set that a person reviewed."""
    found = (json.loads(line) for _, line in json_lines(path.read_text("utf-8")))
    return {
        (row["id"], row["content"]): Review(row["answer"], frozenset(row["reasons"]))
        for row in found
        if row["dataset"] == dataset
    }
