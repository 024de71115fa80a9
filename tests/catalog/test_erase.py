from __future__ import annotations

import contextlib
import datetime as dt
import importlib.util
import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from catalog import cards, consents, erase, erasures, export, keys, manifests, measurements, requests, suppression
from catalog.consents import Statement
from catalog.diff import diff
from catalog.erase import Effects
from catalog.erasures import Erasure
from catalog.errors import FormatError, GateRefused, WorkspaceLocked
from catalog.gate import gate
from catalog.ledger import ORDERS, Charge, Contribution, Ledger
from catalog.manifests import Manifest
from catalog.measurements import Measurement
from catalog.queries import query
from catalog.requests import Meant, Request
from catalog.workspace import Workspace

CAROL = "c" * 32  # a pseudonym of whom nothing is here but a statement
NOTE = "Record two names its author at length, says somebody."


pytestmark = pytest.mark.usefixtures("key_folder")


def meant(workspace: Workspace, *asked: Request, **given: Any) -> Meant:
    return requests.resolve(workspace, asked, **{"masked": {}, "retention": 30, **given})


def look(workspace: Workspace, *asked: Request, **given: Any) -> Effects:
    return erase.preview(workspace, meant(workspace, *asked, **given))


def do(workspace: Workspace, *asked: Request, grace: float | None = 0, **given: Any) -> Erasure:
    with workspace.lock():
        return erase.carry_out(workspace, look(workspace, *asked, **given), grace)


def rows(workspace: Workspace) -> dict[tuple[str, str, str], Any]:
    """Every row of every version by version, family and id."""
    return {
        (one.name, family, str(row.get("id"))): row
        for one in manifests.versions(workspace)
        for family in one.shards
        for path in one.paths(workspace, family)
        for row in pq.read_table(path, partitioning=None).to_pylist()
    }


@pytest.fixture
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the published file out: it takes a second, and other tests look at it."""
    monkeypatch.setattr(erase, "_republish", lambda workspace: None)


def test_a_record_is_taken_out_of_every_version_and_leaves_a_nameless_row(
    harbour: Workspace, invented: ModuleType
) -> None:
    before, old = rows(harbour), {one.name: one for one in manifests.versions(harbour)}
    for topic in ("skew", "leaks"):
        figure = Measurement(topic, f"{topic} of Ada", 0.9, None, None, None, "counted", "2026-03-02")
        measurements.save(harbour, "harbour@1", topic, [figure])
    cards.write(harbour, old["harbour@1"])
    done = do(harbour, Request("record", invented.rid(2)))
    assert (done.state, done.records, [one.version for one in done.versions]) == (
        "finished", 1, ["harbour@1", "harbour@2"],
    )  # fmt: skip
    assert done.proof
    assert (done.proof.found, done.proof.holding, done.proof.windows > 3) == (0, 0, True)
    after = rows(harbour)
    mine = {key for key in before if key[2] == invented.rid(2)}
    assert len(mine) == 10
    assert {key: value for key, value in before.items() if key not in mine} == {
        key: value for key, value in after.items() if key in before
    }
    (stone,) = {key[2] for key in after if key not in before}
    sql = "SELECT version, action, reasons, address, host FROM records WHERE id = '" + stone + "' ORDER BY version"
    assert query(harbour, sql).fetchall() == [
        ("harbour@1", "drop", "erased", None, None), ("harbour@2", "drop", "erased", None, None),
    ]  # fmt: skip
    for one in manifests.versions(harbour):
        was = old[one.name]
        assert (one.amendment, one.hash == was.hash, one.created_at) == (1, False, was.created_at)
        moved = {**was.counts, "redact": was.counts["redact"] - 1, "drop": was.counts["drop"] + 1}
        assert one.counts == {action: count for action, count in moved.items() if count}
    facts = json.loads((harbour.cards / "harbour@1" / "facts.json").read_text())
    assert [fact["value"] for fact in facts["facts"] if fact["name"] in ("amendment", "redacted")] == [1, 1]
    assert query(harbour, "SELECT topic FROM measurements").fetchall() == [("leaks",)]
    assert "skew of Ada" not in (harbour.cards / "harbour@1" / "README.md").read_text("utf-8")
    assert diff(harbour, "harbour@1", "harbour@2").removed == 1  # record 7, as before


def test_the_log_and_the_tables_count_and_name_nobody(harbour: Workspace, invented: ModuleType) -> None:
    done = do(harbour, Request("contributor", "anna"), Request("source", "https://port.example/2"))
    text = (harbour.root / "erasures" / "000001.json").read_text()
    assert done.requests == {"contributor": 1, "source": 1}
    assert not [word for word in ("anna", "port.example", invented.rid(2)) if word in text]
    listed = suppression.Suppression(keys.of_suppression(harbour))
    assert set(done.digests) == {
        listed.token("request contributor", "anna").hex(),
        listed.token("request source", "https://port.example/2").hex(),
    }
    sql = """SELECT erasure, state, requests, of_contributors, of_sources, records, copies, windows_found
             FROM erasures"""
    assert query(harbour, sql).fetchall() == [(1, "finished", 2, 1, 1, 1, 0, 0)]
    sql = "SELECT version, erasure, records, released, amendment_before FROM erased_versions ORDER BY version"
    assert query(harbour, sql).fetchall() == [("harbour@1", 1, 1, 1, 0), ("harbour@2", 1, 1, 1, 0)]


@pytest.mark.usefixtures("quiet")
def test_only_the_shards_that_hold_it_are_rewritten(two: Workspace, invented: ModuleType) -> None:
    before = {shard.path for one in manifests.versions(two) for group in one.shards.values() for shard in group}
    times = {path: (two.root / path).stat().st_mtime_ns for path in before}
    effects = look(two, Request("record", invented.rid(9)))  # the newest of harbour@2
    assert (effects.shards, effects.shards_of, [one.version for one in effects.versions]) == (
        5, len(before), ["harbour@2"],
    )  # fmt: skip
    do(two, Request("record", invented.rid(9)))
    after = {shard.path for one in manifests.versions(two) for group in one.shards.values() for shard in group}
    assert len(before - after) == 5
    assert {path: (two.root / path).stat().st_mtime_ns for path in before & after} == {
        path: time for path, time in times.items() if path in after
    }
    assert [(two.root / path).exists() for path in before - after] == [False] * 5


@pytest.mark.usefixtures("quiet")
def test_that_a_record_is_a_duplicate_stays_known_of_whom_not(
    make: Callable[..., Manifest], workspace: Workspace, invented: ModuleType
) -> None:
    pair = {"id": invented.uid(7), "keeper": invented.uid(6), "kind": "near", "similarity": 0.9}
    make(changes={"clusters": lambda _: [pair]})
    annas = meant(workspace, Request("record", invented.rid(6)))
    do(workspace, Request("record", invented.rid(6)))
    (left,) = [row for key, row in rows(workspace).items() if key[1:] == ("clusters", invented.rid(7))]
    assert str(left["keeper"]) == annas.stones[invented.rid(6)]


@pytest.mark.usefixtures("quiet")
def test_what_is_not_here_is_kept_out_all_the_same(two: Workspace) -> None:
    before = {one.hash for one in manifests.versions(two)}
    done = do(two, Request("host", "never-seen.example"))
    assert (done.records, done.versions, done.state) == (0, (), "finished")
    assert suppression.load(two).hit(host="never-seen.example") == "host"
    assert {one.hash for one in manifests.versions(two)} == before


@pytest.mark.usefixtures("quiet")
def test_records_are_suppressed_by_id_and_by_content_unless_that_is_common(
    make: Callable[..., Manifest], workspace: Workspace, invented: ModuleType
) -> None:
    def changed(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
        by = {1: b"same" * 4, 2: b"same" * 4, 5: b"long" * 4, 3: b"tiny" * 4}
        return [{**row, "content_hash": by.get(number, row["content_hash"]), "characters": 10 if number == 3 else 500}
                for number, row in enumerate(found, start=1)]  # fmt: skip

    make(changes={"facts": changed})
    do(workspace, *(Request("record", invented.rid(number)) for number in (1, 3, 5)), copies=False)
    listed = suppression.load(workspace)
    assert [listed.hit(record=invented.rid(number)) for number in (1, 2, 3)] == ["record", "", "record"]
    assert [listed.hit(content=name * 4) for name in (b"same", b"long", b"tiny")] == ["", "content", ""]


@pytest.mark.usefixtures("quiet")
def test_reviews_statements_caches_and_exports_within_go_too(
    harbour: Workspace, invented: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export.export(harbour, "harbour@1", harbour.exports / "inside", "jsonl")
    export.export(harbour, "harbour@1", tmp_path / "outside", "jsonl")
    lines = [{"id": invented.rid(number), "answer": "accept", "note": f"{number}\u2028{NOTE}"} for number in (2, 5)]
    written = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    harbour.reviews.write_text(written + '{"cut of', "utf-8")
    counted = [export.publish_catalog(harbour, manifests.find(harbour, "harbour@1"), out)
               for out in (None, harbour.root / "given.duckdb", tmp_path / "given.duckdb")]  # fmt: skip
    cached = harbour.root / "cache" / "hub" / "copy"
    cached.parent.mkdir(parents=True)
    cached.write_text("Ship number 2")
    consents._write(harbour, [Statement(name, dt.datetime(2026, 1, 1), ("train",))
                              for name in (invented.ANNA, invented.BEN, CAROL)])  # fmt: skip
    monkeypatch.setattr(keys, "contributor", lambda key, name: {"anna": invented.ANNA, "carol": CAROL}[name])
    people = (Request("contributor", "anna"), Request("contributor", "carol"))
    asked = (Request("record", invented.rid(2)), Request("record", invented.rid(7)), *people)  # 7 is ben's
    effects = look(harbour, *asked)
    assert {(copy.path, copy.format, copy.within) for copy in effects.copies} == {
        (str(harbour.exports / "inside"), "jsonl", True),
        (str(harbour.cards / "harbour@1" / "catalog.duckdb"), "catalog", True),
        (str(harbour.root / "given.duckdb"), "catalog", True),
        (str(tmp_path / "outside"), "jsonl", False),
        (str(tmp_path / "given.duckdb"), "catalog", False),
    }
    done = do(harbour, *asked)
    assert (done.exports, (harbour.exports / "inside").exists(), (tmp_path / "outside").exists()) == (3, False, True)
    assert [[path.exists() for path in pair] for pair in counted] == [[False] * 2, [False] * 2, [True] * 2]
    assert harbour.reviews.read_text("utf-8").split("\n") == [*written.split("\n")[1:2], '{"cut of', ""]
    assert not cached.exists()
    assert list(consents.load(harbour).said) == [invented.BEN]


@pytest.mark.usefixtures("quiet")
def test_an_export_within_goes_wherever_the_workspace_is_and_if_it_only_points_to_the_record(
    harbour: Workspace, invented: ModuleType, tmp_path: Path
) -> None:
    (tmp_path / "link").symlink_to(harbour.root)
    place = tmp_path / "link" / "exports" / "pointers"
    export.export(harbour, "harbour@1", place, "jsonl", use="train", pointers=True)
    harbour.catalog.unlink()  # nobody publishes it anew here
    harbour.root.rename(tmp_path / "moved")
    moved = Workspace.open(tmp_path / "moved")
    held = invented.rid(5)  # of harbour@1 it leaves as an address alone
    assert held in (moved.exports / "pointers" / "POINTERS.csv").read_text("utf-8")
    done = do(moved, Request("record", held))
    assert [(one.version, one.released) for one in done.versions] == [("harbour@1", 0), ("harbour@2", 1)]
    assert (done.exports, done.proof and done.proof.found, list(moved.exports.iterdir())) == (1, 0, [])


def test_models_are_named_with_what_they_were_charged(two: Workspace, invented: ModuleType) -> None:
    curve = {"record": (0.5,) * len(ORDERS)}
    for run, number in (("one", 1), ("two", 2), ("three", 3)):
        charge = Charge(run, "harbour", number, "h", "record", "p", "{}", 2.0, 1e-6, "public", "f", curve)
        Ledger(two.ledger).reserve(charge, [Contribution(invented.ANNA, 1, 0.7, 1e-6)])
    effects = look(two, Request("record", invented.rid(6)))
    assert [(one.run, one.version, one.epsilon, one.people) for one in effects.models] == [
        ("one", "harbour@1", 2.0, ((invented.ANNA, 1, 0.7, 1e-6),)),
        ("two", "harbour@2", 2.0, ((invented.ANNA, 1, 0.7, 1e-6),)),
    ]
    assert [(one.run, one.people) for one in look(two, Request("record", invented.rid(9))).models] == [("two", ())]


@pytest.mark.usefixtures("quiet")
def test_old_files_stay_for_readers_until_their_time(
    two: Workspace, invented: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = {path for one in manifests.versions(two) for path in one.paths(two, "content")}
    (two.root / "mine").mkdir()
    pq.write_table(pa.table({"id": ["no UUID"]}), two.root / "mine" / "own.parquet")
    done = do(two, Request("record", invented.rid(1)), grace=1000)
    do(two, Request("record", invented.rid(1)), grace=1000)  # somebody asked again meanwhile
    assert (done.state, done.proof) == ("pending", None)
    assert erase.due(two) is not None
    waiting = erase.waiting(two)
    assert waiting
    assert all((two.root / path).exists() for path in waiting)
    erase.finish_if_free(two)
    assert [one.state for one in erasures.log(two)] == ["pending"] * 2
    assert gate(two, manifests.find(two, "harbour@1"), "train").records == 3  # what is new is clean already
    later = erasures.now(1001)
    monkeypatch.setattr(erasures, "now", lambda later_by=0: later)
    with two.lock():
        erase.finish_if_free(two)  # somebody is at work: they finish it, or who comes next
        assert [one.state for one in erasures.log(two)] == ["pending"] * 2
    erase.finish_if_free(two)
    assert [(one.state, one.proof and (one.proof.found, one.proof.holding)) for one in erasures.log(two)] == [
        ("finished", (0, 0)), ("finished", (0, 0)),
    ]  # fmt: skip
    assert (erase.waiting(two), erase.due(two), erasures.journals(two)) == ([], None, [])
    assert sum(path.exists() for path in old) < len(old)


@pytest.mark.usefixtures("quiet")
def test_without_a_grace_period_readers_decide(
    two: Workspace, invented: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(erase.processes, "readers", lambda root: {1} if root == two.root else set())
    assert do(two, Request("record", invented.rid(1)), grace=None).state == "pending"
    monkeypatch.setattr(erase.processes, "readers", lambda root: set())
    assert do(two, Request("record", invented.rid(3)), grace=None).state == "finished"


def test_a_reader_is_seen_and_this_process_is_none(workspace: Workspace) -> None:
    import subprocess

    from catalog import processes

    path = workspace.root / "open"
    path.write_text("x")
    script = f"import sys\nf = open({str(path)!r})\nprint('ready', flush=True)\nsys.stdin.read()"
    with path.open(), subprocess.Popen([sys.executable, "-c", script], stdin=-1, stdout=-1) as other:
        assert other.stdout
        other.stdout.readline()
        assert processes.readers(workspace.root) == {other.pid}
        other.kill()


class Killed(BaseException):
    """What a kill is here: nobody catches it."""


@pytest.mark.usefixtures("quiet")
def test_killed_at_any_step_the_next_command_finishes_and_nothing_else_is_lost(
    two: Workspace, tmp_path: Path, invented: ModuleType
) -> None:
    def built(name: str) -> Workspace:
        shutil.copytree(two.root, tmp_path / name)
        return Workspace.open(tmp_path / name)

    def at(workspace: Workspace, step: int) -> list[str]:
        names: list[str] = []

        def told(name: str) -> None:
            names.append(name)
            if len(names) == step:
                raise Killed

        with workspace.lock(), contextlib.suppress(Killed):
            erase.carry_out(workspace, look(workspace, Request("record", invented.rid(1))), 0, told)
        return names

    undisturbed = built("undisturbed")
    before = rows(undisturbed)
    names = at(undisturbed, 0)
    after = rows(undisturbed)
    assert len(names) > 15
    moments = {names.index(name) for name in names} | {len(names) - 1 - names[::-1].index(name) for name in names}
    for step in sorted(moment + 1 for moment in moments):  # the first and the last of each kind
        workspace = built(f"killed-{step}")
        at(workspace, step)
        begun = erasures.journals(workspace)
        assert bool(begun) == (step > 1)
        first = manifests.versions(workspace)[0]
        if step > names.index("suppress") + 1 and not first.amendment:  # closed until it is clean
            with pytest.raises(GateRefused, match="1 of 4 records are on the suppression list"):
                gate(workspace, first, "train")
        with workspace.lock():
            erase.finish(workspace)
        assert rows(workspace) == (after if begun else before), step
        assert [one.amendment for one in manifests.versions(workspace)] == [int(bool(begun))] * 2
        assert [one.state for one in erasures.log(workspace)] == (["finished"] if begun else [])


@pytest.mark.usefixtures("quiet")
def test_an_erasure_waits_for_a_run_and_damage_is_told(two: Workspace, invented: ModuleType) -> None:
    effects = look(two, Request("record", invented.rid(1)))
    with two.lock(), pytest.raises(WorkspaceLocked):
        do(two, Request("record", invented.rid(1)))
    with two.lock():
        erase.carry_out(two, effects, 1000)
    path = two.root / "erasing" / "000001.json"
    assert invented.rid(1) in path.read_text()  # only while it lasts
    path.write_text("{}")
    with pytest.raises(FormatError, match="expected the journal or log of an erasure"):
        erase.waiting(two)


def test_random_erasures_some_killed_leave_nothing_and_change_nothing_else(tmp_path: Path) -> None:
    path = Path(__file__).parents[1] / "benchmarks" / "erasure.py"
    spec = importlib.util.spec_from_file_location("erasure_benchmark", path)
    assert spec
    assert spec.loader
    benchmark = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = benchmark
    spec.loader.exec_module(benchmark)
    found = benchmark.run(tmp_path / "workspace", count=120, erased=5, kills=1, passes=2, seed=3)
    counted = ("tokens of erased records found", "tokens of others missing", "changed or lost", "unfinished",
               "proofs that failed")  # fmt: skip
    assert {name: found[name] for name in counted} == dict.fromkeys(counted, 0)
    assert (found["requests"], found["killed"]) == (5, 1)
    assert (found["erased"] >= 5, found["rows of others"] > 500) == (True, True)
