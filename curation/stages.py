"""The stages of a run over all batches: facts, comparison of the whole set, decisions, scans, content.

Each stage asks which outputs are missing under their keys and makes those. Killed anywhere
and started again, it goes on with what is missing.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

from duckdb.func import SPECIAL

import licenses
from catalog import manifests, store
from catalog.errors import RecipeError
from catalog.workspace import write_atomically, write_bytes
from curation import contamination, content, duplicates, earlier, facts, leaving, paragraphs, plan
from curation.executors.local import LocalExecutor
from curation.job import Job
from curation.judge import Case, Judged, judge
from curation.plan import Batch, Done, Planned

# Of several copies one that is not held stands for the others, so that the work stays if any copy may; then the
# one whose licence keeps least back; then the one that least is noted against; then the oldest.
_RANK = "rank() OVER (ORDER BY action = 'hold', kept_back(licence), len(reasons), fetched_at NULLS LAST) AS rank"
_ANSWERS = ("yes", "unknown", "no")
_CANDIDATES = "candidates.parquet"
_NAMED = 5  # inputs at most in an error


class Progress(Protocol):
    """What a run tells while it works: a stage begins with its size, if known, and advances."""

    def begin(self, stage: str, total: int | None) -> None: ...
    def advance(self, stage: str, count: int, batch: str) -> None: ...


class Silent:
    """A Progress that tells nothing."""

    def begin(self, stage: str, total: int | None) -> None: ...
    def advance(self, stage: str, count: int, batch: str) -> None: ...


@dataclass
class Stages:
    """One run's way through the stages. `work` counts the batches each stage really computed."""

    job: Job
    planned: list[Planned]
    pool: LocalExecutor[Job]
    progress: Progress
    limit: int | None = None
    work: Counter[str] = field(default_factory=Counter)
    batches: list[Batch] = field(default_factory=list)  # without their items
    clusters: Path | None = None  # the duplicates of the whole set, once compared
    paragraphs: Path | None = None  # lines that sites repeat, by batch
    repeats: Path | None = None  # captures that another one of their address stands for, by batch
    _answered: Path | None = None
    _compared_leaving: bool = False

    def find_facts(self) -> None:
        """Stage one: read everything that has no facts yet."""
        self.progress.begin("facts", None)
        for done in self.pool.map(facts.find, self._unread()):
            self.work["facts"] += 1
            self.progress.advance("facts", done.count, done.batch)
        if not self.batches:
            names = ", ".join(sorted(facts.shown(self.job, planned.input.name) for planned in self.planned)[:_NAMED])
            raise RecipeError(
                "source: expected records, found none", cure="Name a source that holds some.", place=names
            )

    def _unread(self) -> Iterator[Batch]:
        for planned in self.planned:
            known = plan.extent(self.job.workspace, planned)
            numbers = [Batch(planned, number) for number in range(known.batches)] if known else []
            if known and all(map(self._found, numbers)):
                self.batches += numbers
                continue
            size, workspace = self.job.recipe.run.batch, self.job.workspace
            for batch in plan.batches(planned, size, self.limit, extent_in=workspace):
                self.batches.append(Batch(planned, batch.number))
                if not self._found(batch):
                    yield batch

    def _found(self, batch: Batch) -> bool:
        paths = [self.facts_path(batch), self._overlaps_path(batch)]
        return all(path.exists() for path in paths if path)

    def _site_paragraphs(self) -> Path | None:
        """The lines that the sites of each batch repeat, where the recipe asks for them."""
        asked = self.job.recipe.paragraphs
        if asked.action == "off":
            return None
        return self._by_batch("paragraphs", paragraphs.repeated(asked.pages, asked.share))

    def _overlaps_path(self, batch: Batch) -> Path | None:
        """Where a batch's overlaps with the recipe's benchmarks are, if it names any."""
        job = self.job
        return (
            contamination.path(job.workspace, job.overlaps_key, batch.key) if job.recipe.decontaminate.files else None
        )

    def decide(self) -> list[Judged]:
        """Judge, find what is needed, judge again, until every record is decided."""
        recipe = self.job.recipe
        sites, repeats = self._sites(), self._captured_again()
        self.repeats, self.paragraphs = repeats, self._site_paragraphs()
        clusters = None
        if recipe.duplicates.enabled:
            first = self._judge("comparing", sites, repeats, None, lookup=False)
            self.clusters = self._compare(first, repeats)
            clusters = self._clusters_by_batch(self.clusters)
        while True:
            judged = self._judge("deciding", sites, repeats, clusters)
            needs = sum((item.needs for item in judged), Counter[str]())
            if not needs:
                again = self._compare_leaving(judged)
                if again is None:
                    return judged
                self.clusters, clusters = again, self._clusters_by_batch(again)
                continue
            self._read_again("privacy", "scan", judged, needs)
            self._read_again("content", "content", judged, needs)
            self._read_again("content-verbatim", "verbatim", judged, needs)

    def _judge(
        self, label: str, sites: Path | None, repeats: Path | None, clusters: Path | None, *, lookup: bool = True
    ) -> list[Judged]:
        self.progress.begin(label, len(self.batches))
        reviews = self._answers()
        made = {kind: self._made(kind) if lookup else {} for kind in ("scan", "content", "verbatim")}
        cases = []
        for batch in self.batches:
            case = Case(
                facts=self.facts_path(batch),
                clusters=clusters,
                sites=sites,
                repeats=repeats,
                reviews=reviews,
                scans=tuple(made["scan"].get(batch.key, ())),
                contents=tuple(made["content"].get(batch.key, ())),
                verbatim=tuple(made["verbatim"].get(batch.key, ())),
                quality=batch.planned.options.quality,
                review=batch.planned.options.review,
                overlaps=self._overlaps_path(batch),
                paragraphs=self.paragraphs,
            )
            cases.append(replace(case, out=self._decisions_path(batch, case)))
        judged: dict[Path, Judged] = {}
        for done in self.pool.map(judge, cases):
            judged[done.out] = done
            self.progress.advance(label, 1, done.out.name[: facts.BATCH_NAME])
        return [judged[case.out] for case in cases]

    def _decisions_path(self, batch: Batch, case: Case) -> Path:
        # Made of what the case names; where a file lies tells a scan from content.
        known = (f"{name.parent.name}/{name.name}" if isinstance(name, Path) else name for name in case.known)
        key = _digest(self.job.policy_key, *known)
        return self.job.workspace.stages / "decisions" / f"{batch.key}-{key}.parquet"

    def _read_again(self, need: str, kind: str, judged: list[Judged], needs: Counter[str]) -> None:
        """Read the batches with records that need this, and make it."""
        if not needs[need]:
            return
        function: Callable[[Job, content.Reading], Done] = content.scan if kind == "scan" else content.make
        scans = self._made("scan")
        wanted = {batch.key: item for batch, item in zip(self.batches, judged, strict=True) if item.needs[need]}
        self.progress.begin(need, needs[need])
        readings = (
            content.Reading(
                batch=batch,
                facts=self.facts_path(batch),
                decisions=wanted[batch.key].out,
                out=self._out(kind, batch, wanted[batch.key].out),
                scans=tuple(scans.get(batch.key, ())),
                verbatim=kind == "verbatim",
                paragraphs=self.paragraphs if self.job.recipe.paragraphs.action == "remove" else None,
            )
            for batch in self._reread(wanted)
        )
        for done in self.pool.map(function, readings):
            self.work[kind] += 1
            self.progress.advance(need, done.count, done.batch)

    def _reread(self, keys: Container[str]) -> Iterator[Batch]:
        """Batches with their items, read from the source again."""
        wanted: dict[str, dict[str, Batch]] = defaultdict(dict)
        for batch in self.batches:
            if batch.key in keys:
                wanted[batch.planned.key][batch.key] = batch
        for planned in self.planned:
            mine = wanted.pop(planned.key, {})
            for batch in plan.batches(planned, self.job.recipe.run.batch, self.limit) if mine else ():
                if mine.pop(batch.key, None):
                    yield batch
                if not mine:
                    break
            yield from mine.values()  # the source has become shorter: these come without items

    def _compare(self, judged: list[Judged], repeats: Path | None) -> Path:
        """The duplicates of the whole set, among the records that would otherwise stay."""
        workspace, recipe = self.job.workspace, self.job.recipe
        before = [manifests.find(workspace, name) for name in recipe.duplicates.against]
        known = [self.facts_path(batch) for batch in self.batches]
        candidates = workspace.spill / _CANDIDATES
        self._candidates([item.out for item in judged], known, candidates)
        # Who is compared, and in what order: not every new decision changes that.
        compared = plan.file_digest(candidates).hex(), *(path.name for path in known)
        key = _digest(duplicates.VERSION, recipe.duplicates.threshold, earlier.state(before), *compared)
        out = workspace.stages / "clusters" / f"{key}.parquet"
        if not out.exists():
            self.progress.begin("duplicates", None)
            others = [workspace.spill / "earlier.parquet"] if before else []
            for path in others:
                earlier.write(workspace, before, known, path)
                candidates = self._with_earlier(candidates, path)
            duplicates.find(
                [*known, *others],
                out,
                threshold=recipe.duplicates.threshold,
                candidates=candidates,
                repeats=repeats,
                temp=workspace.spill,
            )
            self.work["clusters"] += 1
        return out

    def _compare_leaving(self, judged: list[Judged]) -> Path | None:
        """The duplicates with those among pictures as they leave; None where these are none, or in already."""
        first, workspace = self.clusters, self.job.workspace
        if first is None or self._compared_leaving:
            return None
        self._compared_leaving = True
        made = self._made("content")
        contents = [path for batch in self.batches for path in made.get(batch.key, ())]
        key = _digest(first.name, *(item.out.name for item in judged), *(path.name for path in contents))
        out = first.with_name(f"{key}.parquet")
        found = out.exists() or leaving.copies(
            workspace,
            first,
            facts=[self.facts_path(batch) for batch in self.batches],
            decisions=[item.out for item in judged],
            contents=contents,
            candidates=workspace.spill / _CANDIDATES,
            out=out,
        )
        return out if found else None

    def _clusters_by_batch(self, clusters: Path) -> Path | None:
        return self._by_batch(
            "clusters",
            f"""SELECT batch, id, keeper, similarity
                FROM facts JOIN read_parquet('{_quoted(clusters)}') USING (id) ORDER BY ALL""",
        )

    def _candidates(self, decisions: list[Path], known: list[Path], out: Path) -> None:
        """Records that need comparing, with a rank: which one stands for its cluster."""
        with store.connect(self.job.workspace) as connection:
            query = f"""
                SELECT id, {_RANK}
                FROM read_parquet({store.literal(decisions)}) LEFT JOIN (
                    SELECT id, max(fetched_at) AS fetched_at FROM read_parquet({store.literal(known)}) GROUP BY id
                ) USING (id) WHERE needs = 'duplicates' ORDER BY id"""
            connection.create_function("kept_back", _kept_back, ["VARCHAR"], "INTEGER", null_handling=SPECIAL)
            connection.execute(f"COPY ({query}) TO '{_quoted(out)}' (FORMAT parquet)")

    def _with_earlier(self, candidates: Path, others: Path) -> Path:
        """The candidates, and the records of earlier versions that they are compared with."""
        out = candidates.with_name("candidates-and-earlier.parquet")
        with store.connect(self.job.workspace) as connection:
            query = f"""
                SELECT id, rank FROM read_parquet('{_quoted(candidates)}')
                UNION ALL SELECT id, {earlier.SETTLED} FROM read_parquet('{_quoted(others)}')"""
            connection.execute(f"COPY ({query}) TO '{_quoted(out)}' (FORMAT parquet)")
        return out

    def _answers(self) -> Path | None:
        """What people answered so far, as it is now: an answer given during the run counts from the next on."""
        if self._answered is None and self.job.workspace.reviews.exists():
            content = self.job.workspace.reviews.read_bytes()
            self._answered = self.job.workspace.spill / f"reviews-{hashlib.sha256(content).hexdigest()}.jsonl"
            write_bytes(self._answered, content)
        return self._answered

    def _sites(self) -> Path | None:
        """What the site files say of each batch's hosts."""
        made = [facts.sites_path(self.job.workspace, self.job.facts_key, batch.key) for batch in self.batches]
        there = [path for path in made if path.exists()]
        query = f"""
            SELECT DISTINCT batch, host, kind, body, address
            FROM read_parquet({store.literal(there)}) JOIN (SELECT DISTINCT batch, host FROM facts) USING (host)
            WHERE status = 200 ORDER BY ALL"""
        return self._by_batch("sites", query, *(path.name for path in there)) if there else None

    def _captured_again(self) -> Path | None:
        """Captures whose address came in again: the newest stands, the others get ids of their own."""
        query = """
            SELECT batch, id, container, position,
                   md5(concat_ws('|', id::VARCHAR, container, position))::UUID AS renamed
            FROM facts
            QUALIFY row_number() OVER (
                PARTITION BY id ORDER BY problem IS NOT NULL, fetched_at DESC NULLS LAST, container, position) > 1
            ORDER BY ALL"""
        return self._by_batch("repeats", query)

    def _by_batch(self, kind: str, query: str, *inputs: str) -> Path | None:
        """What concerns a batch, found in the facts of all, in a file sorted by batch: a worker reads its own rows."""
        if not self.batches:
            return None
        files = [self.facts_path(batch) for batch in self.batches]
        out = (
            self.job.workspace.stages / kind / f"all-{_digest(query, *(path.name for path in files), *inputs)}.parquet"
        )
        if not out.exists():
            columns = f"left(parse_filename(filename), {facts.BATCH_NAME}) AS batch"
            source = f"SELECT *, {columns} FROM read_parquet({store.literal(files)}, union_by_name=true, filename=true)"
            with store.connect(self.job.workspace) as connection:
                connection.execute(f"CREATE VIEW facts AS {source}")
                form = "FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 20480"
                write_atomically(out, lambda part: connection.execute(f"COPY ({query}) TO '{_quoted(part)}' ({form})"))
        return out

    def facts_path(self, batch: Batch) -> Path:
        """Where a batch's facts are."""
        return facts.path(self.job.workspace, self.job.facts_key, batch.key)

    def _made(self, kind: str) -> dict[str, list[Path]]:
        """What was already made of one kind under the current keys, by batch."""
        found: dict[str, list[Path]] = defaultdict(list)
        key = self._stage_key(kind)
        for path in sorted((self.job.workspace.stages / kind).glob(f"*-{key}-*.parquet")):
            found[path.name[: facts.BATCH_NAME]].append(path)
        return found

    def _out(self, kind: str, batch: Batch, decisions: Path) -> Path:
        name = f"{batch.key}-{self._stage_key(kind)}-{_digest(decisions.name)}.parquet"
        return self.job.workspace.stages / kind / name

    def _stage_key(self, kind: str) -> str:
        if kind == "scan":
            return self.job.privacy_key
        if kind == "verbatim":  # a key of its own: the credits of both forms lie in one folder
            return _digest(self.job.content_key, kind)
        if self.paragraphs is None or self.job.recipe.paragraphs.action != "remove":
            return self.job.content_key
        return _digest(self.job.content_key, self.paragraphs.name)  # what a site repeats may change with every page

    def files(self, judged: list[Judged]) -> dict[str, list[list[Path]]]:
        """For each batch, the files of every kind that say what became of it."""
        made: dict[str, Any] = {kind: self._made(kind) for kind in ("scan", "content", "verbatim")}
        return {
            "facts": [[self.facts_path(batch)] for batch in self.batches],
            "decisions": [[item.out] for item in judged],
            **{kind: [made[kind].get(batch.key, []) for batch in self.batches] for kind in made},
        }


def _kept_back(licence: str | None) -> int:
    """How much a licence keeps back: redacted sharing above all, then commerce, then what else it asks for."""
    redacted, commercial = (licenses.permits(licence, use) for use in ("share redacted", "commercial"))
    refused = 100 * _ANSWERS.index(redacted.answer) + 10 * _ANSWERS.index(commercial.answer)
    return refused + len(redacted.conditions)


def _digest(*parts: object) -> str:
    return hashlib.sha256("|".join(map(str, parts)).encode()).hexdigest()[:32]


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
