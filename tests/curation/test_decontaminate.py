"""Benchmark items are found where they stand, and only there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from catalog.errors import NotFound, UnreadableInput
from curation.decontaminate import Benchmarks, Overlap, build, read
from curation.text import TextView

QUESTION = "Which of the following lights must a sailing vessel under way show between sunset and sunrise at sea?"
OTHER = "A pilot boards a ship outside the harbour and leaves it again after the last lock has been passed safely."


@pytest.fixture
def benchmarks() -> Benchmarks:
    return build([("rules:1", QUESTION), ("rules:2", OTHER), ("rules:3", "Yes or no?")])


def found(benchmarks: Benchmarks, text: str) -> list[tuple[str, str]]:
    return [(overlap.item, text[overlap.start : overlap.end]) for overlap in benchmarks.overlaps(TextView(text))]


def test_an_item_in_a_text_is_found_with_its_place(benchmarks: Benchmarks) -> None:
    text = f"Here is one. {QUESTION} And here it ends."
    assert benchmarks.overlaps(TextView(text)) == (Overlap("rules:1", 13, 13 + len(QUESTION) - 1),)


def test_case_punctuation_and_breaks_do_not_hide_an_item(benchmarks: Benchmarks) -> None:
    text = QUESTION.upper().replace(" ", " -\n")
    assert found(benchmarks, text) == [("rules:1", text.rstrip("?"))]


@pytest.mark.parametrize(("words", "hits"), [(11, 0), (12, 1), (14, 1)])
def test_twelve_words_make_an_overlap_and_eleven_do_not(benchmarks: Benchmarks, words: int, hits: int) -> None:
    part = " ".join(QUESTION.split()[2 : 2 + words])
    assert found(benchmarks, f"Something else: {part} was asked.") == [("rules:1", part)] * hits


def test_a_changed_word_parts_an_overlap_in_two(benchmarks: Benchmarks) -> None:
    long = " ".join(f"word{number}" for number in range(40))
    text = long.replace("word20", "changed")
    names = found(build([("long:1", long)]), text)
    assert names == [
        ("long:1", " ".join(f"word{number}" for number in range(20))),
        ("long:1", " ".join(f"word{number}" for number in range(21, 40))),
    ]


def test_items_next_to_each_other_are_told_apart(benchmarks: Benchmarks) -> None:
    assert [item for item, _ in found(benchmarks, f"{OTHER} {QUESTION}")] == ["rules:2", "rules:1"]


def test_an_item_of_six_to_eleven_words_is_found_whole_and_a_shorter_one_is_only_counted() -> None:
    benchmarks = build([("a:1", "What does a green light on starboard mean"), ("a:2", "Yes or no?")])
    assert benchmarks.too_short == 1
    assert found(benchmarks, "So: what does a green light on starboard mean?") == [
        ("a:1", "what does a green light on starboard mean")
    ]
    assert found(benchmarks, "what does a green light on port mean, yes or no") == []


def test_files_are_read_as_lines_of_json_or_as_paragraphs(tmp_path: Path) -> None:
    lines = tmp_path / "quiz.jsonl"
    lines.write_text(json.dumps({"question": QUESTION, "choices": ["red", "green"], "answer": 1}) + "\n\n")
    plain = tmp_path / "quiz.txt"
    plain.write_text(f"Short one.\n\n{OTHER}\n")
    benchmarks = read(tmp_path, ["quiz.jsonl", "*.txt"])
    assert benchmarks.items == ("quiz.jsonl:1", "quiz.txt:2")
    assert [item for item, _ in found(benchmarks, OTHER)] == ["quiz.txt:2"]


def test_a_broken_file_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "quiz.jsonl"
    with pytest.raises(NotFound, match=r"quiz\.jsonl: there is no such benchmark file"):
        read(tmp_path, ["quiz.jsonl"])
    path.write_text('{"question": "x"}\nnot json\n')
    with pytest.raises(UnreadableInput, match=r"quiz\.jsonl, line 2: expected a JSON value"):
        read(tmp_path, ["quiz.jsonl"])


def test_a_text_without_words_overlaps_nothing(benchmarks: Benchmarks) -> None:
    assert benchmarks.overlaps(TextView("")) == ()
    assert build([]).overlaps(TextView(QUESTION)) == ()
