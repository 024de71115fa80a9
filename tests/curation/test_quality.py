"""What holds for the quality signals together; their examples run in tests/test_checks.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from catalog.errors import CheckError
from curation.signals import checks, signals
from curation.text import TextView


def test_every_signal_is_reported_once_and_prefixed() -> None:
    found = signals("Some words, and then some more of them.")
    assert len(found) == sum(len(check.reports) for check in checks("text"))
    assert all("_" in name and name == name.lower() for name in found)


@pytest.mark.parametrize("text", ["", " ", "\n\n", "x", "\ud800", "\x00", "....", "•", "\u200b", "a" * 20000])
def test_no_text_is_too_odd_to_be_measured(text: str) -> None:
    assert all(value is None or value >= 0 for value in signals(text).values())


@pytest.mark.parametrize("text", ["", "Plain words, and then {more} of them.\n" * 9, "中文字。 Привет p\u0430y \u200b"])
def test_every_signal_is_a_plain_number_or_none(text: str) -> None:
    # Workers hand them to Arrow, which takes neither booleans nor numpy's numbers for a float.
    for check in checks("text"):
        assert {type(value) for value in check.run(TextView(text)).values()} <= {int, float, type(None)}


def test_a_file_dropped_into_a_checks_folder_is_a_signal(tmp_path: Path) -> None:
    (tmp_path / "shouting.py").write_text(
        "VERSION = 1\n"
        'REPORTS = {"shouting_marks": "Exclamation marks."}\n'
        "EXAMPLES = ()\n"
        'def signals(view): return {"shouting_marks": view.text.count("!")}\n'
    )
    assert signals("Now! Here!", tmp_path)["shouting_marks"] == 2


def test_two_checks_may_not_report_one_signal(tmp_path: Path) -> None:
    (tmp_path / "again.py").write_text(
        'VERSION = 1\nREPORTS = {"gopher_words": ""}\nEXAMPLES = ()\ndef signals(view): return {"gopher_words": 1}\n'
    )
    with pytest.raises(CheckError, match=r"'again' and 'gopher_quality' both report 'gopher_words'"):
        signals("text", tmp_path)


def test_a_check_must_report_what_it_announces(tmp_path: Path) -> None:
    (tmp_path / "silent.py").write_text(
        'VERSION = 1\nREPORTS = {"silent_words": ""}\nEXAMPLES = ()\ndef signals(view): return {}\n'
    )
    with pytest.raises(CheckError, match=r"expected the signals \['silent_words'\], found \[\]"):
        signals("text", tmp_path)
