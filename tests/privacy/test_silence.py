"""No personal value leaves a scan but in the text itself: not in a repr, a log, an error or a traceback."""

from __future__ import annotations

import logging
import traceback
from pathlib import Path

import pytest

from catalog.errors import Unavailable
from privacy import detect, redact
from privacy.engine import FAILED, Engine
from privacy.leaks import canaries, plant

PLANTED = canaries(500, b"silence")
TEXTS = [plant("A first line.\nAnd a second.", canary, bytes([n % 256])) for n, canary in enumerate(PLANTED)]


def leaked(told: str) -> list[str]:
    """Kinds of the planted values that stand in what was told."""
    return sorted({canary.kind for canary in PLANTED if canary.value in told})


def test_nothing_of_what_is_scanned_is_told(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    with caplog.at_level(logging.DEBUG):
        engine = Engine("fast")
        scans = engine.scan(TEXTS, ["en"] * len(TEXTS))
        redactions = [redact(text, scan.spans, key=b"k" * 32) for text, scan in zip(TEXTS, scans, strict=True)]
    assert {scan.status for scan in scans} == {"ok"}
    printed = capfd.readouterr()
    assert leaked(repr(scans)) == []
    assert leaked(repr(redactions)) == []
    assert leaked(repr([one.redactions for one in redactions])) == []
    assert leaked(repr(vars(engine))) == []
    assert leaked(caplog.text + printed.out + printed.err) == []


def test_a_recogniser_that_quotes_the_text_in_its_error_is_not_heard(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "loud.py").write_text(
        "VERSION = 1\nREPORTS = {'X': 'x'}\nEXAMPLES = ()\ndef spans(view):\n    raise ValueError(view.text)\n"
    )
    with caplog.at_level(logging.DEBUG):
        scans = Engine("patterns", tmp_path).scan(TEXTS[:20], ["en"] * 20)
    assert {scan.status for scan in scans} == {FAILED}
    assert leaked(repr(scans) + caplog.text) == []


def test_an_error_about_a_text_does_not_quote_it() -> None:
    with pytest.raises(Unavailable) as told:
        detect(TEXTS[0], "zz", "patterns")
    assert leaked("".join(traceback.format_exception(told.value))) == []


def test_no_memory_of_the_engine_holds_a_text() -> None:
    engine = Engine("fast")
    engine.scan(TEXTS[:50], ["en"] * 50)
    memories = [one for language in engine._languages.values() for one in (language._pipeline, language._tagger) if one]
    assert memories
    assert [leaked(repr(memory._found)) for memory in memories] == [[]]
