"""Really Simple Licensing: terms in an RSL document, and links to one that was not captured."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

from catalog.checks import Example
from catalog.values import Answer, Preference
from licenses.page import Element, Evidence, Page
from licenses.robots_file import groups, matches, path_of

VERSION = 1
REPORTS = {
    "train-ai": "ai-train in the terms, or unknown where terms are linked but were not read.",
    "ai-input": "ai-input in the terms.",
    "search": "search in the terms.",
}
_ALL = '<rsl xmlns="https://rslstandard.org/rsl"><content url="{}"><license>{}</license></content></rsl>'
EXAMPLES = (
    Example(
        _ALL.format("/", '<prohibits type="usage">ai-all</prohibits>'),
        ("ai-input=reserved", "search=reserved", "train-ai=reserved"),
    ),
    Example(
        _ALL.format("/", '<permits type="usage">search</permits>'),
        ("ai-input=reserved", "search=allowed", "train-ai=reserved"),
    ),
    Example(_ALL.format("/private/*", '<prohibits type="usage">all</prohibits>')),
    Example(
        "<p>",
        ("train-ai=unknown",),
        headers=(("Link", '<https://example.org/l.xml>; rel="license"; type="application/rsl+xml"'),),
    ),
    Example("<p>", headers=(("Link", '<https://creativecommons.org/licenses/by/4.0/>; rel="license"'),)),
)
MEDIA_TYPE = "application/rsl+xml"
# What each word of `usage` covers; later words for the same thing are older spellings.
_COVERS = {
    "all": ("train-ai", "ai-input", "search"),
    "ai-all": ("train-ai", "ai-input", "search"),
    "ai-train": ("train-ai",),
    "train-ai": ("train-ai",),
    "ai-input": ("ai-input",),
    "ai-index": ("search",),
    "search": ("search",),
}
_USES = ("train-ai", "ai-input", "search")
_LINK = re.compile(r"<([^>]*)>([^<]*)")


@dataclass(frozen=True, slots=True)
class Terms:
    """One licence of an RSL document, for the paths it covers."""

    path: str
    permits: tuple[str, ...]
    prohibits: tuple[str, ...]
    payment: str = ""

    def answer(self, use: str) -> Answer:
        """Prohibited wins; where only some usages are permitted, the others are not; a price is a reservation."""
        if any(use in _COVERS.get(word, ()) for word in self.prohibits):
            return "reserved"
        if any(use in _COVERS.get(word, ()) for word in self.permits):
            return "allowed" if self.payment in ("", "free", "attribution") else "reserved"
        return "reserved" if self.permits else "unknown"


def preferences(evidence: Evidence) -> Iterator[Preference]:
    """The terms that cover the address, or `unknown` for terms that were linked and not captured."""
    found = [terms for terms in _documents(evidence) if matches(terms.path, path_of(evidence.url))]
    longest = max((len(terms.path) for terms in found), default=0)
    for terms in found:
        for use in _USES:
            answer = terms.answer(use)
            if len(terms.path) == longest and answer != "unknown":
                yield _preference(evidence, use, answer, "RSL: " + "; ".join(terms.prohibits + terms.permits), "file")
    if not found:
        for address, layer in links(evidence):
            yield _preference(evidence, "train-ai", "unknown", f"RSL terms at {address}", layer)


def links(evidence: Evidence) -> Iterator[tuple[str, str]]:
    """(address, layer) of RSL documents that a page, its headers or robots.txt point to."""
    for group in groups(evidence.robots or ""):
        yield from ((value, "file") for value in group.values("license") if value.startswith(("http", "/")))
    for name, value in evidence.headers or ():
        if name.lower() == "link":
            yield from ((found[1], "header") for found in _LINK.finditer(value) if MEDIA_TYPE in found[2].lower())
    if MEDIA_TYPE in evidence.lowered:
        yield from ((e.get("href"), "meta") for e in evidence.named("link") if e.get("type").lower() == MEDIA_TYPE)


def _documents(evidence: Evidence) -> Iterator[Terms]:
    if evidence.rsl is not None:
        yield from read(evidence.rsl)
    if "rslstandard.org/rsl" in evidence.lowered:
        if evidence.kind == "xml":
            yield from read(evidence.markup)
        for script in evidence.named("script"):
            if script.get("type").lower() == MEDIA_TYPE:
                yield from read(evidence.markup[script.inner : script.close])


def read(document: str) -> Iterator[Terms]:
    """Every licence of an RSL document. Read as tags, so that no entity is ever expanded."""
    page = Page(document)
    starts = [element.start for element in page.elements]
    end = 0
    for licence in page.elements:
        if licence.start < end or _local(licence) != "license":  # one within another is read with it
            continue
        end = licence.close
        content = next((around for around in licence.ancestors() if _local(around) == "content"), None)
        parts = page.elements[bisect_left(starts, licence.inner) : bisect_left(starts, licence.close)]
        payment = next((e.get("type", "purchase") for e in parts if _local(e) == "payment"), "")
        permits, prohibits = (_usages(page, parts, name) for name in ("permits", "prohibits"))
        yield Terms(content.get("url") if content else "/", permits, prohibits, payment)


def _usages(page: Page, parts: list[Element], name: str) -> tuple[str, ...]:
    named = [element for element in parts if _local(element) == name and element.get("type", "usage") == "usage"]
    return tuple(word for e in named for word in page.text(e.inner, e.close).lower().replace(",", " ").split())


def _local(element: Element) -> str:
    return element.name.rpartition(":")[2]


def _preference(evidence: Evidence, use: str, answer: Answer, quote: str, layer: str) -> Preference:
    return Preference(use, answer, "rsl", "*", "site", quote, layer, evidence.observed_at)
