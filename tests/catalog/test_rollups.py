from __future__ import annotations

import datetime as dt
import itertools
import random
import statistics
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import duckdb
import pytest

from catalog import manifests, rollups, schema, shards, store
from catalog.manifests import Manifest
from catalog.publish import publish
from catalog.queries import query
from catalog.rollup_tables import ROLLUPS
from catalog.workspace import Workspace

Rows = list[dict[str, Any]]
WHOLE = dict.fromkeys(schema.FAMILIES, ())


def drawn(invented: ModuleType, seed: int, size: int) -> dict[str, Rows]:
    """Rows of a version at random: hosts, people, keepers, reasons and preferences that many shards share."""
    draw = random.Random(seed)
    optout = {"use": "train-ai", "answer": "reserved", "channel": "tdmrep", "agent": "*", "speaker": "site",
              "quote": "", "layer": "meta", "observed_at": invented.DAY}  # fmt: skip
    consent = {"consent_scope": ["train"], "consent_granted_at": invented.DAY, "consent_expires": invented.DAY}
    redaction = {"start": 0, "end": 7, "band": "high", "digest": b"12", "recognizer": "email"}
    rows: dict[str, Rows] = {family: [] for family in schema.FAMILIES}
    for number in range(1, size + 1):
        some = draw.randrange
        person = {"contributor": f"{some(4)}" * 32, **(consent if some(2) else {})} if some(3) == 0 else {}
        said = [optout] * some(3)
        rows["facts"].append(
            invented.fact(
                number, host=f"h{some(1500)}.example", language=draw.choice(["en", None]), characters=some(4000),
                preferences=said, words=draw.choice([None, draw.gauss(1e6, 1), float("inf")]), ones=0.1, **person,
            )
        )  # fmt: skip
        action = draw.choice(["keep", "redact", "hold", "drop"])
        reasons = draw.choices(["language", "duplicate-near"], k=some(4))
        rows["decisions"].append(invented.decision(number, action, *reasons, preferences=said))
        found = [invented.span(draw.choice(["PERSON", "EMAIL_ADDRESS"]), 0, 5) for _ in range(some(4))]
        rows["privacy"].append(invented.privacy(number, *found))
        if action in ("keep", "redact"):
            replaced = [{"kind": "PERSON", **redaction}] * some(3)
            rows["content"].append(invented.content(number, redactions=replaced))
            rows["attributions"].append(invented.credit(number, complete=bool(some(2))))
        elif "duplicate-near" in reasons:
            keeper = invented.uid(1 + some(size))
            rows["clusters"].append({"id": invented.uid(number), "keeper": keeper, "kind": "near", "similarity": 0.9})
    return rows


def cut(
    workspace: Workspace, rows: dict[str, Rows], cuts: dict[str, Sequence[int]], given: Manifest | None = None
) -> Manifest:
    """A version of these rows, not committed; each family is cut into shards where `cuts` says."""
    packed = {}
    for name, family in schema.FAMILIES.items():
        ends = [0, *cuts[name], len(rows[name])]
        groups = [rows[name][start:end] for start, end in itertools.pairwise(ends)]
        signals = [signal for signal in ("words", "ones") if signal in rows[name][0]] if name == "facts" else ()
        packed[name] = shards.pack(workspace, family, [[store.table(family, one, signals)] for one in groups], rows=1)
    draft = Manifest(
        dataset="harbour", number=1, hash="x", audience="public", uses=(), as_of="2026-03-02", recipe="",
        recipe_fingerprint="", keys={}, code_version="0", created_at="2026-03-02T10:00:00", run="r", parent=None,
        counts={}, shards={},
    )  # fmt: skip
    return replace(given or draft, shards=packed)


def counts(workspace: Workspace, manifest: Manifest, folder: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Every table of counts; parts go to the folder."""
    folder.mkdir(exist_ok=True)
    rollups.count(workspace, manifest, folder / "counts.duckdb", folder)
    with duckdb.connect(str(folder / "counts.duckdb"), read_only=True) as connection:
        return {one.name: connection.execute(f"FROM {one.name}").fetchall() for one in ROLLUPS}


def alike(one: object, other: object) -> bool:
    """Equal, means and deviations but for the last digits."""
    return one == (pytest.approx(other, rel=1e-9) if isinstance(other, float) else other)


def test_the_path_of_a_workspace_may_hold_an_apostrophe(seen: Workspace) -> None:
    assert "'" in str(seen.root)
    assert query(seen, "SELECT count(*) FROM versions").fetchall() == [(2,)]


@pytest.mark.parametrize("seed", range(2))
def test_counts_of_parts_add_up_to_the_counts_of_the_whole(
    seed: int, workspace: Workspace, invented: ModuleType, tmp_path: Path
) -> None:
    rows, draw = drawn(invented, seed, 400), random.Random(seed)
    cuts = {name: sorted(draw.sample(range(1, max(len(found), 5)), 4)) for name, found in rows.items()}
    cuts["decisions"] = [*cuts["facts"][::2], 399]  # some ends are those of facts, some are not
    whole = counts(workspace, cut(workspace, rows, WHOLE), tmp_path / "whole")
    added = counts(workspace, cut(workspace, rows, cuts), tmp_path / "added")
    assert [len(list(tmp_path.glob(f"{name}/*.parquet"))) for name in ("whole", "added")] == [4, 18]
    for name, table in whole.items():
        assert table, name
        pairs = zip(table, added[name], strict=True)
        assert all(alike(*cells) for row in pairs for cells in zip(*row, strict=True)), name


def test_counts_are_those_of_the_rows(workspace: Workspace, invented: ModuleType, tmp_path: Path) -> None:
    rows = drawn(invented, 5, 1700)
    found = counts(workspace, cut(workspace, rows, dict.fromkeys(rows, (300, 301, 900))), tmp_path / "counts")
    hosts = {row["host"] for row in rows["facts"]}
    assert (len(found["host_mix"]), found["host_mix"][0][1:3]) == (1001, (None, len(hosts) - 1000))
    people = {row["contributor"] for row in rows["facts"] if "contributor" in row and "consent_scope" not in row}
    owned = sum("contributor" in row and "consent_scope" not in row for row in rows["facts"])
    assert ("none", len(people), owned) in [row[1:4] for row in found["contributor_mix"]]
    keepers = {row["keeper"] for row in rows["clusters"]}
    assert found["duplicate_mix"] == [("harbour@1", "near", len(rows["clusters"]), len(keepers))]
    preferring = sum(bool(row["preferences"]) for row in rows["facts"])
    assert found["preference_mix"] == [("harbour@1", "train-ai", "reserved", "tdmrep", preferring)]
    words = [row["words"] for row in rows["facts"] if row["words"] not in (None, float("inf"))]
    examined = sum(row["words"] is not None for row in rows["facts"])
    assert found["signal_mix"] == [
        ("harbour@1", "ones", 1700, 0.1, 0.0),
        ("harbour@1", "words", examined, pytest.approx(statistics.mean(words)), pytest.approx(statistics.stdev(words))),
    ]


def test_records_whose_decision_is_in_another_part_are_counted_with_it(
    workspace: Workspace, invented: ModuleType, tmp_path: Path
) -> None:
    rows = drawn(invented, 6, 60)
    cuts = dict.fromkeys(rows, (20, 40))
    straight = counts(workspace, cut(workspace, rows, cuts), tmp_path / "straight")
    turned = counts(workspace, cut(workspace, rows | {"decisions": rows["decisions"][::-1]}, cuts), tmp_path / "turned")
    assert turned["composition"] == straight["composition"]
    assert sum(row[5] for row in straight["composition"]) == len(rows["content"])


def test_whoever_withdrew_on_the_versions_day_counts_as_withdrawn(
    workspace: Workspace, invented: ModuleType, tmp_path: Path
) -> None:
    rows = drawn(invented, 7, 4)
    consent = {"consent_scope": ["train"], "consent_granted_at": invented.DAY}
    moments = ("2026-03-01 15:00", "2026-03-02 15:00", "2026-03-03 00:00", None)  # the version is of 2026-03-02
    rows["facts"] = [
        invented.fact(
            number, words=1.0, ones=0.1, contributor=f"{number}" * 32, **consent,
            consent_withdrawn=dt.datetime.fromisoformat(moment) if moment else None,
        )
        for number, moment in enumerate(moments, start=1)
    ]  # fmt: skip
    found = counts(workspace, cut(workspace, rows, WHOLE), tmp_path / "counts")["contributor_mix"]
    assert [row[1:4] for row in found] == [("granted", 2, 2), ("withdrawn", 2, 2)]


def parts(workspace: Workspace) -> set[str]:
    return {path.name for path in (workspace.stages / "rollups").glob("*.parquet")}


def test_a_new_version_counts_the_shards_that_no_other_has(workspace: Workspace, invented: ModuleType) -> None:
    rows = drawn(invented, 8, 100)
    cuts = dict.fromkeys(rows, (10, 20, 30))
    manifests.commit(workspace, cut(workspace, rows, cuts))
    publish(workspace)
    first = parts(workspace)
    rows["facts"][15]["language"] = "de"  # the decision on it stays as it was
    rows["privacy"][35]["mode"] = "fast"
    later = manifests.commit(workspace, replace(cut(workspace, rows, cuts), hash="y"))
    publish(workspace)
    assert (later.name, len(first), len(parts(workspace) - first), first - parts(workspace)) == (
        "harbour@2",
        16,
        2,
        set(),
    )


def test_what_no_version_holds_any_more_leaves_no_counts(
    workspace: Workspace, invented: ModuleType, make: Callable[..., Manifest]
) -> None:
    make(published=True)
    before = parts(workspace)
    person = invented.BEN.encode()
    found = [path for path in (workspace.stages / "rollups").iterdir() if person in unpacked(path)]
    assert len(found) == 1
    rows = invented.first_rows()
    rows["facts"] = [{**row, "contributor": None} for row in rows["facts"]]
    amended = cut(workspace, rows, dict.fromkeys(rows, (4,)), manifests.find(workspace, "harbour@1"))
    manifests.write(workspace, replace(amended, amendment=1))
    publish(workspace)
    assert (len(before - parts(workspace)), len(parts(workspace) - before)) == (1, 1)
    assert not [path for path in (workspace.stages / "rollups").iterdir() if person in unpacked(path)]


def unpacked(path: Path) -> bytes:
    if path.suffix != ".parquet":
        return path.read_bytes()
    return repr(store.read(path).to_pylist()).encode()


def test_half_a_part_of_a_process_at_work_is_left_alone(seen: Workspace, invented: ModuleType) -> None:
    half = seen.stages / "rollups" / ".part-others"
    half.write_bytes(b"half")
    rollups.sweep(seen, manifests.versions(seen))
    assert half.exists()
    half.unlink()


def test_counting_that_was_cut_short_goes_on_from_its_parts(
    workspace: Workspace, invented: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest = cut(workspace, drawn(invented, 9, 40), dict.fromkeys(schema.FAMILIES, (10,)))
    straight = counts(workspace, manifest, tmp_path / "straight")
    done: list[Path] = []
    write = rollups.write_atomically

    def cut_short(path: Path, fill: Callable[[Path], object]) -> None:
        if len(done) >= 3:
            raise KeyboardInterrupt
        write(path, fill)
        done.append(path)

    with monkeypatch.context() as patch:
        patch.setattr(rollups, "write_atomically", cut_short)
        with pytest.raises(KeyboardInterrupt):
            counts(workspace, manifest, tmp_path / "again")
    assert sorted((tmp_path / "again").glob("*.parquet")) == sorted(done)
    times = {path: path.stat().st_mtime_ns for path in done}
    assert counts(workspace, manifest, tmp_path / "again") == straight
    assert {path: path.stat().st_mtime_ns for path in done} == times
