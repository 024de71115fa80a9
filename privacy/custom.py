"""Patterns and word lists of a user's own: identifiers of a domain, and names that must never pass."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import regex

from catalog.errors import UsageError

_KIND = regex.compile(r"[A-Z][A-Z0-9_]{1,40}")


@dataclass(frozen=True, slots=True)
class Custom:
    """A kind, and what it looks like: a pattern of the `regex` module, or words whose case does not count."""

    kind: str
    pattern: str = ""
    words: tuple[str, ...] = field(default=(), repr=False)
    context: tuple[str, ...] = ()  # words that raise the score where they stand before a match
    score: float = 0.85

    def __post_init__(self) -> None:
        if not _KIND.fullmatch(self.kind):
            raise UsageError(f"expected a kind in capitals such as CASE_NUMBER, found {self.kind!r}")
        if not 0 < self.score <= 1:
            raise UsageError(f"{self.kind}: expected a score above 0 and up to 1, found {self.score:g}")
        if not self.pattern and not any(words.split() for words in self.words):
            raise UsageError(f"{self.kind}: expected a pattern or words, found neither")
        try:
            matched = regex.compile(self.pattern).fullmatch("") if self.pattern else None
        except regex.error as error:
            raise UsageError(f"{self.kind}: the pattern is no regular expression: {error}") from error
        if matched:
            raise UsageError(f"{self.kind}: the pattern matches where nothing is", cure="Ask for at least one sign.")


def recognizers(custom: Sequence[Custom], language: str) -> list[Any]:
    """The same as Presidio recognisers, which run behind the gate, timed, with their context."""
    from presidio_analyzer import Pattern, PatternRecognizer

    return [
        PatternRecognizer(
            supported_entity=one.kind,
            name=f"recipe {one.kind}",
            supported_language=language,
            patterns=[
                Pattern(one.kind, pattern, one.score)
                for pattern in (one.pattern, _as_written(one.words) if one.words else "")
                if pattern
            ],
            context=list(one.context) or None,
        )
        for one in custom
    ]


def _as_written(words: Sequence[str]) -> str:
    """A pattern for words however they are set: broken over lines, composed or not, with either apostrophe."""
    # The longest first: of words that begin alike, the first that fits is taken.
    listed = sorted({tuple(one.split()) for one in words} - {()}, key=lambda one: (-len(" ".join(one)), one))
    spelt = "|".join(r"\s+".join(map(_spellings, one)) for one in listed)
    return rf"(?<!\w)(?:{spelt})(?!\w)"


def _spellings(word: str) -> str:
    forms = dict.fromkeys(unicodedata.normalize(form, word) for form in ("NFC", "NFD"))
    escaped = ["".join("['’]" if sign in "'’" else regex.escape(sign) for sign in form) for form in forms]
    return escaped[0] if len(escaped) == 1 else f"(?:{'|'.join(escaped)})"


def fingerprint(custom: Sequence[Custom]) -> str:
    """Names what these find, for stage keys."""
    told = [(one.kind, one.pattern, one.words, one.context, one.score) for one in custom]
    return hashlib.sha256(repr(told).encode()).hexdigest()
