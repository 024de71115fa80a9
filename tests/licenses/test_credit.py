"""Credit entries: complete or with what is missing, and written in three formats."""

from __future__ import annotations

import csv
import io

from licenses import attribution
from licenses.credit import Credit, to_csv, to_html, to_markdown

FULL = attribution(
    "CC-BY-4.0",
    title="Tides",
    author="A. Nobody",
    author_url="https://example.org/~a",
    address="https://example.org/tides",
    notice="(c) 2020 A. Nobody",
    changes="modified: personal data removed",
    modified=True,
)


def test_a_full_entry_is_complete() -> None:
    assert FULL.complete
    assert FULL.licence_url == "https://creativecommons.org/licenses/by/4.0/"


def test_an_entry_says_what_it_lacks() -> None:
    assert attribution("CC-BY-4.0", modified=True).missing == ("source", "changes")
    assert attribution("LicenseRef-other", address="https://example.org/").missing == ("licence link",)
    assert attribution("", address="https://example.org/").missing == ("licence",)


def test_what_the_licensor_did_not_supply_is_not_missing() -> None:
    assert attribution("CC-BY-SA-3.0", address="https://example.org/").complete


def test_only_4_0_lets_a_link_stand_for_the_name() -> None:
    for licence, author in (("CC-BY-4.0", ""), ("CC-BY-3.0", "A. Nobody")):
        credit = attribution(licence, author="A. Nobody", address="https://example.org/", link_only=True)
        assert credit.author == author
    assert attribution("CC-BY-4.0", author="A. Nobody", link_only=True).author == "A. Nobody"


def test_a_name_that_the_licensor_wants_out_is_out() -> None:
    credit = attribution(
        "CC-BY-3.0", author="A. Nobody", author_url="https://a", address="https://example.org/", removed=("author",)
    )
    assert (credit.author, credit.author_url, credit.complete) == ("", "", True)


def test_a_name_is_never_in_the_repr() -> None:
    assert "Nobody" not in repr(FULL)
    assert "tides" not in repr(FULL)


def test_csv_has_a_row_each_and_runs_no_formula() -> None:
    evil = Credit(title='=HYPERLINK("https://x")', author="Doe, J.\nand others", licence="CC-BY-4.0")
    rows = list(csv.DictReader(io.StringIO(to_csv([FULL, evil]))))
    assert list(rows[0]) == [
        "title", "author", "author_url", "address", "licence", "licence_url", "notice", "changes", "complete",
    ]  # fmt: skip
    assert rows[0]["author"] == "A. Nobody"
    assert rows[0]["complete"] == "true"
    assert rows[1]["title"].startswith("'=")


def test_markdown_is_a_sentence_with_links() -> None:
    assert to_markdown([FULL]) == (
        "- [Tides](<https://example.org/tides>), by [A. Nobody](<https://example.org/~a>), (c) 2020 A. Nobody, "
        "[CC-BY-4.0](<https://creativecommons.org/licenses/by/4.0/>), modified: personal data removed\n"
    )


def test_html_escapes_what_licensors_write() -> None:
    evil = Credit(title="<script>x</script>", address="javascript:alert(1)", author='"><b>', licence="CC-BY-4.0")
    assert to_html([evil]) == (
        "<ul>\n<li>&lt;script&gt;x&lt;/script&gt;, by &quot;&gt;&lt;b&gt;, CC-BY-4.0</li>\n</ul>\n"
    )


def test_markdown_escapes_what_licensors_write() -> None:
    assert to_markdown([Credit(title="a](https://x)[b", licence="MIT")]) == "- a\\](https://x)\\[b, MIT\n"
