"""Runs of words that a text repeats, by the plain definition and for several texts at once."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from curation.ngrams import REPEATED, TOP
from curation.text import TextView, views

TEXTS = st.lists(st.lists(st.sampled_from(["a", "b", "cd"]), max_size=40).map(" ".join), max_size=4)


def most_frequent(words: list[str], n: int) -> int | None:
    runs = [" ".join(words[place : place + n]) for place in range(len(words) - n + 1)]
    if not runs:
        return None
    run, count = Counter(runs).most_common(1)[0]  # of several the first
    return count * len(run)


def repeated(words: list[str], n: int) -> int:
    """As datatrove counts, and the paper's authors before it."""
    seen: set[tuple[str, ...]] = set()
    characters = place = 0
    while place <= len(words) - n:
        run = tuple(words[place : place + n])
        if run in seen:
            characters += sum(map(len, run))
            place += n
        else:
            seen.add(run)
            place += 1
    return characters


@settings(deadline=None)  # tables are built at first use
@given(TEXTS)
def test_runs_are_counted_text_by_text(texts: list[str]) -> None:
    found = [view.repeated_runs for view in views(texts)]
    for text, counted in zip(texts, found, strict=True):
        words = text.split()
        assert counted == {n: most_frequent(words, n) for n in TOP} | {n: repeated(words, n) for n in REPEATED}


def test_a_text_alone_is_counted_as_among_others() -> None:
    texts = ["a b a b a b a b a b a b", "", "b a b a b a b a b a b a", "x"]
    assert [view.repeated_runs for view in views(texts)] == [TextView(text).repeated_runs for text in texts]


def test_views_come_in_the_order_of_their_texts() -> None:
    long = "word " * 40_000  # more words than are counted at once
    assert [view.text for view in views(["one", long, "two"])] == ["one", long, "two"]
    assert list(views([])) == []
