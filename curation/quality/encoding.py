"""Damage from a wrong decoding: the marks that UTF-8 read as something else leaves behind."""

from __future__ import annotations

import re

from catalog.checks import Example
from curation.text import TextView

VERSION = 1
REPORTS = {
    "encoding_mojibake": "Sequences that UTF-8 leaves when read as Latin-1 or Windows-1252, per 1,000 characters.",
    "encoding_replacements": "Replacement characters (U+FFFD) per 1,000 characters.",
    "encoding_controls": "Control characters that are not white space, per 1,000 characters.",
    "encoding_entities": "HTML entities left in the text, per 1,000 characters.",
}
EXAMPLES = (
    Example("It\u00e2\u20ac\u2122s a caf\u00c3\u00a9.", ("encoding_mojibake=133.3333", "encoding_entities=0")),
    Example("bad \ufffd byte\x07", ("encoding_replacements=90.9091", "encoding_controls=90.9091")),
    Example("this &amp; that&nbsp;too", ("encoding_entities=83.3333",)),
    Example("Âge, façade, São Paulo; AT&T; â la carte", ()),
)

# A two- or three-byte sequence of UTF-8, each byte shown as its character in Windows-1252.
_MOJIBAKE = re.compile(
    "[\u00c2\u00c3][\u0080-\u00bf\u20ac\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u017d"
    "\u2018-\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u017e\u0178]|\u00e2(?:\u20ac|\u0080).|\u00ef\u00bb\u00bf"
)
_ENTITY = re.compile(r"&(?:amp|lt|gt|quot|apos|nbsp|#\d{2,5}|#x[0-9a-fA-F]{2,5});")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f]")


def signals(view: TextView) -> dict[str, float | None]:
    if not view.text:
        return dict.fromkeys(REPORTS)
    text, scale = view.text, 1000 / len(view.text)
    plain = text.isascii()
    return {
        "encoding_mojibake": 0 if plain else scale * _occurrences(_MOJIBAKE, text),
        "encoding_replacements": scale * text.count("\ufffd"),
        "encoding_controls": scale * _occurrences(_CONTROL, text),
        "encoding_entities": scale * _occurrences(_ENTITY, text) if "&" in text else 0,
    }


def _occurrences(pattern: re.Pattern[str], text: str) -> int:
    return sum(1 for _ in pattern.finditer(text))
