"""What a notice covers: where it stands on the page, and the words around it."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from catalog.values import Scope
from licenses.page import Element, Page, text_of

_REACH = 1500  # characters of markup read on either side of a notice
_WORDS = 260  # characters of text weighed on either side
_PLACES = (  # class and id tokens, nearest ancestor first
    (
        "comment",
        re.compile(
            r"(?:^|[-_])(?:tweet|instagram-media|comments?|commentlist|comment-?body|disqus|respond|reactions|kommentare?)(?:$|[-_])",
            re.I,
        ),
    ),
    (
        "caption",
        re.compile(
            r"caption|(?:photo|image|img|media|picture|bild|foto)[-_]?credits?|bildnachweis|bildunterschrift|legende|"
            r"thumb(?:inner|caption)|gallery-?(?:item|icon)|attribution-?img|photo-?by|copyright-?image",
            re.I,
        ),
    ),
    (
        "article",
        re.compile(
            r"(?:^|[-_])(?:post|entry|article|story|artikel|beitrag)[-_]?(?:footer|meta|content|body|text|info|license|licence|bottom|utility)?(?:$|[-_])|mw-content|hentry|articlebody",
            re.I,
        ),
    ),
    (
        "footer",
        re.compile(
            r"foot(?!ball|age|wear)|colophon|copyright|site-?info|impressum|legal|licen[sc]e|bottom|lizenz|fu(?:ss|ß)(?!ball)",
            re.I,
        ),
    ),
    (
        "aside",
        re.compile(
            r"side-?bar|widget|(?:^|[-_])(?:aside|side|right|left|rail|panel)(?:$|[-_])|secondary|navigation", re.I
        ),
    ),
    ("main", re.compile(r"^(?:content|main|primary|maincontent|main-content)$", re.I)),
)
_TAGS = {
    "footer": "footer",
    "aside": "aside",
    "nav": "aside",
    "figure": "caption",
    "figcaption": "caption",
    "article": "article",
    "main": "main",
    "head": "head",
}
_SENTENCE = re.compile(r"(?<=[^\s.]{3})[.!?](?=\s+[A-ZÄÖÜÉÀ(])|[|•·。]|\s[–—]\s(?=[A-Z])")

_CLAUSE = re.compile(r"[,;]\s")
# A picture that is no licence's button.
_PICTURE = re.compile(
    r"<img\b(?![^>]{0,600}(?:licensebuttons|creativecommons|88x31|80x15|\bcc[-_.]|by[-_](?:sa|nc|nd)))", re.I
)
_NEAR = 400  # characters of markup in which a picture above a notice counts as beside it
_STOP = re.compile(r"[.!?](?=\s|$)|[|•·。]")  # the notice ended its sentence


@dataclass(frozen=True, slots=True)
class Setting:
    """Where a notice stands, and the sentence it stands in."""

    where: str  # head, article, footer, aside, caption, comment, body
    before: str
    words: str  # of the notice itself
    after: str
    alone: bool  # nothing but the notice in its paragraph
    context: str = ""  # what stands before the sentence, in the same paragraph
    pictured: bool = False  # a picture stands right before it, in the same paragraph

    @property
    def sentence(self) -> str:
        """The sentence around the notice."""
        return f"{self.before} {self.words} {self.after}"


@cache
def words(name: str) -> re.Pattern[str]:
    """A word list of `data/scope.toml` as one pattern."""
    table = tomllib.loads((Path(__file__).parent / "data" / "scope.toml").read_text(encoding="utf-8"))
    spaced = rf"(?<!\w)(?:{'|'.join(table[name])})(?!\w)"
    unspaced = "|".join(table.get(f"{name}_unspaced", ()))
    return re.compile(f"{spaced}|{unspaced}" if unspaced else spaced, re.I)


def says(name: str, text: str) -> bool:
    """Does a text hold a word of this list?"""
    return words(name).search(text) is not None


def setting(page: Page, element: Element | None, start: int, end: int) -> Setting:
    """The place and the sentence of what stands between two offsets."""
    where = place(element)
    block = page.block(element) if element is not None else None
    if block is not None and block.close - block.inner < 2 * (end - start) and block.name in ("span", "small"):
        block = next((outer for outer in block.ancestors()), block)
    low = max(block.inner if block else 0, start - _REACH)
    high = min(block.close if block else len(page.markup), end + _REACH)
    before = text_of(_whole_tags(page.markup[low:start]))[-_WORDS:]
    after = text_of(page.markup[end : max(end, high)])[:_WORDS]
    inside = page.text(start, end)[:_WORDS]
    alone = len(before) + len(after) < 4
    sentence = _SENTENCE.split(before)[-1].strip()
    rest = "" if _STOP.match(after) else _SENTENCE.split(after)[0].strip()
    context = before[: -len(sentence) or None][-160:]
    pictured = _PICTURE.search(page.markup, max(low, start - _NEAR), start) is not None
    return Setting(where, sentence, inside, rest, alone, context, pictured)


def _whole_tags(markup: str) -> str:
    """Without the end of a tag that the cut left at the beginning."""
    first, last = markup.find("<"), markup.find(">")
    return markup[last + 1 :] if 0 <= last < first else markup


@cache
def _token_place(token: str) -> str:
    return next((name for name, pattern in _PLACES if pattern.search(token)), "")


def place(element: Element | None) -> str:
    """The part of the page that an element stands in, by its nearest telling ancestor."""
    if element is None:
        return "body"
    outer = "body"
    for around in (element, *element.ancestors()):
        if around.name in ("body", "html"):
            break
        found = _TAGS.get(around.name, "")
        if not found and ("class" in around.written or "id" in around.written):
            found = _named_place(around)
        if not found and around.name == "blockquote":
            found = "caption"  # somebody else's words
        if found == "comment":
            return "comment"
        if found == "main":  # holds sidebars as well as the article: weaker than anything inside it
            outer = "article" if outer == "body" else outer
        elif found == "article" and outer in ("footer", "aside"):
            outer = "article"  # the footer of an entry, a picture floated right in it
        elif found and outer == "body":
            outer = found
    return outer


def _named_place(element: Element) -> str:
    attributes = element.attributes
    tokens = f"{attributes.get('class', '')} {attributes.get('id', '')}".split()
    return next((found for token in tokens[:12] if (found := _token_place(token[:60]))), "")


def judge(found: Setting, stated: bool = False) -> Scope:
    """What a notice covers, by its own words; `none` where it licenses nothing here.

    `stated`: its markup says that it is the licence, so that words need not.
    """
    scope = _judge(found, stated)
    return "text" if scope == "page" and _only_text(found.before) else scope


def _only_text(text: str) -> bool:
    """Does a notice name the texts, and nothing beside them?"""
    rest = words("text_only").sub(" ", text)
    return rest != text and not says("whole", rest) and not says("image", rest)


def _judge(found: Setting, stated: bool) -> Scope:
    if found.where == "comment":
        return "comment"
    sentence = found.sentence
    if says("denial", sentence) or says("terms", sentence):
        return "part"
    granted = says("grant", sentence)
    subject = _subject(found)
    if subject in ("", "image") and found.where == "caption":
        return "object"
    if subject == "image":
        return "object"
    if subject not in ("", "whole"):
        return subject  # type: ignore[return-value]
    if says("beside", found.after[:60]):
        return "object"
    if not granted and not stated and says("explains", found.words):
        return "none"
    if not subject and (not granted or _goes_on(found)) and (other := _spoken_before(found)):
        return other
    if not subject and granted and says("comment", found.before):
        return "comment"
    if found.where in _FRAME:
        return "page" if granted or stated or _announced(found) else "part"
    if granted:
        # An article may report on another work's licence: only "this", "our", "all" speak of its own.
        return "page" if stated or says("itself", sentence) else "part"
    # A lone link in an article, or one behind "Licence:", may be the article's, or the picture's above it.
    if stated:
        # Below a picture, "CC BY by A. Nobody" credits the picture.
        return "part" if found.pictured and words("by").match(found.after) else "page"
    return "part" if found.alone or _labelled(found) else "none"


def _spoken_before(found: Setting) -> Scope | None:
    """Where the notice's own sentence names no subject: what the one before it speaks of."""
    if found.where in _FRAME:  # "Theme by A. Licence: B." may speak of either
        return "part" if says("theme", found.context) else None
    return "object" if says("image", found.context[-80:]) else None  # "Photo: A. B."


def _goes_on(found: Setting) -> bool:
    """Does the sentence begin with its grant, and so speak of what the one before it named? "Licensed under ..."."""
    return words("grant").match(found.sentence.strip()) is not None


def _labelled(found: Setting) -> bool:
    """Does a word like "licence" lead straight to the notice?"""
    before = found.before.rstrip(" :：-–(")
    return bool(before) and _end("label", before[-30:]) == len(before[-30:])


def _announced(found: Setting) -> bool:
    """A button, a notice alone in its place, or one that words like "copyright" lead to."""
    return not found.words or found.alone or "©" in found.before or says("label", found.before + " " + found.after)


_FRAME = ("footer", "aside", "head")


def _subject(found: Setting) -> str:
    """What the sentence speaks of: the subject before the notice, else what follows at once."""
    clause = _CLAUSE.split(found.before)[-1]  # "The texts are under A, the photos under B"
    before = _last(clause) or _last(found.before)
    return before or _last(_CLAUSE.split(found.after[:60])[0])


def _last(text: str) -> str:
    """The subject named last, nearest to the notice. Named together with words, pictures are no exception."""
    if not text:
        return ""
    placed = _ends(words("place").sub(" ", text))
    ends = placed if max(placed.values()) >= 0 else _ends(text)
    if ends["whole"] >= 0 and ends["image"] >= 0:
        if ends["images_all"] >= 0 and not says("text_only", text):
            return "images"
        if says("text_only", text) or abs(ends["whole"] - ends["image"]) < 40 or ends["whole"] > ends["image"]:
            return "whole"
    if ends["images_all"] >= 0:
        return "images"
    nearest = max(ends, key=lambda name: ends[name])
    return nearest if ends[nearest] >= 0 else ""


def _ends(text: str) -> dict[str, int]:
    return {name: _end(name, text) for name in ("whole", "images_all", "image", "map", "theme", "plugin")}


def _end(name: str, text: str) -> int:
    """Where the last word of a list ends in a text; -1 where it has none."""
    return max((found.end() for found in words(name).finditer(text)), default=-1)
