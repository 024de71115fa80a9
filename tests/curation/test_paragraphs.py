"""Lines that a site repeats on its pages are told or taken out, but never from a work that may not be adapted."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.queries import query
from catalog.values import Span
from curation.paragraphs import cut, hashes, places
from curation.recipe import load
from curation.runner import Outcome, run

KEY = b"key"
RECIPE = """\
format = 1
dataset = "harbour"
as_of = 2026-11-21
[[source]]
path = "pages.jsonl.gz"
[quality]
presets = []
[paragraphs]
action = "remove"
[privacy]
text = "patterns"
"""
MENU = "Home | Tides | Berths"
NOTICE = "Write to office@example.com about this site."


def test_a_paragraph_is_a_line_that_holds_something() -> None:
    assert len(hashes("one\n\n two \ntwo\none", KEY)) == 2
    assert hashes("one", KEY) != hashes("one", b"another key")
    assert hashes("", KEY) == hashes(" \n\t", KEY) == []


@pytest.mark.parametrize(
    ("text", "left"),
    [("menu\na b\nmenu\nc", "a b\nc"), ("a\n  menu  ", "a\n"), ("menu", ""), ("menus\nthe menu", "menus\nthe menu")],
)
def test_known_paragraphs_are_taken_out_whole(text: str, left: str) -> None:
    assert cut(text, places(text, hashes("menu", KEY), KEY), [])[0] == left


@given(st.lists(st.sampled_from(["menu", "mail a@b.example now", "x", ""]), max_size=8))
def test_spans_of_what_stays_hold_the_same_words(lines: list[str]) -> None:
    text, word = "\n".join(lines), "a@b.example"
    starts = [at for at in range(len(text)) if text.startswith(word, at)]
    spans = [Span("EMAIL_ADDRESS", start, start + len(word), 1.0, "email") for start in starts]
    left, moved = cut(text, places(text, hashes("menu", KEY), KEY), spans)
    assert [left[span.start : span.end] for span in moved] == [word] * len(starts)
    assert cut(text, places(text, hashes("mail a@b.example now", KEY), KEY), spans)[1] == []


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight pages of one site with a menu and a notice on each, one of which may not be adapted; and a page of
    another site with the same menu."""
    made = tmp_path_factory.mktemp("pages")
    rows = []
    for number in range(9):
        body = f"Berth {number} was measured in week {number * 5}, and found {number * 7} metres deep."
        site = "https://one.example" if number < 8 else "https://other.example"
        rows.append(
            {
                "url": f"{site}/{number}",
                "text": f"{MENU}\n{body}\nAsk at desk {number}.\n{NOTICE}",
                "license": "CC-BY-ND-4.0" if number == 3 else "CC-BY-4.0",
                "author": "Port",
                "language": "en",
            }
        )
    rows.append({**rows[0], "url": "https://one.example/menu", "text": f"{MENU}\n{NOTICE}"})
    lines = "".join(json.dumps(row) + "\n" for row in rows).encode()
    (made / "pages.jsonl.gz").write_bytes(gzip.compress(lines, mtime=0))
    (made / "recipe.toml").write_text(RECIPE)
    return made


@pytest.fixture(scope="module")
def outcome(folder: Path) -> Outcome:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CLEARTITLE_KEYS", str(folder / "keys"))
        return run(load(folder / "recipe.toml"), folder / "workspace", workers=0)


def test_lines_of_the_site_are_taken_out_of_its_pages_and_of_no_others(outcome: Outcome) -> None:
    sql = """SELECT address, text, [t.name FOR t IN c.transforms]
             FROM content c JOIN facts USING (version, id) WHERE version = 'harbour@1' ORDER BY address"""
    found = {
        address[-1] + address[8:11]: (text, steps) for address, text, steps in query(outcome.workspace, sql).fetchall()
    }
    text, steps = found["0one"]
    assert text == "Berth 0 was measured in week 0, and found 0 metres deep.\nAsk at desk 0.\n"
    assert steps == ["remove-paragraphs"]
    text, steps = found["8oth"]
    assert text.startswith(MENU)
    assert steps == ["redact"]


def test_a_work_that_may_not_be_adapted_is_left_whole(outcome: Outcome) -> None:
    # Its notice holds personal data, so a person must look; nothing of it was taken out.
    sql = "SELECT action, reasons FROM records WHERE address = 'https://one.example/3'"
    assert query(outcome.workspace, sql).fetchall() == [("hold", "nd-needs-redaction, site-paragraphs")]


def test_a_page_of_nothing_but_the_sites_lines_is_dropped(outcome: Outcome) -> None:
    sql = "SELECT action, reasons FROM records WHERE address = 'https://one.example/menu'"
    assert query(outcome.workspace, sql).fetchall() == [("drop", "site-paragraphs-only")]
    sql = "SELECT value, threshold FROM reasons JOIN records USING (version, id) WHERE address LIKE '%one.example/1'"
    assert query(outcome.workspace, sql).fetchall() == [("2 of 4", "on 5 pages and 30% of the site")]


def test_flagging_takes_nothing_out(folder: Path, outcome: Outcome) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CLEARTITLE_KEYS", str(folder / "keys"))
        flagged = run(load(folder / "recipe.toml", ("paragraphs.action=flag",)), outcome.workspace, workers=0)
    assert "facts" not in flagged.work
    sql = f"SELECT count(*) FROM content WHERE version = '{flagged.manifest.name}' AND starts_with(text, '{MENU}')"
    assert query(flagged.workspace, sql).fetchall() == [(9,)]
