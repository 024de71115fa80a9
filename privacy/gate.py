"""A gate in front of many patterns: one RE2 pass says which of them can match at all.

RE2 knows no look-around, no back-reference and only ASCII classes. So each pattern is widened
(it may let more through, never less) and the text is folded to ASCII of the same length.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import regex

from privacy.signs import Table, codes

_WORD = regex.compile(r"\w")
_DECIMAL = regex.compile(r"\d")
# Letters outside ASCII that match an ASCII letter when case is ignored.
_CASE_PARTNERS = {"ſ": "s", "K": "k", "ı": "i", "İ": "i"}
_LOOK_AROUND = re.compile(r"\(\?(?:<?[=!])")
_BACK_REFERENCE = re.compile(r"\\[1-9]")
# A class that names what it excludes may match a sign whose folded form it excludes: widened to any sign.
_NEGATED = re.compile(r"\[\^\]?(?:\\.|[^\]\\])*\]|\\S|\\[pP]\{\w+\}")


# A count outside of a class and not of an escaped brace; what else is matched stays as it is.
_COUNTED = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\{(\d+),(\d+)\}", re.DOTALL)
LONGEST_COUNT = 6


def fold(text: str) -> str:
    """The text with other letters as "a", other digits as "0", other signs as blanks; same length."""
    if text.isascii():
        return text
    return _FOLDED.look_up(codes(text)).tobytes().decode("ascii")


def _folded(sign: str) -> str:
    if sign in _CASE_PARTNERS:
        return _CASE_PARTNERS[sign]
    if _DECIMAL.match(sign):
        return "0"
    return "a" if _WORD.match(sign) else " "


_FOLDED = Table(lambda sign: ord(sign if sign.isascii() else _folded(sign)))


def widen(pattern: str) -> str:
    """A pattern for RE2 that matches a folded text wherever the given one matches the text."""
    widened = _NEGATED.sub(".", _without_look_around(pattern))
    return fold(_BACK_REFERENCE.sub(".*", _COUNTED.sub(_uncounted, widened)))


def _uncounted(found: re.Match[str]) -> str:
    """A long count without its end: RE2 keeps a state for each step of it, and takes ten times as long."""
    low, high = found.groups()
    if high is None or int(high) <= LONGEST_COUNT:
        return found.group()
    return {"0": "*", "1": "+"}.get(low, f"{{{low},}}")


def _without_look_around(pattern: str) -> str:
    # An assertion takes no room and can only refuse: without it the pattern matches at least as much.
    while found := _LOOK_AROUND.search(pattern):
        pattern = pattern[: found.start()] + pattern[_closing(pattern, found.start()) :]
    return pattern


def _closing(pattern: str, opening: int) -> int:
    depth, in_class, place = 0, False, opening
    while place < len(pattern):
        sign = pattern[place]
        if sign == "\\":
            place += 1
        elif in_class:
            in_class = sign != "]"
        elif sign == "[":
            in_class = True
        elif sign in "()":
            depth += 1 if sign == "(" else -1
            if depth == 0:
                return place + 1
        place += 1
    return len(pattern)


class Gate:
    """Which of these patterns can match a text? Answers with their positions in the given order."""

    def __init__(self, patterns: Sequence[str]) -> None:
        import re2

        options = re2.Options()
        options.max_mem = 256 << 20
        options.log_errors = False
        self._set = re2.Set.SearchSet(options)
        self._gated: list[int] = []
        self._always: list[int] = []
        for position, pattern in enumerate(patterns):
            try:
                self._set.Add(f"(?ism:{widen(pattern)})")
                self._gated.append(position)
            except re2.error:  # what RE2 does not know is tried on every text
                self._always.append(position)
        if self._gated:
            self._set.Compile()

    @property
    def ungated(self) -> tuple[int, ...]:
        """Patterns that are tried on every text."""
        return tuple(self._always)

    def open_for(self, text: str) -> list[int]:
        """Positions of the patterns worth trying on this text."""
        return self.open_for_folded(fold(text))

    def open_for_folded(self, folded: str) -> list[int]:
        """The same for a text that is folded already."""
        fired = self._set.Match(folded) if self._gated else None
        return sorted([*self._always, *(self._gated[index] for index in fired or ())])
