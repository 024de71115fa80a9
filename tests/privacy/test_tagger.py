"""The small tagger: its features, its model files, its training."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.errors import FormatError, UsageError
from catalog.values import Span
from privacy import engine, tagger
from privacy.labelled import Labelled, read_conll, read_jsonl
from privacy.tagger import Tagger
from privacy.templates import SLOT, SLOTS, generate, sentences
from privacy.words import Features, shape


@cache
def shipped() -> Tagger:
    return Tagger(tagger.load(engine.TAGGER))


@pytest.fixture(scope="module")
def general() -> Tagger:
    return shipped()


def found(text: str, spans: list[Span]) -> list[str]:
    return [f"{span.kind}:{text[span.start : span.end]}" for span in spans]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Yesterday John Smith moved to Berlin.", {"PERSON:John Smith", "LOCATION:Berlin"}),
        ("my number is 0151 2345 678, ask for Anna", {"PHONE_NUMBER:0151 2345 678", "PERSON:Anna"}),
        ("Ship it to 221 Baker Street, London", {"STREET_ADDRESS:221 Baker Street", "LOCATION:London"}),
        ("the function returns a list of numbers", set()),
        ("", set()),
        ("\n \n", set()),
    ],
)
def test_the_model_that_ships_finds_what_news_text_lacks(general: Tagger, text: str, expected: set[str]) -> None:
    assert set(found(text, general.tag([text])[0])) == expected


def test_a_segment_is_read_the_same_alone_and_among_others(general: Tagger) -> None:
    texts = ["Anna Weber lives in Graz.", "", "Call Peter Novak on Monday.", "no one here"] * 3
    assert general.tag(texts) == [general.tag([text])[0] for text in texts]


@given(st.text(max_size=60))
@settings(deadline=None)
def test_any_text_is_tagged_within_its_bounds(text: str) -> None:
    for span in shipped().tag([text])[0]:
        assert 0 <= span.start < span.end <= len(text)
        assert 0 <= span.score <= 1


@pytest.mark.parametrize(
    ("word", "expected"),
    [("Anna", "Xxxx4"), ("IBM", "XXX3"), ("42", "002"), ("McDonald", "XxXxxxx8"), ("aaaaaaaaa", "xxxx9")],
)
def test_a_shape_tells_capitals_and_digits_and_length(word: str, expected: str) -> None:
    assert shape(word) == expected


@given(st.lists(st.text(max_size=30), max_size=4))
def test_a_word_is_a_run_of_letters_or_of_digits_or_another_sign(texts: list[str]) -> None:
    words = Features().read(texts)
    expected = [
        (number, *found.span())
        for number, text in enumerate(texts)
        for found in re.finditer(r"[^\W\d_]+|\d+|[^\w\s]|_", text)
    ]
    assert list(zip(words.text, words.start, words.end, strict=True)) == expected


def test_what_stands_before_a_word_is_told_within_its_own_text() -> None:
    assert Features().read(["a  b.c\n d", "\ne f"]).gap.tolist() == [1, 4, 1, 1, 3, 3, 2]


def test_no_number_is_learnt_but_its_length_and_years() -> None:
    features = Features()

    def rows(text: str) -> list[list[int]]:
        found: list[list[int]] = features.rows(features.read([text])).tolist()
        return found

    assert rows("call 5551234") == rows("call 9876543")
    assert rows("in 1999") != rows("in 1998")


def test_what_is_not_a_model_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.npz"
    path.write_bytes(b"not a model")
    with pytest.raises(FormatError, match="expected a tagger's model file"):
        tagger.load(path)
    np.savez(path, told=np.frombuffer(json.dumps({"format": 99, "kinds": []}).encode(), np.uint8))
    with pytest.raises(FormatError, match="expected model format 1, found 99"):
        tagger.load(path)


def test_templates_mark_exactly_what_they_put_in() -> None:
    made = generate(120)
    assert generate(120) == made
    assert generate(120, seed=8) != made
    for one in made:
        assert all(one.text[span.start : span.end].strip() for span in one.spans)
        assert [(span.start, span.end) for span in one.spans] == sorted((span.start, span.end) for span in one.spans)
    assert {"PERSON", "STREET_ADDRESS", "PHONE_NUMBER", "AGE", "USERNAME"} <= {
        s.kind for one in made for s in one.spans
    }


def test_every_template_uses_known_slots() -> None:
    used = {slot for sentence in sentences() for slot in SLOT.findall(sentence)} - {"address"}
    assert used <= set(SLOTS)
    assert len(sentences()) > 80


def test_training_learns_writes_a_card_and_goes_on_from_a_model(tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="training needs the extra [train]")
    from privacy.train_tagger import Settings, train

    labelled = generate(150)
    card = train(labelled, tmp_path / "own.npz", base=engine.TAGGER, settings=Settings(epochs=1, held_back=0.2))
    assert card["sources"] == {
        "templates": {
            "licence": "Apache-2.0",
            "texts": 150,
            "characters": sum(len(one.text) for one in labelled),
            "spans": sum(len(one.spans) for one in labelled),
        }
    }
    assert card["base"] == "general.npz"
    assert card["held_back"]["*"]["recall"] > 0.5
    assert json.loads((tmp_path / "own.card.json").read_text("utf-8")) == card
    text = "Yesterday John Smith moved to Berlin."
    assert "PERSON:John Smith" in found(text, Tagger(tagger.load(tmp_path / "own.npz")).tag([text])[0])


def test_training_on_nothing_is_refused(tmp_path: Path) -> None:
    from privacy.train_tagger import train

    with pytest.raises(UsageError, match="no labelled texts"):
        train([], tmp_path / "own.npz")


def test_the_card_of_the_model_that_ships_is_about_it() -> None:
    import hashlib

    card = json.loads(engine.TAGGER.with_suffix(".card.json").read_text("utf-8"))
    assert card["sha256"] == hashlib.sha256(engine.TAGGER.read_bytes()).hexdigest()
    assert card["kinds"] == list(tagger.load(engine.TAGGER).kinds)


def test_labels_are_read_from_jsonl_and_conll(tmp_path: Path) -> None:
    rows = tmp_path / "own.jsonl"
    rows.write_text('{"text": "Ada came", "spans": [{"kind": "PERSON", "start": 0, "end": 3}]}\n')
    assert list(read_jsonl(rows, "CC0-1.0")) == [
        Labelled("Ada came", (Span("PERSON", 0, 3, 1.0, "label"),), "own.jsonl", "CC0-1.0")
    ]
    words = tmp_path / "news.conll"
    words.write_text("Ada B-PER\nL I-PER\ncame O\n\nto O\nRome I-LOC\nX B-MISC\n")
    read = list(read_conll(words, {"PER": "PERSON", "LOC": "LOCATION"}))
    assert [(one.text, found(one.text, list(one.spans))) for one in read] == [
        ("Ada L came", ["PERSON:Ada L"]),
        ("to Rome X", ["LOCATION:Rome"]),
    ]


def test_a_line_that_is_no_label_is_named_without_its_words(tmp_path: Path) -> None:
    rows = tmp_path / "own.jsonl"
    rows.write_text('{"text": "Ada came"}\n')
    with pytest.raises(FormatError, match=r"own\.jsonl, line 1: expected an object") as told:
        list(read_jsonl(rows))
    assert "Ada" not in str(told.value)
