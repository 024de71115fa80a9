"""Credit entries: complete, or with what is missing."""

from __future__ import annotations

from licenses import attribution

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
