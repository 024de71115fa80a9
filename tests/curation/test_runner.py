"""The run: nothing lost, nothing twice, nothing computed twice, the same hash however it was worked."""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter
from pathlib import Path

import duckdb
import pytest

import curation
from catalog import manifests, store
from catalog.errors import RecipeError, WorkspaceLocked
from catalog.queries import query
from catalog.workspace import Workspace
from curation import review
from curation.preview import preview
from curation.recipe import load
from curation.runner import Outcome, run

ROWS = 60


def again(recipe: Path, *settings: str, workers: int = 0) -> Outcome:
    return run(load(recipe, settings), recipe.parent / "workspace", workers=workers)


def actions(done: Outcome) -> Counter[str]:
    return Counter(done.manifest.counts)


def reasons(done: Outcome) -> dict[str, int]:
    sql = f"SELECT reason, count(*) FROM reasons WHERE version = '{done.manifest.name}' GROUP BY reason"
    return dict(query(done.workspace, sql).fetchall())


def test_every_record_that_entered_has_one_row_that_says_what_became_of_it(recipe: Path) -> None:
    done = again(recipe)
    assert done.records == sum(actions(done).values()) == ROWS
    (count, distinct), *_ = query(done.workspace, "SELECT count(*), count(DISTINCT id) FROM decisions").fetchall()
    assert (count, distinct) == (ROWS, ROWS)
    found = reasons(done)
    assert {name: found[name] for name in ("duplicate-exact", "too-short", "licence-unknown")} == {
        "duplicate-exact": 1,
        "too-short": 1,
        "licence-unknown": 1,
    }
    assert found["nd-needs-redaction"] == sum(1 for n in range(57) if n % 7 == 4 and n % 3 == 0)


def test_an_unchanged_run_computes_nothing_and_returns_the_same_version(recipe: Path) -> None:
    first, second = again(recipe), again(recipe)
    assert first.work["facts"] == 8
    assert second.work == {}
    assert second.manifest == first.manifest
    assert second.manifest.name == "harbour@1"


def test_a_changed_threshold_recomputes_no_facts_and_reads_only_what_newly_stays(recipe: Path) -> None:
    again(recipe)
    path = recipe.read_text("utf-8").replace("min = 8", "min = 1")
    recipe.write_text(path, "utf-8")
    loosened = again(recipe)
    assert loosened.manifest.name == "harbour@2"
    assert "facts" not in loosened.work
    assert (loosened.work["scan"], loosened.work["content"]) == (1, 1)  # the one batch with the short text
    assert "too-short" not in reasons(loosened)


def test_the_version_hash_is_the_same_with_0_1_2_and_4_workers(recipe: Path) -> None:
    hashes = {
        run(load(recipe), recipe.parent / f"workspace-{workers}", workers=workers).manifest.hash
        for workers in (0, 1, 2, 4)
    }
    assert len(hashes) == 1


def test_the_version_hash_moves_with_one_changed_record(recipe: Path) -> None:
    before = again(recipe)
    path = recipe.parent / "texts.jsonl.gz"
    path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes()).replace(b"week 5,", b"week 6,", 1), mtime=0))
    after = again(recipe)
    assert after.manifest.hash != before.manifest.hash
    assert after.manifest.parent == 1


def test_no_planted_value_is_in_any_file_of_the_workspace(recipe: Path) -> None:
    done = again(recipe)
    planted = re.compile(rb"clerk\d+@example|7946 0\d{3}")
    for path in done.workspace.root.rglob("*"):
        if path.suffix == ".parquet":
            held = "\n".join(str(row) for row in store.rows(path)).encode()
        else:
            held = path.read_bytes() if path.is_file() else b""
        assert not planted.search(held), path.name
    texts = [row[0] for row in query(done.workspace, "SELECT text FROM content").fetchall()]
    assert sum("[EMAIL_ADDRESS]" in text or "EMAIL" in text for text in texts) > 10


def test_a_review_lets_a_held_record_in_and_survives_the_next_run(recipe: Path) -> None:
    done = again(recipe)
    waiting = review.held(done.workspace)
    assert len(waiting) == actions(done)["hold"] > 1
    review.answer(done.workspace, waiting[0].id[:12], "accept", note="the office's\u2028own address")
    review.answer(done.workspace, waiting[1].id[:12], "refuse")
    for _ in range(2):
        reviewed = again(recipe)
        assert reviewed.manifest.name == "harbour@2"
        outcome = dict(
            query(
                reviewed.workspace,
                f"SELECT id::VARCHAR, action FROM decisions WHERE version = 'harbour@2'"
                f" AND id IN ('{waiting[0].id}', '{waiting[1].id}')",
            ).fetchall()
        )
        assert outcome == {waiting[0].id: "keep", waiting[1].id: "drop"}


def test_a_source_that_is_gone_holds_what_was_not_read_in_time(recipe: Path) -> None:
    workspace = Workspace.create(recipe.parent / "workspace")
    loaded = load(recipe)
    path = recipe.parent / "texts.jsonl.gz"
    before = path.read_bytes()

    class Swap:
        """Changes one record of the source once its facts are known."""

        def begin(self, stage: str, total: int | None) -> None:
            if stage == "privacy":
                rows = gzip.decompress(path.read_bytes()).replace(b"Notice 1:", b"Notice x:", 1)
                path.write_bytes(gzip.compress(rows, mtime=0))

        def advance(self, stage: str, count: int, batch: str) -> None: ...

    done = run(loaded, workspace, workers=0, progress=Swap())
    sql = "SELECT value FROM reasons WHERE reason = 'privacy-not-examined'"
    assert query(workspace, sql).fetchall() == [("source-gone",)]
    assert done.records == ROWS
    path.write_bytes(before)
    mended = run(loaded, workspace, workers=0)
    assert "facts" not in mended.work
    assert "privacy-not-examined" not in reasons(mended)


def test_a_source_that_became_shorter_holds_what_it_lost_until_it_is_whole_again(recipe: Path) -> None:
    path = recipe.parent / "texts.jsonl.gz"
    before = path.read_bytes()

    class Cut:
        """Cuts the source once its facts are known."""

        def begin(self, stage: str, total: int | None) -> None:
            if stage == "content":
                rows = gzip.decompress(path.read_bytes()).splitlines(keepends=True)[:20]
                path.write_bytes(gzip.compress(b"".join(rows), mtime=0))

        def advance(self, stage: str, count: int, batch: str) -> None: ...

    done = run(load(recipe), workers=0, progress=Cut())
    assert done.records == ROWS
    assert reasons(done)["source-gone"] > 20
    path.write_bytes(before)
    mended = again(recipe)
    assert mended.records == ROWS
    assert "source-gone" not in reasons(mended)


def test_two_runs_at_once_are_refused_and_reading_goes_on(recipe: Path) -> None:
    done = again(recipe)
    with done.workspace.lock():
        with pytest.raises(WorkspaceLocked):
            again(recipe)
        assert query(done.workspace, "SELECT count(*) FROM versions").fetchone() == (1,)


def test_the_catalog_answers_while_a_run_is_writing(recipe: Path) -> None:
    first = again(recipe)
    recipe.write_text(recipe.read_text("utf-8").replace("min = 8", "min = 1"), "utf-8")
    answers = []

    class Ask:
        """Asks at the beginning of every stage, through our door and with plain duckdb."""

        def begin(self, stage: str, total: int | None) -> None:
            sql = "SELECT count(*) FROM records WHERE version = 'harbour@1'"
            with duckdb.connect(str(first.workspace.catalog), read_only=True) as plain:
                answers.append((query(first.workspace, sql).fetchall(), plain.execute(sql).fetchall()))

        def advance(self, stage: str, count: int, batch: str) -> None: ...

    run(load(recipe), first.workspace, workers=0, progress=Ask())
    assert len(answers) >= 5
    assert set(map(str, answers)) == {str(([(ROWS,)], [(ROWS,)]))}


def test_a_missing_source_is_told_before_any_work(recipe: Path) -> None:
    (recipe.parent / "texts.jsonl.gz").unlink()
    with pytest.raises(RecipeError, match=r"texts\.jsonl\.gz"):
        again(recipe)


@pytest.mark.parametrize("source", ["texts.jsonl.gz", "no-photos"])
def test_sources_without_any_record_are_told_by_name(source: str, recipe: Path) -> None:
    (recipe.parent / "texts.jsonl.gz").write_bytes(gzip.compress(b"", mtime=0))
    (recipe.parent / "no-photos").mkdir()
    recipe.write_text(recipe.read_text("utf-8").replace("texts.jsonl.gz", source), "utf-8")
    for work in (again, lambda path: preview(load(path), workers=0)):  # a dry run tells it too
        with pytest.raises(RecipeError) as error:
            work(recipe)
        assert str(error.value) == f"{source}: source: expected records, found none. Name a source that holds some."


def test_an_empty_source_beside_others_is_fine(recipe: Path) -> None:
    (recipe.parent / "more.jsonl").write_bytes(b"")
    with recipe.open("a", encoding="utf-8") as file:
        file.write('[[source]]\npath = "more.jsonl"\n')
    assert again(recipe).records == ROWS


def test_the_log_of_a_run_names_run_and_stage_and_holds_numbers_only(recipe: Path) -> None:
    done = again(recipe)
    (path,) = done.workspace.runs.glob("*.jsonl")
    events = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert {event["run"] for event in events} == {path.stem}
    assert [event["event"] for event in events if event["event"] not in ("stage", "batch")] == [
        "started",
        "committed",
        "published",
    ]
    assert {len(event["batch"]) for event in events if event["event"] == "batch"} == {32}
    allowed = {
        "time",
        "run",
        "batch",
        "event",
        "stage",
        "total",
        "count",
        "dataset",
        "inputs",
        "workers",
        "version",
        "hash",
    }
    assert {key for event in events for key in event} <= allowed


def test_shards_that_did_not_change_are_shared_between_versions(recipe: Path) -> None:
    first = again(recipe)
    recipe.write_text(recipe.read_text("utf-8").replace("min = 8", "min = 1"), "utf-8")
    second = again(recipe)
    assert first.manifest.shards["facts"] == second.manifest.shards["facts"]
    assert first.manifest.shards["decisions"] != second.manifest.shards["decisions"]
    assert [found.name for found in manifests.versions(first.workspace)] == ["harbour@1", "harbour@2"]


def test_the_rooms_face_runs_a_recipe(recipe: Path) -> None:
    assert curation.run(recipe, workers=0).manifest.name == "harbour@1"


def test_a_page_captured_in_two_files_is_kept_once_and_is_no_duplicate_of_itself(recipe: Path) -> None:
    lines = gzip.decompress((recipe.parent / "texts.jsonl.gz").read_bytes()).splitlines()
    page = json.dumps({**json.loads(lines[1]), "url": "https://tide.example/notice"}).encode()
    for name in ("a", "b"):
        (recipe.parent / f"{name}.jsonl.gz").write_bytes(gzip.compress(page, mtime=0))
    recipe.write_text(recipe.read_text("utf-8").replace("texts.jsonl.gz", "[ab].jsonl.gz"), "utf-8")
    done = again(recipe)
    assert actions(done) == {"keep": 1, "drop": 1}
    assert reasons(done) == {"address-repeated": 1}


def test_of_captures_in_one_archive_the_newest_is_what_leaves(recipe: Path) -> None:
    def capture(day: int, text: str) -> bytes:
        page = f'<html lang="en"><a rel="license" href="https://creativecommons.org/licenses/by/4.0/">CC</a>{text}'
        block = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>{page}</p>"
        head = (
            f"WARC/1.1\r\nWARC-Type: response\r\nWARC-Target-URI: https://tide.example/board\r\n"
            f"WARC-Date: 2026-03-{day:02}T08:00:00Z\r\nContent-Type: application/http; msgtype=response\r\n"
        )
        return f"{head}Content-Length: {len(block)}\r\n\r\n{block}\r\n\r\n".encode()

    sayings = {day: f"The board of day {day} shows high water, low water and the wind of the day." for day in (2, 9, 5)}
    (recipe.parent / "tides.warc").write_bytes(b"".join(capture(day, text) for day, text in sayings.items()))
    recipe.write_text(recipe.read_text("utf-8").replace("texts.jsonl.gz", "tides.warc"), "utf-8")
    done = again(recipe)
    assert reasons(done)["address-repeated"] == 2
    assert sum(actions(done).values()) == 3
    [(text,)] = query(done.workspace, "SELECT text FROM content").fetchall()
    assert "day 9" in text


def test_no_row_is_taken_for_another_one_that_has_no_id(recipe: Path) -> None:
    path = recipe.parent / "texts.jsonl.gz"
    given = [json.loads(line) | {"license": "CC0-1.0"} for line in gzip.decompress(path.read_bytes()).splitlines()[1:8]]
    for one, name in zip(given, (0, 3, None, 5, None, 2, ""), strict=True):
        one["id"] = name
    lines = ["{broken", *(json.dumps(one) for one in given), "{broken too"]
    path.write_bytes(gzip.compress("\n".join(lines).encode(), mtime=0))
    done = again(recipe)
    assert reasons(done) == {"unreadable": 2}
    assert (done.records, done.unreadable) == (9, 2)


def test_of_captures_one_that_cannot_be_read_stands_for_none_and_is_counted(recipe: Path) -> None:
    path = recipe.parent / "texts.jsonl.gz"
    page = json.loads(gzip.decompress(path.read_bytes()).splitlines()[1])
    page |= {"url": "https://tide.example/notice", "fetched_at": "2026-03-01"}
    broken = {**page, "text": None, "fetched_at": "2026-03-09"}
    lines = "\n".join(json.dumps(one) for one in (page, broken))
    path.write_bytes(gzip.compress(lines.encode(), mtime=0))
    done = again(recipe)
    assert (reasons(done), done.manifest.counts, done.unreadable) == ({"unreadable": 1}, {"drop": 1, "keep": 1}, 1)


def test_one_file_under_two_sources_is_refused(recipe: Path) -> None:
    text = recipe.read_text("utf-8").replace("[quality]", '[[source]]\npath = "*.jsonl.gz"\n[quality]')
    recipe.write_text(text, "utf-8")
    with pytest.raises(RecipeError, match="read by two"):
        again(recipe)


def test_a_corrected_author_makes_a_new_version(recipe: Path) -> None:
    before = again(recipe)
    path = recipe.parent / "texts.jsonl.gz"
    path.write_bytes(
        gzip.compress(gzip.decompress(path.read_bytes()).replace(b"Harbour office", b"Pilot office"), mtime=0)
    )
    after = again(recipe)
    assert after.manifest.hash != before.manifest.hash


def test_a_dry_run_meets_what_a_run_there_would_meet_and_changes_nothing(recipe: Path, tmp_path: Path) -> None:
    done = again(recipe)
    for waiting in review.held(done.workspace):
        review.answer(done.workspace, waiting.id[:12], "refuse")

    def files() -> dict[str, int]:
        return {str(path): path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()}

    before = files()
    place = done.workspace.root
    shares = preview(load(recipe), workers=0, place=place).shares
    assert "review-refused" in {reason for _, _, reason in shares}
    assert [action for action, _, reason in shares if not reason] == ["keep", "redact", "drop"]
    renewed = load(recipe, ("dataset=tides", "duplicates.against=['harbour@1']"))
    assert {reason for _, _, reason in preview(renewed, workers=0, place=place).shares} >= {"duplicate-exact"}
    assert files() == before


def test_a_dry_run_makes_no_keys(recipe: Path, tmp_path: Path) -> None:
    preview(load(recipe), workers=0)
    assert not (tmp_path / "keys").exists()
