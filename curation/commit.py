"""The end of a run: batches are packed into shards, and the shards become a version."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from catalog import erase, manifests, shards, store
from catalog.errors import CleartitleError
from catalog.manifests import Manifest
from catalog.schema import ATTRIBUTIONS, CLUSTERS, CONTENT, DECISIONS, FACTS, INPUTS, PRIVACY
from catalog.suppression import ERASED
from catalog.workspace import Workspace, write_text
from curation import content, judge, plan, policy
from curation.facts import shown
from curation.job import Job
from curation.judge import Judged
from curation.stages import Stages

VERSION = 3  # of how shards are made of what the stages left
RELEASED = ("keep", "redact")


def code_version() -> str:
    """The version of cleartitle that runs."""
    try:
        return version("cleartitle")
    except PackageNotFoundError:
        return "unknown"


def commit(stages: Stages, judged: list[Judged], run: str) -> Manifest:
    """Pack what the stages made and give it a number; an unchanged result keeps the number it has."""
    job = stages.job
    state = _state(stages, judged)
    if known := _remembered(job.workspace, job.recipe.dataset, state):
        return known
    packed = _Packing(stages, judged)
    counts = sum((item.actions for item in judged), Counter[str]())
    families = packed.shards()
    paths = {name: [job.workspace.root / shard.path for shard in group] for name, group in families.items()}
    rows = manifests.canonical_rows(job.workspace, paths["decisions"], paths["content"])
    draft = Manifest(
        dataset=job.recipe.dataset,
        number=0,
        hash=manifests.version_hash(_header(job), rows),
        audience=job.recipe.audience,
        uses=job.recipe.uses,
        as_of=f"{job.as_of:%Y-%m-%d}",
        recipe=job.recipe.text,
        recipe_fingerprint=job.recipe.fingerprint(),
        keys=job.keys.fingerprints(),
        code_version=code_version(),
        created_at=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        run=run,
        parent=None,
        counts=dict(sorted(counts.items())),
        shards=families,
        limit=stages.limit,
    )
    manifest = manifests.commit(job.workspace, draft)
    _tidy(job.workspace, judged)
    write_text(_memo(job.workspace, state), manifest.name)
    return manifest


def _header(job: Job) -> dict[str, object]:
    """What a version hash covers besides its rows. Today's date is in it only where the recipe
    pins it: what a later date changes shows in the decisions, which are rows."""
    recipe = job.recipe
    return {
        "format": manifests.FORMAT,
        "dataset": recipe.dataset,
        "uses": recipe.uses,
        "audience": recipe.audience,
        "as_of": str(recipe.as_of or ""),
        "recipe": recipe.fingerprint(),
        "keys": job.keys.fingerprints(),
    }


class _Packing:
    """Reads the stages' files batch by batch, in plan order, as the families of a version."""

    def __init__(self, stages: Stages, judged: list[Judged]) -> None:
        self._stages = stages
        self._files = stages.files(judged)
        groups: dict[str, list[int]] = {}
        for index, batch in enumerate(stages.batches):
            groups.setdefault(batch.planned.key, []).append(index)
        self._groups = list(groups.values())  # batches by input, in plan order

    def shards(self) -> dict[str, tuple[shards.Shard, ...]]:
        """All families of the version, written."""
        workspace = self._stages.job.workspace
        makers = {
            FACTS: self._facts,
            DECISIONS: self._decisions,
            PRIVACY: lambda index: self._joined("scan", index),
            CONTENT: self._content,
            ATTRIBUTIONS: self._attributions,
        }
        found = {
            family.name: shards.pack(workspace, family, (map(make, group) for group in self._groups))
            for family, make in makers.items()
        }
        found[CLUSTERS.name] = shards.pack(workspace, CLUSTERS, [self._clusters()])
        found[INPUTS.name] = shards.pack(workspace, INPUTS, [[self._inputs()]])
        return found

    def _facts(self, index: int) -> pa.Table:
        table = store.read(self._files["facts"][index][0])
        if not (repeats := judge.repeats(self._stages.repeats, self._stages.batches[index].key)):
            return table
        ids = [
            repeats.get(position, identity)
            for identity, position in zip(table["id"].to_pylist(), table["position"].to_pylist(), strict=True)
        ]
        renamed = pa.array([identity.bytes for identity in ids], type=table.schema.field("id").type)
        return table.set_column(table.schema.get_field_index("id"), table.schema.field("id"), renamed)

    def _decisions(self, index: int) -> pa.Table:
        return store.read(self._files["decisions"][index][0]).drop_columns(["needs"])

    def _leaving(self, index: int) -> dict[str, pa.Array]:
        """Ids of the records that leave, by the form that their decisions give them: both may have been made."""
        table = store.read(self._files["decisions"][index][0], ["id", "action", "reasons"])
        table = table.filter(pc.is_in(table["action"], pa.array(RELEASED)))
        reasons = ([reason["reason"] for reason in row] for row in table["reasons"].to_pylist())
        verbatim = pa.array(map(policy.as_it_is, reasons), pa.bool_())
        ids = _storage(table["id"])
        return {"content": ids.filter(pc.invert(verbatim)), "verbatim": ids.filter(verbatim)}

    def _content(self, index: int) -> pa.Table:
        made = [_of(self._joined(kind, index), ids) for kind, ids in self._leaving(index).items()]
        joined = pa.concat_tables(made)
        return _once(joined.filter(pc.is_null(joined["problem"])).drop_columns(list(content.STAGED)))

    def _attributions(self, index: int) -> pa.Table:
        folder = self._stages.job.workspace.stages / "attributions"
        tables = [ATTRIBUTIONS.schema.empty_table()]
        for kind, ids in self._leaving(index).items():
            tables += [_of(store.read(folder / path.name), ids) for path in self._files[kind][index]]
        return _once(_sorted(pa.concat_tables(tables)))

    def _joined(self, kind: str, index: int) -> pa.Table:
        tables = [store.read(path) for path in self._files[kind][index]]
        family = PRIVACY if kind == "scan" else content.STAGED_CONTENT
        return _sorted(pa.concat_tables(tables)) if tables else family.schema.empty_table()

    def _clusters(self) -> Iterator[pa.Table]:
        if path := self._stages.clusters:
            yield store.read(path)

    def _inputs(self) -> pa.Table:
        job = self._stages.job
        rows = []
        groups = {self._stages.batches[group[0]].planned.key: group for group in self._groups}
        for planned in self._stages.planned:
            group = groups.get(planned.key, [])
            extent = plan.extent(job.workspace, planned)
            facts = [store.read(self._files["facts"][i][0], ["position", "problem"]) for i in group]
            table = pa.concat_tables(facts) if facts else FACTS.schema.empty_table().select(["position", "problem"])
            erased = pc.is_in(table["problem"], pa.array(ERASED))
            bad = table.filter(pc.and_(pc.is_valid(table["problem"]), pc.invert(erased))).to_pylist()
            rows.append(
                {
                    "name": shown(job, planned.input.name),
                    "kind": planned.input.kind,
                    "size": planned.input.size,
                    "digest": planned.digest,
                    "records": table.num_rows - len(bad),
                    "entries": [{"type": name, "count": n} for name, n in (extent.entries if extent else {}).items()],
                    "problems": [{"position": row["position"], **_parts(row["problem"])} for row in bad],
                }
            )
        return store.table(INPUTS, rows)


def _parts(problem: str) -> dict[str, str | None]:
    """A problem as facts tell it, kind, expected and found apart."""
    kind, _, rest = problem.partition(" (expected ")
    expected, _, found = rest.removesuffix(")").rpartition(", found ")
    return {"problem": kind, "message": problem, "expected": expected or None, "found": found or None}


def _storage(ids: pa.ChunkedArray) -> pa.Array:
    """UUIDs as the bytes that the compute functions know."""
    return ids.cast(pa.binary(16)) if ids.type == pa.uuid() else ids


def _of(table: pa.Table, ids: pa.Array) -> pa.Table:
    return table.filter(pc.is_in(_storage(table["id"]), ids))


def _once(table: pa.Table) -> pa.Table:
    """What leaves, refused where a record would leave twice."""
    if pc.count_distinct(_storage(table["id"])).as_py() != table.num_rows:
        raise CleartitleError("a record would leave in two forms", cure="Please report this: it is a bug.")
    return table


def _sorted(table: pa.Table) -> pa.Table:
    """Rows by id, so that how a batch came to be in pieces does not show."""
    return table.take(pc.sort_indices(_storage(table["id"])))


def _state(stages: Stages, judged: list[Judged]) -> str:
    names = [item.out.name for item in judged]
    return hashlib.sha256(
        "|".join([str(VERSION), stages.job.recipe.fingerprint(), str(_header(stages.job)), *names]).encode()
    ).hexdigest()


def _memo(workspace: Workspace, state: str) -> Path:
    return workspace.stages / "commits" / state[:32]


def _remembered(workspace: Workspace, dataset: str, state: str) -> Manifest | None:
    """The version this very state was committed as, if it is still the newest."""
    memo = _memo(workspace, state)
    newest = manifests.versions(workspace, dataset)[-1:]
    if memo.is_file() and newest and newest[0].name == memo.read_text("utf-8") and not newest[0].amendment:
        return newest[0]
    return None


def _tidy(workspace: Workspace, judged: list[Judged]) -> None:
    """Drop shards no version names, decisions that were only steps, and what says that a source was gone:
    it may be back at the next run."""
    used = [shard.path for known in manifests.versions(workspace) for group in known.shards.values() for shard in group]
    used += erase.waiting(workspace)  # readers may still have them open
    for path in shards.unused(workspace, used):
        path.unlink(missing_ok=True)
    final = {item.out for item in judged}
    for path in (workspace.stages / "decisions").glob("*.parquet"):
        if path not in final:
            path.unlink(missing_ok=True)
    forget_gone(workspace)


def forget_gone(workspace: Workspace) -> None:
    """Drop what says that a source was gone; a run asks again."""
    for path in workspace.stages.glob(f"*/*{content.GONE_SUFFIX}.parquet"):
        path.unlink(missing_ok=True)
