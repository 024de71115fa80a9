"""What the stages know of each other: what is computed again and what is not, and which copy stands for others."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from catalog.queries import query
from curation import review
from curation.recipe import load
from curation.runner import Outcome, run


def again(recipe: Path, *settings: str) -> Outcome:
    return run(load(recipe, settings), recipe.parent / "workspace", workers=0)


def reasons(done: Outcome) -> dict[str, int]:
    sql = f"SELECT reason, count(*) FROM reasons WHERE version = '{done.manifest.name}' GROUP BY reason"
    return dict(query(done.workspace, sql).fetchall())


def test_an_answer_of_one_data_set_is_none_in_another_one_of_the_workspace(recipe: Path) -> None:
    path = recipe.parent / "texts.jsonl.gz"
    line = gzip.decompress(path.read_bytes()).splitlines(keepends=True)[18]  # ND, with an e-mail
    path.write_bytes(gzip.compress(line, mtime=0))
    done = again(recipe, "dataset='one'")
    review.answer(done.workspace, review.held(done.workspace)[0].id, "refuse")
    assert reasons(again(recipe, "dataset='one'"))["review-refused"] == 1
    assert "review-refused" not in reasons(again(recipe, "dataset='two'"))


def test_of_copies_the_one_that_may_leave_stands_for_the_others(recipe: Path) -> None:
    rows = []
    for number in range(8):
        text = f"Of gate {number}: write to clerk{number}@example.com before tide number {number} turns, or after it."
        # ND forbids to share it redacted; who contributed has not consented.
        copies = [{"license": "CC-BY-ND-4.0"}, {"license": "CC-BY-SA-4.0"}]
        if number % 2:
            copies = [{"license": "CC-BY-4.0", "contributor": "wren"}, {"license": "CC-BY-NC-4.0"}]
        rows += [{"text": text, "author": "Port", "language": "en", **copy} for copy in copies]
    lines = "".join(json.dumps(row) + "\n" for row in rows).encode()
    (recipe.parent / "texts.jsonl.gz").write_bytes(gzip.compress(lines, mtime=0))
    done = again(recipe)
    assert dict(done.manifest.counts) == {"redact": 8, "drop": 8}
    sql = "SELECT licence, count(*) FROM content GROUP BY ALL ORDER BY ALL"
    assert query(done.workspace, sql).fetchall() == [("CC-BY-NC-4.0", 4), ("CC-BY-SA-4.0", 4)]


def test_neither_an_answer_nor_another_day_compares_the_set_again(recipe: Path) -> None:
    done = again(recipe)
    review.answer(done.workspace, review.held(done.workspace)[0].id, "accept")
    assert again(recipe).work == {"verbatim": 1}
    assert again(recipe, "as_of=2026-11-22").work == {}


def test_a_source_whose_records_are_judged_otherwise_is_not_read_again(recipe: Path) -> None:
    again(recipe)
    text = recipe.read_text("utf-8")
    recipe.write_text(text.replace('.gz"', '.gz"\nquality = false', 1), "utf-8")
    eased = again(recipe)
    assert "too-short" not in reasons(eased)
    assert eased.work == {"clusters": 1, "scan": 1, "content": 1}  # the short text had not been looked at
    recipe.write_text(text.replace('.gz"', '.gz"\nreview = true', 1), "utf-8")
    looked_through = again(recipe)
    assert "keep" not in looked_through.manifest.counts
    assert not {"facts", "scan"} & looked_through.work.keys()


def test_a_site_file_that_was_captured_twice_says_what_it_says_once(
    recipe: Path, entry: Callable[[str, str, str], bytes]
) -> None:
    robots = "User-agent: GPTBot\nDisallow: /private\n\nUser-agent: *\nAllow: /\n"
    page = '<a rel="license" href="https://creativecommons.org/licenses/by/4.0/">CC</a><p>High water at noon today.</p>'
    captures = [entry("/robots.txt", "text/plain", robots)] * 2 + [entry("/board", "text/html", page)]
    (recipe.parent / "tides.warc").write_bytes(b"".join(captures))
    recipe.write_text(recipe.read_text("utf-8").replace("texts.jsonl.gz", "tides.warc"), "utf-8")
    done = again(recipe)
    sql = "SELECT len(preferences), len(list_distinct(preferences)) FROM decisions WHERE len(preferences) > 0"
    [(said, different)] = query(done.workspace, sql).fetchall()
    assert said == different


@pytest.fixture
def entry() -> Callable[[str, str, str], bytes]:
    """Makes an entry of an archive."""

    def made(path: str, kind: str, body: str) -> bytes:
        block = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\n\r\n{body}"
        head = (
            f"WARC/1.1\r\nWARC-Type: response\r\nWARC-Target-URI: https://tide.example{path}\r\n"
            f"WARC-Date: 2026-03-02T08:00:00Z\r\nContent-Type: application/http; msgtype=response\r\n"
        )
        return f"{head}Content-Length: {len(block)}\r\n\r\n{block}\r\n\r\n".encode()

    return made
