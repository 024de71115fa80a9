"""What a text says in another writing: percent escapes, entities, \\u escapes, base64, invisible signs between others.

Personal data hides from every pattern in these. A reading is a line with them decoded, and
knows which place of the text each of its signs came from.
"""

from __future__ import annotations

import base64
import binascii
import html
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import regex

from catalog.values import Span

SHORTEST = 12  # signs of base64 or hexadecimal: words as long that decode to words are rare
HARMLESS = frozenset("&<>\"'\u00a0")  # a line is not read again for these
DEPTH = 2  # an address may hold base64 whose padding is percent-escaped

_PERCENT = regex.compile(r"(?:%[0-9A-Fa-f]{2})+")
_PRINTABLE = regex.compile(r"=40|(?:=[0-9A-F]{2}){2,}")  # alone it is a value: "page=20"
_ENTITY = regex.compile(r"&(?:#\d{2,7}|#[xX][0-9A-Fa-f]{2,6}|[A-Za-z]{2,24}\d?);")
_UNICODE = regex.compile(r"\\u[0-9A-Fa-f]{4}|\\x[0-9A-Fa-f]{2}")
# At the edge of a word it hides nothing: a mark at the beginning of a file, a direction.
_INVISIBLE = regex.compile(r"(?<=[\w@.+-])\p{Cf}+(?=[\w@.+-])")
_PACKED = regex.compile(rf"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{{{SHORTEST},}}={{0,2}}")
# What every text is searched for first, by the quickest means; most hold none of it.
_ESCAPED = r"%[0-9A-Fa-f]{2}|=40|(?:=[0-9A-F]{2}){2}|&#?[0-9A-Za-z]{2,24};|\\[ux][0-9A-Fa-f]{2}|\p{Cf}"
_LONG = re.compile(rf"[A-Za-z0-9+/_-]{{{SHORTEST},}}")
_ANY = regex.compile(
    rf"%[0-9A-Fa-f]{{2}}|=40|(?:=[0-9A-F]{{2}}){{2}}|&#?\w{{2,24}};|\\u[0-9A-Fa-f]{{4}}|\\x[0-9A-Fa-f]{{2}}|\p{{Cf}}|[A-Za-z0-9+/_-]{{{SHORTEST},}}"
)


@dataclass(frozen=True, slots=True)
class _Piece:
    """A stretch of a reading, from `at` on, and the place in the text it was read from."""

    at: int
    start: int
    end: int
    decoded: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """A line of a text with what it holds in another writing decoded."""

    text: str = field(repr=False)
    pieces: tuple[_Piece, ...] = field(repr=False)

    def placed(self, spans: Iterable[Span]) -> Iterator[Span]:
        """Spans of the reading where they stand in the text; those that touch nothing decoded are left out."""
        starts = [piece.at for piece in self.pieces]
        for span in spans:
            first = bisect_right(starts, span.start) - 1
            last = max(first, bisect_right(starts, span.end - 1) - 1)
            if any(piece.decoded for piece in self.pieces[first : last + 1]):
                yield replace(span, start=self._place(first, span.start, 0), end=self._place(last, span.end, 1))

    def _place(self, number: int, at: int, side: int) -> int:
        piece = self.pieces[number]
        if piece.decoded:
            return (piece.start, piece.end)[side]
        return min(piece.start + at - piece.at, piece.end)


def readings(text: str) -> Iterator[Reading]:
    """The lines of a text that hold something in another writing, decoded."""
    if not _escape_signs().search(text.encode("utf-8", "surrogatepass")) and not any(
        _said_in(run) for run in _LONG.findall(text)
    ):
        return
    start = 0
    for line in text.split("\n"):
        if _ANY.search(line):
            # Apart, since "n=40" may be a number or quoted-printable.
            for writings, depth in ((_WRITINGS, DEPTH), (_MAIL, 1)):
                found = _read(line, start, depth, writings)
                if found is not None:
                    yield found
        start += len(line) + 1


@cache
def _escape_signs() -> Any:
    import re2

    return re2.compile(_ESCAPED)


def _read(line: str, start: int, depth: int, writings: Sequence[Writing]) -> Reading | None:
    parts: list[str] = []
    pieces: list[_Piece] = []
    last = length = 0
    decoded = _decoded(line, writings)
    harmless = all(said in HARMLESS for _, _, said in decoded)
    if harmless and (depth == 1 or not decoded):
        return None
    for first, end, said in decoded:
        for piece, begin, stop, other in ((line[last:first], last, first, False), (said, first, end, True)):
            # A piece that says nothing is one all the same: what it stood between was not written together.
            if piece or other:
                pieces.append(_Piece(length, start + begin, start + stop, other))
                parts.append(piece)
                length += len(piece)
        last = end
    pieces.append(_Piece(length, start + last, start + len(line), decoded=False))
    found = Reading("".join([*parts, line[last:]]), tuple(pieces))
    # What is decoded may hold another writing in its turn.
    inner = _read(found.text, 0, depth - 1, _WRITINGS) if depth > 1 and "\n" not in found.text else None
    if inner is not None:
        return _through(found, inner)
    return None if harmless else found


def _through(found: Reading, inner: Reading) -> Reading:
    """A reading of a reading, placed in the text."""
    starts = [piece.at for piece in found.pieces]
    pieces = []
    for piece in inner.pieces:
        # A piece that crosses several of the outer ones is cut at each.
        first = bisect_right(starts, piece.start) - 1
        last = max(first, bisect_right(starts, piece.end - 1) - 1)
        if piece.decoded:
            place = found._place(first, piece.start, 0), found._place(last, piece.end, 1)
            pieces.append(_Piece(piece.at, *place, decoded=True))
            continue
        for number in range(first, last + 1):
            outer = found.pieces[number]
            begin = max(piece.start, outer.at)
            stop = min(piece.end, starts[number + 1] if number + 1 < len(starts) else piece.end)
            place = found._place(number, begin, 0), found._place(number, stop, 1)
            pieces.append(_Piece(piece.at + begin - piece.start, *place, outer.decoded))
    return Reading(inner.text, tuple(pieces))


def _decoded(line: str, writings: Sequence[Writing]) -> list[tuple[int, int, str]]:
    """Places and what they say; where several writings fit, the first of these."""
    found: list[tuple[int, int, str]] = []
    taken = bytearray(len(line))
    for one, decode in writings:
        for match in one.finditer(line):
            first = match.start()
            if 1 in taken[first : match.end()]:
                continue
            for start, end, said in decode(match[0]):
                found.append((first + start, first + end, said))
                taken[first + start : first + end] = b"\1" * (end - start)
    return sorted(found)


Said = Iterator[tuple[int, int, str]]
Writing = tuple[regex.Pattern[str], Callable[[str], Said]]


def _shown(signs: str) -> str:
    """Signs as they are read: what is invisible says nothing, a control sign parts words."""
    return "".join(sign if sign.isprintable() else "" if unicodedata.category(sign) == "Cf" else " " for sign in signs)


def _invisible(written: str) -> Said:
    yield 0, len(written), ""


def _escaped(written: str) -> Said:
    """Each sign of a run of escaped bytes, which are UTF-8 or, failing that, Latin 1."""
    data = bytes(int(written[at + 1 : at + 3], 16) for at in range(0, len(written), 3))
    try:
        signs, width = data.decode(), None
    except UnicodeDecodeError:
        signs, width = data.decode("latin-1"), 1
    at = 0
    for sign in signs:
        end = at + 3 * (width or len(sign.encode()))
        yield at, end, _shown(sign)
        at = end


def _entity(written: str) -> Said:
    said = html.unescape(written)
    if said != written:
        yield 0, len(written), _shown(said)


def _unicode(written: str) -> Said:
    yield 0, len(written), _shown(chr(int(written[2:], 16)))


def _packed(written: str) -> Said:
    """A run of base64 or hexadecimal that is a text; of an address's path, the parts that are."""
    if said := _unpacked(written):
        yield 0, len(written), said
        return
    at = 0
    for part in written.split("/"):
        if len(part) < len(written) and len(part) >= SHORTEST and (said := _unpacked(part)):
            yield at, at + len(part), said
        at += len(part) + 1


def _said_in(run: str) -> bool:
    return next(_packed(run), None) is not None


def _unpacked(written: str) -> str:
    bare = written.rstrip("=")
    for decode in (bytes.fromhex, _base64):
        try:
            said = decode(bare).decode()
        except (ValueError, binascii.Error):
            continue
        if all(sign.isprintable() or sign in "\t\r\n" for sign in said):
            return " ".join(said.splitlines())
    return ""


def _base64(written: str) -> bytes:
    plain = written.replace("-", "+").replace("_", "/")
    return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)


_WRITINGS: tuple[Writing, ...] = (
    (_PERCENT, _escaped),
    (_ENTITY, _entity),
    (_UNICODE, _unicode),
    (_PACKED, _packed),
    (_INVISIBLE, _invisible),
)
_MAIL: tuple[Writing, ...] = ((_PRINTABLE, _escaped),)
