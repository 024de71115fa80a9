"""The quick way through a spaCy pipeline: the same entities; and when it is believed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.values import Span
from privacy import engine, ner
from privacy.decoder import Decoder
from privacy.engine import Engine

SHARED = Path(__file__).parents[2].parent / "shared" / "data" / "pii"
PIECES = (
    "Ada Lovelace", "met", "Mr. Smith", "in Paris", "on 3 May 1997", "\n\n", " ", "\t", "the Bank of England", "IBM",
    "and", ",", ".", "(", "Dr", "J. R. R. Tolkien", "12:30", "🙂", "e\u0301", "שלום", "\r\n", "x" * 40, "U.S.", "’s",
)  # fmt: skip


@pytest.fixture(scope="module")
def pipeline() -> Any:
    model = ner.find("en")
    assert model is not None
    return ner._load(model.path)


def spacys(pipeline: Any, texts: list[str]) -> list[list[tuple[str, int, int]]]:
    return [[(one.label_, one.start, one.end) for one in doc.ents] for doc in pipeline.pipe(texts)]


def ours(pipeline: Any, texts: list[str]) -> list[list[tuple[str, int, int]]]:
    return Decoder(pipeline.get_pipe("ner")).entities([pipeline.make_doc(text) for text in texts])


@given(st.lists(st.lists(st.sampled_from(PIECES), max_size=25).map(" ".join), min_size=1, max_size=4))
@settings(max_examples=60, deadline=None)
def test_all_words_at_once_give_the_entities_that_spacy_finds_word_by_word(pipeline: Any, texts: list[str]) -> None:
    assert ours(pipeline, texts) == spacys(pipeline, texts)


def test_so_they_do_on_the_shared_texts(pipeline: Any) -> None:
    if not SHARED.exists():
        pytest.skip("the shared measuring data is not on this machine")
    texts = [one["text"] for one in json.loads((SHARED / "tab_dev.json").read_text("utf-8"))[::12]]
    texts += [one["full_text"] for one in json.loads((SHARED / "synth_dev.json").read_text("utf-8"))[::6]]
    assert ours(pipeline, texts) == spacys(pipeline, texts)


def test_no_texts_and_empty_texts_hold_nothing(pipeline: Any) -> None:
    assert ours(pipeline, []) == []
    assert ours(pipeline, ["", ""]) == [[], []]


def test_a_pipeline_with_parts_of_its_own_goes_spacys_way() -> None:
    import spacy

    nlp = spacy.blank("en")
    nlp.add_pipe("entity_ruler").add_patterns([{"label": "PERSON", "pattern": "Ada"}])
    assert ner._decoder(nlp) is None


def test_the_pipeline_is_believed_where_the_tagger_holds_it_possible() -> None:
    spans = [Span("PERSON", 0, 5, 0.9, "spacy"), Span("PERSON", 10, 15, 0.9, "spacy")]
    seen = [Span("", 12, 14, 0.1, "tagger"), Span("ORGANIZATION", 30, 33, 0.9, "tagger")]
    assert engine._seconded(spans, seen) == [spans[1]]


def test_only_paragraphs_worth_it_are_read_and_offsets_stay_right() -> None:
    text = "first of all, nothing\n\nEwan McDonald lives in Oslo\n\nand so on and on\n\nmet Ada Lovelace"
    found = {text[s.start : s.end] for s in Engine().scan([text], ["en"])[0].spans if s.kind == "PERSON"}
    assert found >= {"Ewan McDonald", "Ada Lovelace"}
    seen = [Span("", text.index("Ewan"), text.index("Ewan") + 4, 0.1, "t")]
    assert [text[start:end] for start, end in engine._worth_reading(text, seen)] == ["Ewan McDonald lives in Oslo"]
