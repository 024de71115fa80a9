"""A pattern as the `regex` module runs it, tried only where it may begin: RE2 finds those places, whatever the text.

A text is never skipped in silence: what takes too long raises `TimeoutError`.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import cached_property
from typing import Any

import regex

from privacy.gate import widen

# A pattern that takes longer than this on one text is not trusted with it: the text is held.
SECONDS = 10
# RE2 is asked for a place in the time in which the pattern alone looks through so many signs: where it is wrong about
# more places than one in so many, and in a shorter text, the pattern looks by itself.
PAYS = 400
# What RE2 lacks, or reads otherwise: look-around, back-references, counts without a beginning, fuzzy, possessive and
# atomic parts, set operations.
_BEYOND_RE2 = regex.compile(r"\{[^\d]|\\z|\(\?(?:<?[=!]|>|P=)|\\[1-9]|[+*?}]\+|\[\[|--|&&|\|\||~~")
# Blanks to the `regex` module and to nobody else.
_ODD_BLANKS = regex.compile(r"[\x0b\x1c-\x1f]")


class Exact:
    """The matches are those of the pattern's own `finditer`."""

    def __init__(self, source: str, flags: int = 0) -> None:
        self.compiled = regex.compile(source, flags)
        self._source = source
        self._flags = flags

    @cached_property
    def _begins(self) -> Any:
        # Lazy ("U"): where a match begins is asked, and not how far the widened pattern would reach.
        return _re2(f"(?Uism:{widen(self._source)})")

    @cached_property
    def _linear(self) -> Any:
        return _linear(self._source, self._flags)

    def finditer(self, text: str, folded: bytes) -> Iterator[Any]:
        """Matches in order. `folded` is the text as gates read it."""
        at, wrong, left = 0, 0, float(SECONDS)
        while wrong < len(text) // PAYS and at <= len(text) and self._begins is not None:
            place = self._begins.search(folded, at)
            if place is None:
                return
            start, before = place.start(), time.monotonic()
            found = self.compiled.match(text, start, timeout=left)
            left = max(left - (time.monotonic() - before), 0.001)
            at = start + 1
            if found:
                yield found
                at = max(at, found.end())
            else:
                wrong += 1
        if at <= len(text):
            yield from self._rest(text, at)

    def _rest(self, text: str, at: int) -> Iterator[Any]:
        """By RE2 where that gives the same, which takes no longer for any text.

        The same means: no look-around or back-reference, and a text of plain ASCII, whose blanks and
        word signs both know.
        """
        if self._linear is not None and text.isascii() and not _ODD_BLANKS.search(text):
            return iter(self._linear.finditer(text, at))
        return iter(self.compiled.finditer(text, at, timeout=SECONDS))


def _linear(source: str, flags: int) -> Any:
    if _BEYOND_RE2.search(source):
        return None
    named = ((regex.IGNORECASE, "i"), (regex.MULTILINE, "m"), (regex.DOTALL, "s"))
    letters = "".join(letter for flag, letter in named if flags & flag)
    return _re2(f"(?{letters}:{source})" if letters else source)


def _re2(source: str) -> Any:
    import re2

    options = re2.Options()
    options.max_mem = 64 << 20
    options.log_errors = False
    try:
        return re2.compile(source, options)
    except re2.error:
        return None
