"""A page as licence channels read it: elements with their offsets, found in one linear pass.

Not a browser's tree: it keeps offsets into the markup (evidence must point at its place) and
its time is bounded by the length of the page, however broken or deep it is.
"""

from __future__ import annotations

import html
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from urllib.parse import urljoin

from catalog.values import Declared

Headers = tuple[tuple[str, str], ...]

# Each alternative always matches what it has begun, so the pass is linear on any input.
_TOKEN = re.compile(
    r"<(?:(!--(?:[^-]++|-(?!->))*+(?:-->)?+)"  # a comment
    r"|(/)?([a-zA-Z][^\s/><]*+)"  # an end, and the name
    r"((?:[^<>\"'=]++|=\s*+(?:\"[^\"]*+\"|'[^']*+')?+|[\"'])*+)>?)"  # the attributes
)
_ATTRIBUTE = re.compile(r"([^\s=\"'/>]++)(?:\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\s\"'>]++)))?")
_TAGS = re.compile(r"<!--(?:[^-]++|-(?!->))*+(?:-->)?+|</?[a-zA-Z!?](?:[^<>\"']++|\"[^\"<>]*+\"|'[^'<>]*+'|[\"'])*+>?")
_RAW = frozenset(("script", "style", "textarea", "title"))
_RAW_END = {name: re.compile(rf"</{name}\b", re.I) for name in _RAW}
_VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"]
)
# A start tag of the key ends an open element of the set, where that is innermost.
_ENDS = {
    "li": {"li"},
    "dt": {"dt", "dd"},
    "dd": {"dt", "dd"},
    "tr": {"td", "th", "tr"},
    "td": {"td", "th"},
    "th": {"td", "th"},
    "option": {"option"},
}
_BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "caption",
        "center",
        "dd",
        "details",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "section",
        "small",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "ul",
    ]
)
_LONG = 8_000  # characters read of one element's attributes or text
# What makes a text a page. Plain texts have angle brackets too: <https://example.org>, <name of author>.
_INLINE = (
    "a abbr audio b br button cite code del em font form hr i iframe img input ins kbd label link map mark meta nav"
)
_OTHERS = (
    "noscript object option picture pre q s samp script select span strong style sub sup svg textarea title u video"
)
_KNOWN = "|".join([*sorted(_BLOCKS), *_INLINE.split(), *_OTHERS.split(), "[a-z]+-[a-z-]+"])
_ANY_TAG = re.compile(rf"</?(?:{_KNOWN})(?=[\s/>])[^<>]*+>|<!--", re.I)
_SPACES = re.compile(r"\s+")


@dataclass(slots=True, eq=False)
class Element:
    """One start tag and what it holds. `close` is where its content ends."""

    name: str
    start: int
    inner: int
    close: int
    parent: Element | None
    written: str = field(repr=False)  # the attributes, as written

    @property
    def attributes(self) -> dict[str, str]:
        """Attributes by lower-case name; the first of two wins, as in browsers."""
        found: dict[str, str] = {}
        for match in _ATTRIBUTE.finditer(self.written[:_LONG]):
            value = next((part for part in match.groups()[1:] if part is not None), "")
            found.setdefault(match[1].lower(), html.unescape(value))
        return found

    def get(self, name: str, default: str = "") -> str:
        """One attribute."""
        return self.attributes.get(name, default)

    def ancestors(self) -> Iterator[Element]:
        """From the parent outwards, at most 200: deeper nesting says nothing about a notice."""
        element, steps = self.parent, 0
        while element is not None and steps < 200:
            yield element
            element, steps = element.parent, steps + 1


@dataclass(frozen=True, eq=False)
class Page:
    """What the channels are given: the markup, where it came from, and what came with it.

    `headers` None: they were not captured.
    """

    markup: str = field(repr=False)
    url: str = ""
    headers: Headers | None = field(default=None, repr=False)
    declared: Declared = field(default_factory=Declared, repr=False)
    observed_at: datetime | None = None
    notes: dict[str, object] = field(default_factory=dict, repr=False)  # what several channels would read twice

    @cached_property
    def kind(self) -> str:
        """html, xml, json or text: by the first characters."""
        head = self.markup[:2000].lstrip("\ufeff \t\r\n")
        if head[:1] in ("{", "["):
            return "json"
        lowered = head.lower()
        if "<html" in lowered or "<!doctype html" in lowered:
            return "html"
        if lowered.startswith("<?xml") or re.match(r"<(?:svg|rdf:|resource|rsl|package|\w+:\w+)\b", lowered):
            return "xml"
        return "html" if _ANY_TAG.search(self.markup) else "text"

    @cached_property
    def lowered(self) -> str:
        """The markup with its ASCII letters in lower case, character for character; what is not Latin-1 as `?`.

        Most of a licence's evidence is ASCII, and a string of single bytes is searched several times as fast.
        """
        return self.markup.encode("latin-1", "replace").lower().decode("latin-1")

    def commented(self, offset: int) -> bool:
        """Does this offset lie in a comment, which speaks of the code?"""
        place = bisect_right(self.comments, (offset, len(self.markup) + 1)) - 1
        return place >= 0 and offset < self.comments[place][1]

    def offsets(self, words: Iterable[str]) -> list[int]:
        """Where these words (lower case) stand, in order; words in other scripts are looked for as written."""
        found: set[int] = set()
        for word in words:
            text = self.lowered if max(word) < "\u0100" else self.markup
            offset = text.find(word)
            while offset >= 0:
                found.add(offset)
                offset = text.find(word, offset + len(word))
        return sorted(found)

    @cached_property
    def _parsed(self) -> tuple[list[Element], list[tuple[int, int]]]:
        return _parse(self.markup)

    @property
    def elements(self) -> list[Element]:
        """Every element, in the order of its start."""
        return self._parsed[0]

    @property
    def comments(self) -> list[tuple[int, int]]:
        """Start and end of every comment."""
        return self._parsed[1]

    @cached_property
    def _starts(self) -> list[int]:
        return [element.start for element in self.elements]

    def at(self, offset: int) -> Element | None:
        """The innermost element around an offset."""
        place = bisect_right(self._starts, offset) - 1
        element = self.elements[place] if place >= 0 else None
        while element is not None and element.close <= offset:
            element = element.parent
        return element

    def tag_at(self, offset: int) -> Element | None:
        """The element whose start tag holds this offset (an attribute value, say)."""
        place = bisect_right(self._starts, offset) - 1
        element = self.elements[place] if place >= 0 else None
        return element if element is not None and offset < element.inner else None

    def named(self, *names: str) -> Iterator[Element]:
        """Elements of these names."""
        wanted = frozenset(names)
        return (element for element in self.elements if element.name in wanted)

    def text(self, start: int, end: int) -> str:
        """The words between two offsets, without tags; of a long stretch its beginning."""
        return text_of(self.markup[start : min(end, start + _LONG)])

    def end(self, element: Element) -> int:
        """Where an element ends, its end tag included."""
        tag = f"</{element.name}"
        if self.lowered.startswith(tag, element.close):
            return self.markup.find(">", element.close, element.close + len(tag) + 9) + 1 or element.close
        return max(element.close, element.inner)

    def block(self, element: Element) -> Element:
        """The nearest element that sets its content apart: a paragraph, a list entry, a footer."""
        if element.name in _BLOCKS:
            return element
        return next((outer for outer in element.ancestors() if outer.name in _BLOCKS), element)

    def is_self(self, address: str) -> bool:
        """Does an address name this page as a whole? A fragment names a part of it."""
        if not address.strip():
            return True
        target = self.absolute(address)
        return bool(self.url) and target.rstrip("/") == self.url.partition("#")[0].rstrip("/")

    def absolute(self, address: str) -> str:
        """An address as seen from this page."""
        try:
            return urljoin(self.url, address.strip())
        except ValueError:
            return ""


def text_of(markup: str) -> str:
    """Markup without its tags, entities read, white space as single spaces."""
    return _SPACES.sub(" ", html.unescape(_TAGS.sub(" ", markup))).strip()


def _parse(markup: str) -> tuple[list[Element], list[tuple[int, int]]]:
    elements: list[Element] = []
    comments: list[tuple[int, int]] = []
    stack: list[Element] = []
    open_names: dict[str, int] = {}
    position: int | None = 0
    while position is not None:
        position = _parse_from(markup, position, elements, comments, stack, open_names)
    for element in stack:
        element.close = len(markup)
    return elements, comments


def _parse_from(
    markup: str,
    position: int,
    elements: list[Element],
    comments: list[tuple[int, int]],
    stack: list[Element],
    open_names: dict[str, int],
) -> int | None:
    """Read tags up to the next script or style, whose end is given back to go on from; None at the end."""
    for token in _TOKEN.finditer(markup, position):
        comment, close, name, attributes = token.groups()
        if comment is not None:
            comments.append(token.span())
            continue
        name = name.lower()
        if close:
            if open_names.get(name):
                _close(name, token.start(), stack, open_names)
            continue
        if name in _ENDS and stack and stack[-1].name in _ENDS[name]:
            _close(stack[-1].name, token.start(), stack, open_names)
        inner = token.end()
        element = Element(name, token.start(), inner, inner, stack[-1] if stack else None, attributes)
        elements.append(element)
        if name in _RAW:
            end = _RAW_END[name].search(markup, inner)
            element.close = end.start() if end else len(markup)
            return element.close
        if name not in _VOID and attributes[-1:] != "/":
            stack.append(element)
            open_names[name] = open_names.get(name, 0) + 1
    return None


def _close(name: str, offset: int, stack: list[Element], open_names: dict[str, int]) -> None:
    """End the innermost open element of this name and everything left open inside it."""
    while stack:
        element = stack.pop()
        element.close = offset
        open_names[element.name] -= 1
        if element.name == name:
            return


@dataclass(frozen=True, eq=False)
class Evidence(Page):
    """What opt-out checks are given: the page, and the site files that were captured with it.

    `robots`, `tdmrep`, `rsl` None: not captured, so nothing is known of them.
    """

    robots: str | None = field(default=None, repr=False)
    tdmrep: str | None = field(default=None, repr=False)
    rsl: str | None = field(default=None, repr=False)
    agent: str = "*"  # whose permissions are asked for
