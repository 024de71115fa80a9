"""Personal data in a text or in many: the engine behind one call."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from catalog.errors import Unavailable
from catalog.values import Span
from privacy.engine import OK, Engine, Scan


def detect(text: str, language: str = "en", mode: str = "strict") -> list[Span]:
    """Kinds and places of personal data in one text.

    >>> detect("Write to ada@example.org", mode="patterns")
    [Span(kind='EMAIL_ADDRESS', start=9, end=24, score=1.0, recognizer='EmailRecognizer')]
    """
    return detect_many([text], language, mode)[0]


def detect_many(texts: Sequence[str], language: str = "en", mode: str = "strict") -> list[list[Span]]:
    """The same for many texts of one language, in batches: quicker than one by one."""
    return [list(_examined(scan)) for scan in engine(mode).scan(texts, [language] * len(texts))]


@cache
def engine(mode: str) -> Engine:
    """One engine per mode and process: models are loaded once."""
    return Engine(mode)


def _examined(scan: Scan) -> tuple[Span, ...]:
    if scan.status != OK:
        raise Unavailable(
            f"the text was not examined: {scan.status}",
            cure="A text that was not examined must not be released; for a language that is not supported, "
            "install a spaCy pipeline for it or use the mode `patterns`.",
        )
    return scan.spans
