"""Credit in a run: in full, by a link that was seen to work, without what a licensor wants left out."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from catalog.errors import RecipeError
from catalog.queries import query
from catalog.values import Record, Source
from curation.credit import removals, row
from curation.recipe import Recipe, load
from curation.runner import Outcome, run

RECIPE = """\
format = 1
dataset = "letters"
as_of = 2026-11-21
[[source]]
path = "crawl.warc"
[[source]]
path = "texts.jsonl.gz"
quality = false
[quality]
presets = []
[privacy]
text = "patterns"
"""
PAGE = """<html><head><title>Tides</title><meta name="author" content="A. Nobody"></head><body><article><p>The tide
comes in at six and goes out at noon, and nobody at the harbour office is surprised any more. {mail}</p></article>
<footer>This page is licensed under <a rel="license" href="https://creativecommons.org/licenses/{licence}/">CC</a>.
</footer></body></html>"""


def capture(address: str, body: str) -> bytes:
    http = f"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    head = f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: {address}\r\nWARC-Date: 2026-01-01T00:00:00Z\r\n"
    kind = "Content-Type: application/http; msgtype=response\r\n"
    return f"{head}{kind}Content-Length: {len(http)}\r\n\r\n{http}\r\n\r\n".encode()


@pytest.fixture(scope="module")
def recipe(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One recipe for all tests here: each run goes on where the last one left off."""
    folder = tmp_path_factory.mktemp("letters")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CLEARTITLE_KEYS", str(folder / "keys"))
        yield written(folder)


def written(tmp_path: Path) -> Path:
    pages = [
        capture("https://port.example/new", PAGE.format(licence="by/4.0", mail="Write to tide@example.com today.")),
        capture("https://port.example/old", PAGE.format(licence="by/3.0", mail="The old clock is slow.")),
    ]
    (tmp_path / "crawl.warc").write_bytes(b"".join(pages))
    rows = [
        {"text": "I was diagnosed with epilepsy last year and I still keep my watch.", "author": "B. Nobody"},
        {"text": "I was diagnosed with asthma last year, and I still keep my lamp lit."},
        {"text": "The keeper was diagnosed with epilepsy, said the office.", "author": "B. Nobody"},
    ]
    lines = "".join(json.dumps({**row, "license": "CC-BY-4.0", "title": "Watch"}) + "\n" for row in rows)
    (tmp_path / "texts.jsonl.gz").write_bytes(gzip.compress(lines.encode()))
    path = tmp_path / "recipe.toml"
    path.write_text(RECIPE, "utf-8")
    return path


@pytest.fixture(scope="module")
def full(recipe: Path) -> Outcome:
    """The run that asks for nothing special."""
    return again(recipe)


def again(recipe: Path, *settings: str) -> Outcome:
    return run(load(recipe, settings), recipe.parent / "workspace", workers=0)


def credited(done: Outcome) -> dict[str, tuple[object, ...]]:
    sql = f"SELECT address, author, title, changes, complete FROM attributions WHERE version = '{done.manifest.name}'"
    return {row[0].rpartition("/")[2]: row[1:] for row in query(done.workspace, sql).fetchall()}


def test_a_link_that_was_seen_to_work_stands_for_the_names_under_4_0_only(recipe: Path, full: Outcome) -> None:
    before = credited(full)
    assert before["new"] == ("A. Nobody", "Tides", "modified: personal data removed", True)
    assert before["old"] == ("A. Nobody", "Tides", "", True)
    linked = again(recipe, "licenses.credit='link'")
    assert linked.work["content"] > 0
    found = credited(linked)
    assert found["new"] == ("", "Tides", "modified: personal data removed", True)
    assert found["old"] == before["old"]  # 3.0 has no such rule
    assert {name: row for name, row in found.items() if "#" in name} == {
        name: row for name, row in before.items() if "#" in name
    }  # never captured: nobody saw the link work


def test_a_licensor_who_wants_no_credit_gets_none(recipe: Path) -> None:
    (recipe.parent / "quiet.txt").write_text("# asked on 2 May\nhttps://port.example/old author title\n", "utf-8")
    done = again(recipe, "licenses.remove_credit='quiet.txt'")
    assert credited(done)["old"] == ("", "", "", True)
    assert credited(done)["new"][0] == "A. Nobody"


def test_who_tells_of_their_own_illness_is_not_named_unasked(full: Outcome) -> None:
    sql = f"""SELECT r.action, r.reason, f.author_named FROM reasons r JOIN facts f USING (version, id)
              WHERE version = '{full.manifest.name}'"""
    assert query(full.workspace, sql).fetchall() == [("hold", "named-author", True)]


@pytest.mark.parametrize(
    ("licence", "complete"), [("CC-BY-4.0", True), ("LicenseRef-public-domain", False), (None, True)]
)
def test_a_credit_says_whether_all_that_its_licence_asks_for_is_known(licence: str | None, complete: bool) -> None:
    job = SimpleNamespace(recipe=Recipe(dataset="letters", source=()), removals={})
    record = Record("r", "text", Source("https://port.example/r", "crawl.warc", 0, "text/html"), text="Low water.")
    assert row(job, record, {"id": b"r", "licence": licence, "transforms": []})["complete"] is complete


def test_what_each_step_does_in_law_is_told_for_each_record(full: Outcome) -> None:
    sql = f"""SELECT t.name, t.effect, t.permitted, t.mark, t.section FROM transforms t
             JOIN attributions a USING (version, id) WHERE a.address LIKE '%/new'
             AND version = '{full.manifest.name}' ORDER BY ALL"""
    assert query(full.workspace, sql).fetchall() == [
        ("extract-text", "none", "yes", "contested", "2(a)(4)"),
        ("redact", "adaptation", "yes", "policy", "2(a)(1)(B)"),
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", {}),
        ("# none\n\n", {}),
        ("https://a.example/\n", {"https://a.example/": ("author", "notice")}),
        ("https://a.example/ title\n", {"https://a.example/": ("title",)}),
    ],
)
def test_a_list_of_removals_names_records_and_parts(
    tmp_path: Path, text: str, found: dict[str, tuple[str, ...]]
) -> None:
    (tmp_path / "quiet.txt").write_text(text, "utf-8")
    assert removals(tmp_path / "quiet.txt") == found


def test_a_list_of_removals_that_cannot_be_read_is_told_before_any_work(recipe: Path) -> None:
    with pytest.raises(RecipeError, match="remove_credit: expected a text file"):
        again(recipe, "licenses.remove_credit='missing.txt'")
    (recipe.parent / "quiet.txt").write_text("https://port.example/old name\n", "utf-8")
    with pytest.raises(RecipeError, match="expected some of author, title, notice, found 'name'"):
        again(recipe, "licenses.remove_credit='quiet.txt'")
