"""A gate in front of many patterns: one RE2 pass says which of them can match at all.

RE2 knows no look-around, no back-reference and only ASCII classes. So each pattern is widened
(it may let more through, never less) and the text is folded to ASCII of the same length.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import regex

from privacy.signs import Table, codes

_WORD = regex.compile(r"\w")
_DECIMAL = regex.compile(r"\d")
# Letters outside ASCII that match an ASCII letter when case is ignored.
_CASE_PARTNERS = {"ſ": "s", "K": "k", "ı": "i", "İ": "i"}
# What a pattern is made of, as far as RE2 reads it otherwise than `regex` does: escapes, classes, look-around, counts.
_TOKEN = re.compile(
    r"\\[pP]\{[^}]*\}|\\[pP]\w|\\x[0-9A-Fa-f]{2}|\\0[0-7]{0,2}|\\[0-7]{3}|\\[1-9]\d?|\\."
    r"|\[\^?\]?(?:\[:\^?\w+:\]|\\.|[^\]\\])*\]"
    r"|\(\?<?[=!]|\(\?[|>]|[*+?]\+|\{\d*,?\d*\}\+?|\{[^{}\d,][^{}]*\}|.",
    re.DOTALL,
)
_ESCAPED = re.compile(r"\\.", re.DOTALL)
# A class that may match a sign whose folded form is not in it: one that excludes, names signs by number or by what
# they are, or spans signs outside ASCII.
_WIDE_CLASS = re.compile(r"\[\^|\\[SpPxuUN0-7]|\[:|[^\x00-\x7f]-|-[^\x00-\x7f]")
_COUNT = re.compile(r"\{(\d*)(,?)(\d*)\}")
_POSSESSIVE = ("*+", "++", "?+")
_GROUPS = ("(?|", "(?>")
_ANY = "."
# RE2 has no such thing, and says so: the pattern is tried on every text.
_REFUSED = "(?!)"
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
    return fold("".join(map(_widened, _without_look_around(_TOKEN.findall(pattern)))))


def _widened(token: str) -> str:
    if token.startswith("\\"):
        return _escape(token)
    if token.startswith("[") and len(token) > 1:
        return _ANY if _WIDE_CLASS.search(token) else _ESCAPED.sub(_blanks_too, token)
    if token.startswith("{") and len(token) > 1:
        return _count(token.removesuffix("+"))
    # RE2 knows no possessive counts, atomic groups or branches that share their numbers: without these more matches.
    return token[0] if token in _POSSESSIVE else "(?:" if token in _GROUPS else token


def _escape(token: str) -> str:
    kind = token[1]
    if kind in "SpP" or kind == "0" or (kind == "x" and len(token) == 4 and int(token[2:], 16) >= 0x80):
        return _ANY
    if kind in "123456789":
        return _ANY if len(token) == 4 else ".*"
    if kind == "s":
        return r"[\s\x0b]"
    # The end of a text to RE2, a letter to older versions of `regex`.
    return ".?" if kind == "z" else token


def _blanks_too(escaped: re.Match[str]) -> str:
    """RE2's blanks are those of Perl, which lack the vertical tabulator."""
    return r"\s\x0b" if escaped.group() == r"\s" else escaped.group()


def _count(token: str) -> str:
    """A long count without its end: RE2 keeps a state for each step of it, and takes ten times as long."""
    found = _COUNT.fullmatch(token)
    if found is None:  # how many signs may be wrong, to `regex`
        return _REFUSED
    low, comma, high = found.groups()
    if not comma or (low and (not high or int(high) <= LONGEST_COUNT)):
        return token
    return {"": "*", "0": "*", "1": "+"}.get(low, f"{{{low},}}")


def _without_look_around(tokens: Sequence[str]) -> Iterator[str]:
    # An assertion takes no room and can only refuse: without it the pattern matches at least as much.
    depth = 0
    for token in tokens:
        if depth:
            depth += token.startswith("(") - token.startswith(")")
        elif token.startswith("(?") and len(token) > 2 and token not in _GROUPS:
            depth = 1
        else:
            yield token


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
