"""One reading of a text that every quality signal shares: words, lines, paragraphs, n-grams.

Everything is computed at first use and kept, so a check that asks for words costs nothing
if another has asked before. Per-character facts come from one table of character classes.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property

import numpy as np
import numpy.typing as npt

from curation import ngrams
from curation.ngrams import STEP, Hashes, Places

Codes = npt.NDArray[np.uint8] | npt.NDArray[np.uint32]
Flags = npt.NDArray[np.uint16]

# Bits of a character's class.
SPACE = 1  # what str.split() splits at
MARK = 2  # punctuation, ASCII symbols and control characters: a word of these alone is a symbol
ALPHA = 4
DIGIT = 8
UPPER = 16
TOKEN = 32  # letters, digits, combining marks: what shingles are made of
SINGLE = 64  # a token by itself: scripts written without spaces
INVISIBLE = 128  # zero-width, bidirectional control, tag characters
ENDING = 256  # ends a sentence in some script
BREAK = 1024  # what str.splitlines() parts lines at
SOLID = 512  # neither a mark nor a space: what makes a word more than a symbol

_AROUND = "".join(map(chr, range(33, 48))) + ":;<=>?@[\\]^_`{|}~«»‹›“”„‘’‚…–—¿¡。、，！？（）「」"
_NEWLINE, _RETURN = 10, 13
_OTHER_BREAKS = "\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"  # what str.splitlines() parts at besides newlines
_USUAL_SIZE = 1 << 18  # characters; a longer text makes its own tables, and drops them
_TOGETHER = 1 << 15  # words of several texts whose runs are counted at once
_FIRST = np.zeros(1, dtype=np.intp)

# Unicode property Sentence_Terminal, as inclusive ranges of code points.
_ENDINGS = (
    "21 2E 3F 589 61D-61F 6D4 700-702 7F9 837 839 83D-83E 964-965 104A-104B 1362 1367-1368 166E 1735-1736 17D4-17D5 "
    "1803 1809 1944-1945 1AA8-1AAB 1B4E-1B4F 1B5A-1B5B 1B5E-1B5F 1B7D-1B7F 1C3B-1C3C 1C7E-1C7F 203C-203D 2047-2049 "
    "2CF9-2CFB 2E2E 2E3C 2E53-2E54 2E60-2E61 3002 A4FF A60E-A60F A6F3 A6F7 A876-A877 A8CE-A8CF A92F A9C8-A9C9 "
    "AA5D-AA5F AAF0-AAF1 ABEB FE12 FE15-FE16 FE52 FE56-FE57 FF01 FF0E FF1F FF61 10A56-10A57 10F55-10F59 10F86-10F89 "
    "11047-11048 110BE-110C1 11141-11143 111C5-111C6 111CD 111DE-111DF 11238-11239 1123B-1123C 112A9 113D4-113D5 "
    "1144B-1144C 115C2-115C3 115C9-115D7 11641-11642 1173C-1173E 11944 11946 11A42-11A43 11A9B-11A9C 11C41-11C42 "
    "11EF7-11EF8 11F43-11F44 16A6E-16A6F 16AF5 16B37-16B38 16B44 16D6E-16D6F 16E98 1BC9F 1DA88"
)
# Kana, Han, Yi, and the scripts of South East Asia: no spaces between words.
_SINGLES = "E00-EFF 1000-109F 1780-17FF 3040-30FF 3400-4DBF 4E00-9FFF A000-A48F F900-FAFF 20000-323AF"
_INVISIBLES = "AD 34F 61C 115F-1160 17B4-17B5 180B-180F 200B-200F 202A-202E 2060-206F 3164 FEFF FFA0 E0000-E0FFF"
_BREAKS = "A-D 1C-1E 85 2028-2029"
_SCANNED = 0x32400  # no assigned letters above; what is up there is in the ranges


@dataclass(frozen=True)
class TextView:
    """A text and what is known of its form. Words are what white space parts."""

    text: str = field(repr=False)

    @cached_property
    def words(self) -> list[str]:
        return self.text.split()

    @cached_property
    def distinct_words(self) -> frozenset[str]:
        return frozenset(self.words)

    @cached_property
    def lines(self) -> list[str]:
        """Split at newlines alone, blank lines and all."""
        return self.text.split("\n")

    @cached_property
    def written_lines(self) -> list[str]:
        """Lines that hold more than white space."""
        lines = self.filled_lines
        if len(lines) == len(self.written_bounds[0]):
            return lines
        return [line for line in lines if not line.isspace()]

    @cached_property
    def filled_lines(self) -> list[str]:
        """Lines that hold something, if only white space."""
        return list(filter(None, self.lines))

    @cached_property
    def repeated_lines(self) -> tuple[int, int]:
        """How many of the filled lines repeat an earlier one, and their characters."""
        return repeats(self.filled_lines)

    @cached_property
    def _newlines(self) -> tuple[Places, Places]:
        """Every newline, and the first word of every line (with the number of words at the end)."""
        newlines = np.flatnonzero(self.codes == _NEWLINE)
        return newlines, self._first_words(newlines)

    @cached_property
    def written_bounds(self) -> tuple[Places, Places]:
        """First character of every written line, and one past its last."""
        newlines, firsts = self._newlines
        written = firsts[1:] > firsts[:-1]
        return np.append(_FIRST, newlines + 1)[written], np.append(newlines, len(self.codes))[written]

    @cached_property
    def line_edges(self) -> tuple[Places, Places, int]:
        """The words that open and that close the lines which hold any, and how many lines there
        are: parted at every kind of line break, as str.splitlines() does."""
        breaks, firsts = self._newlines
        if any(character in self.text for character in _OTHER_BREAKS):
            breaks = np.flatnonzero((self.classes & BREAK) != 0)  # of booleans: three times as fast as of numbers
            codes = np.append(self.codes, 0)
            breaks = breaks[(codes[breaks] != _RETURN) | (codes[breaks + 1] != _NEWLINE)]
            firsts = self._first_words(breaks)
        written = firsts[1:] > firsts[:-1]
        unended = len(self.codes) > 0 and (not len(breaks) or int(breaks[-1]) < len(self.codes) - 1)
        return firsts[:-1][written], firsts[1:][written] - 1, len(breaks) + unended

    def _first_words(self, breaks: Places) -> Places:
        """For every line between breaks the first word from there on, and the number of words at the end."""
        starts, _ = self.word_bounds
        firsts = np.empty(len(breaks) + 2, dtype=np.intp)
        firsts[0], firsts[-1] = 0, len(starts)
        firsts[1:-1] = np.searchsorted(starts, breaks)  # a break is white space: no word starts at it
        return firsts

    @cached_property
    def paragraphs(self) -> list[str]:
        # Parted at two newlines or more; str.split is ten times as fast as re's, and leaves of
        # three newlines one, of four an empty part.
        parts = self.text.strip().split("\n\n")
        if "\n\n\n" in self.text:
            parts = [part.lstrip("\n") for part in parts if part] or [""]
        return parts

    @cached_property
    def lower(self) -> str:
        return self.text.lower()

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """The distinct words in small letters, without the punctuation around them."""
        return frozenset(word.strip(_AROUND) for word in set(self.lower.split()))

    @cached_property
    def codes(self) -> Codes:
        """The code point of every character, in as few bytes as do."""
        if self.text.isascii():
            return np.frombuffer(self.text.encode("ascii"), dtype=np.uint8)
        return np.frombuffer(self.text.encode("utf-32-le", "surrogatepass"), dtype="<u4")

    @cached_property
    def classes(self) -> Flags:
        """The class bits of every character."""
        return character_classes().take(self.codes, mode="clip")  # the quickest mode; none is out of the table

    @cached_property
    def word_bounds(self) -> tuple[Places, Places]:
        """First character of every word, and one past its last."""
        return runs((self.classes & SPACE) == 0)

    @cached_property
    def tokens(self) -> tuple[Places, Places]:
        """First character of every token, and one past its last. A token is a run of letters and
        digits, or one character of a script that is written without spaces."""
        mask = (self.classes & TOKEN) != 0
        starts, ends = runs(mask)
        if self.text.isascii() or not len(single := np.flatnonzero(self.classes & SINGLE)):
            return starts, ends
        mask = np.append(mask, False)
        cuts = np.union1d(single, single + 1)
        return np.union1d(starts, cuts[mask[cuts]]), np.union1d(ends, cuts[mask[cuts - 1]])

    @cached_property
    def word_lengths(self) -> Places:
        starts, ends = self.word_bounds
        return ends - starts

    @cached_property
    def word_classes(self) -> Flags:
        """Every word's class bits: those that any of its characters has (or the spaces after it)."""
        starts, _ = self.word_bounds
        if not len(starts):
            return np.empty(0, dtype=np.uint16)
        return np.bitwise_or.reduceat(self.classes, starts)

    @property
    def symbol_words(self) -> npt.NDArray[np.bool_]:
        """Which words are punctuation and nothing else."""
        return np.asarray((self.word_classes & SOLID) == 0)

    @cached_property
    def word_hashes(self) -> Hashes:
        """One number per word, equal for equal words."""
        starts, ends = self.word_bounds
        up, down = _powers(len(self.codes))
        sums = np.zeros(len(self.codes) + 1, dtype=np.uint64)
        np.cumsum(self.codes * up, out=sums[1:])
        # The same letters further on sum up to more by a power, which is divided out.
        return (sums.take(ends) - sums.take(starts)) * down.take(starts)

    def has_word(self, word: str) -> bool:
        # Between spaces is where a word mostly is, and the cheapest place to look.
        return f" {word} " in self.text or bool((self.word_hashes == word_hash(word)).any())

    @cached_property
    def repeated_runs(self) -> ngrams.Characters:
        """Characters in repeated runs of words, by their number of words."""
        return ngrams.characters([self.word_hashes], [self.word_lengths])[0]

    def phrases(self, phrases: Iterable[str]) -> int:
        """How often these phrases occur, in any case; they are given in small letters."""
        return sum(map(self.lower.count, phrases))

    def count(self, bits: int) -> int:
        """How many characters have one of these class bits."""
        return int(np.count_nonzero((self.classes & bits) != 0))


def views(texts: Iterable[str]) -> Iterator[TextView]:
    """A view of each text. What costs less for several texts is found for a group of them at once."""
    group: list[TextView] = []
    words = 0
    for text in texts:
        group.append(TextView(text))
        words += len(group[-1].word_lengths)
        if words > _TOGETHER:
            yield from _counted(group)
            group, words = [], 0
    if group:
        yield from _counted(group)


def _counted(group: Sequence[TextView]) -> Sequence[TextView]:
    counted = ngrams.characters([one.word_hashes for one in group], [one.word_lengths for one in group])
    for view, runs_of_one in zip(group, counted, strict=True):
        vars(view)["repeated_runs"] = runs_of_one
    return group


def repeats(parts: Sequence[str]) -> tuple[int, int]:
    """How many of the parts repeat an earlier one, and their characters."""
    distinct = set(parts)
    again = len(parts) - len(distinct)
    return again, sum(map(len, parts)) - sum(map(len, distinct)) if again else 0


def runs(mask: npt.NDArray[np.bool_]) -> tuple[Places, Places]:
    """Where the true runs of a mask start, and one past where they end."""
    edges = np.empty(len(mask) + 1, dtype=np.bool_)
    if not len(mask):
        return np.empty(0, dtype=np.intp), np.empty(0, dtype=np.intp)
    edges[0], edges[-1] = mask[0], mask[-1]
    np.not_equal(mask[1:], mask[:-1], out=edges[1:-1])
    places = np.flatnonzero(edges)
    return places[::2].copy(), places[1::2].copy()  # looked up many times: neighbours in memory


@cache
def word_hash(word: str) -> np.uint64:
    """The number that `word_hashes` has for this word."""
    return np.uint64(TextView(word).word_hashes[0])


def _powers(size: int) -> tuple[Hashes, Hashes]:
    """Powers of an odd number and, times another, of its inverse modulo 2 to the 64."""
    if size > _USUAL_SIZE:
        return _power_tables(size)
    up, down = _usual_powers()
    return up[:size], down[:size]


@cache
def _usual_powers() -> tuple[Hashes, Hashes]:
    return _power_tables(_USUAL_SIZE)


def _power_tables(size: int) -> tuple[Hashes, Hashes]:
    base = 0xD1342543DE82EF95
    inverse = pow(base, -1, 1 << 64)
    up, down = (np.full(size, number, dtype=np.uint64) for number in (base, inverse))
    np.multiply.accumulate(up, out=up)
    np.multiply.accumulate(down, out=down)
    return up, down * STEP  # of a word's number the upper bits matter most, and short words have small sums


@cache
def character_classes() -> Flags:
    """The class bits of every code point."""
    table = np.zeros(0x110000, dtype=np.uint16)
    characters = [chr(code) for code in range(_SCANNED)]
    for bit, test in ((SPACE, str.isspace), (ALPHA, str.isalpha), (DIGIT, str.isdecimal), (UPPER, str.isupper)):
        table[:_SCANNED][np.fromiter(map(test, characters), dtype=np.bool_, count=_SCANNED)] |= bit
    table[:_SCANNED][np.fromiter(map(_is_token, characters), dtype=np.bool_, count=_SCANNED)] |= TOKEN
    table[:_SCANNED][np.fromiter(map(_is_mark, characters), dtype=np.bool_, count=_SCANNED)] |= MARK
    for bit, ranges in ((ENDING, _ENDINGS), (SINGLE, _SINGLES), (INVISIBLE, _INVISIBLES), (BREAK, _BREAKS)):
        for first, last in _parse(ranges):
            table[first : last + 1] |= bit
    table[(table & TOKEN) == 0] &= ~np.uint16(SINGLE)
    table[(table & (MARK | SPACE)) == 0] |= SOLID
    table.flags.writeable = False
    return table


def _is_token(character: str) -> bool:
    # Combining marks carry the vowels of Indic scripts: a word must not break at them.
    return character.isalnum() or (character > "\u02ff" and unicodedata.category(character)[0] == "M")


def _is_mark(character: str) -> bool:
    kind = unicodedata.category(character)
    return kind[0] == "P" or kind == "Cc" or (character < "\x80" and kind[0] == "S")


def _parse(ranges: str) -> list[tuple[int, int]]:
    pairs = (part.partition("-") for part in ranges.split())
    return [(int(first, 16), int(last or first, 16)) for first, _, last in pairs]


@cache
def lower_codes() -> npt.NDArray[np.intp]:
    """For every code point that of its small letter, or its own."""
    codes = np.arange(0x110000)
    for code in range(_SCANNED):
        small = chr(code).lower()
        if len(small) == 1:
            codes[code] = ord(small)
    codes.flags.writeable = False
    return codes
