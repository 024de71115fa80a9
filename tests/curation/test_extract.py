"""The main text of a page, and that no page takes minutes."""

from __future__ import annotations

import pytest

from curation.extract import Page, TooCostly, main_text, read_page

ARTICLE = " ".join(["The tide board has been wrong since it was painted, though always by the same amount."] * 3)
PAGE = f"""<!doctype html><html lang="de-AT"><head><title> Tide
 board </title><meta name="author" content=" The Office "></head><body>
<nav><ul><li><a href="/">Home</a></li><li><a href="/boats">Boats</a></li></ul></nav>
<main><article><h1>The board</h1><p>{ARTICLE}</p><p>A second paragraph &amp; its end.</p></article></main>
<script>var secret = 1;</script><div class="cookie-banner">We use cookies.</div>
<footer><p>Made by hand.</p></footer></body></html>"""


def test_main_text_leaves_out_what_surrounds_it_and_keeps_paragraphs_apart() -> None:
    assert main_text(PAGE) == f"The board\n\n{ARTICLE}\n\nA second paragraph & its end."


def test_the_head_says_title_author_and_language() -> None:
    page = read_page(PAGE)
    assert (page.title, page.author, page.language) == ("Tide board", "The Office", "de")


@pytest.mark.parametrize("html", ["", "   ", "<html>", "<!-- nothing -->", "<head><title></title></head>"])
def test_a_page_without_content_has_an_empty_text(html: str) -> None:
    assert read_page(html) == Page("")


def test_a_page_shows_none_of_its_words_in_its_repr() -> None:
    assert repr(read_page(PAGE)) == "Page(language='de')"


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<div>" * 1_900 + "deep" + "</div>" * 1_900, "deep"),
        ("<div>" * 5_000 + "deeper" + "</div>" * 5_000, "deeper"),
        ("<p>flat" * 30_000, "\n\n".join(["flat"] * 30_000)),
        (f'<p><img src="data:image/png;base64,{"A" * 3_000_000}">after</p>', "after"),
    ],
)
def test_large_pages_are_read(html: str, text: str) -> None:
    assert main_text(html) == text


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 100_000,
        "<ul><li>x" * 50_000,
        "<p " + " ".join(f"a{n}=1" for n in range(50_000)) + ">x</p>",
    ],
)
def test_pages_that_would_take_minutes_are_refused(html: str) -> None:
    with pytest.raises(TooCostly):
        read_page(html)
