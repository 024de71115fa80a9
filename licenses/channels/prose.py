"""Notices in words alone: a licence named in the running text, without a link to it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from catalog.checks import Example
from catalog.values import Claim, Scope
from licenses import ids, names
from licenses.evidence import QUOTE, claim, licence_links
from licenses.page import Element, Page
from licenses.scope import Setting, judge, says, setting

VERSION = 2
REPORTS = {"prose": "A licence named in a sentence, in any of some twenty languages, that no link accompanies."}
EXAMPLES = (
    Example("<p>This article is licensed under CC BY-SA 4.0.</p>", ("CC-BY-SA-4.0",)),
    Example(
        "<p>Alle Texte stehen unter der Creative Commons Lizenz Namensnennung 3.0 Deutschland.</p>", ("CC-BY-3.0-DE",)
    ),
    Example("<p>Photo: Jane Doe, CC BY 2.0</p>"),
    Example("<head><!-- This work is licensed under CC BY 3.0 --></head><p>Words.</p>"),
    Example("<p>The CC met in May; cc: by mail.</p>"),
    Example(
        "<p>Ce contenu est mis à disposition sous licence Creative Commons Paternité 2.0 France.</p>",
        ("LicenseRef-CC-BY-2.0-FR",),
    ),
)
# Searched in lower-case markup; a pattern that begins with a plain word is searched fast.
_HINTS = (re.compile(r"creative\s?-?commons"), re.compile(r"cc[\s:®-]{0,2}(?:by\b|0\b|zero\b|\d\.\d[\s-]{1,2}by\b)"))
_HINTS_ELSEWHERE = (
    "クリエイティブ・コモンズ",
    "クリエイティブコモンズ",
    "知识共享",
    "創用",
    "크리에이티브",
    "Криэйтив",
    "криэйтив",
)
_SKIP = frozenset(("script", "style", "textarea", "title", "option", "code", "pre"))
_MOST = 60  # notices read in one page
_LOOKS = 2000  # places looked at for one


def claims(page: Page) -> Iterator[Claim]:
    """What each notice covers; a licence that is only mentioned has the scope `none`."""
    if page.kind not in ("html", "text"):
        return
    linked = [
        (max(0, link.element.start - 160), max(link.element.close, link.element.inner) + 40)
        for link in licence_links(page)
        if link.element.name != "link"
    ]
    reach, found = -1, 0
    for start in _hints(page):
        if start < reach or any(low <= start < high for low, high in linked):
            continue
        element = page.at(start)
        if page.commented(start) or (element is not None and (start < element.inner or _skipped(element))):
            continue
        name = _name(page, element, start)
        if name is None:
            continue
        found += 1
        if found > _MOST:
            return
        licence, length = name
        reach = start + length
        place = setting(page, element, start, reach)
        yield claim(
            page, licence, _scope(licence, place), "prose", span=(start, min(reach, start + QUOTE)), where=place.where
        )


def _hints(page: Page) -> list[int]:
    """Where a licence may be named."""
    plain = {hint.start() for pattern in _HINTS for hint in pattern.finditer(page.lowered)}
    return sorted(plain.union(page.offsets(_HINTS_ELSEWHERE)))[:_LOOKS]


def _skipped(element: Element) -> bool:
    return element.name in _SKIP or any(outer.name in _SKIP for outer in element.ancestors())


def _name(page: Page, element: Element | None, start: int) -> tuple[str, int] | None:
    """The licence named from here on, with the length of its name in the markup (about)."""
    block = page.block(element) if element is not None else None
    end = min(start + 700, block.close if block is not None else len(page.markup))
    text = page.text(start, end)
    named = next((name for name in names.find(text) if name.start < 5), None)
    if named is not None:
        return named.licence, min(end - start, named.end + page.markup.count("<", start, start + named.end) * 10)
    if text[:16].lower().startswith(("creative commons", "creative-commons", "creativecommons")):
        return ids.CC_UNSPECIFIED, 16
    return None


def _scope(licence: str, place: Setting) -> Scope:
    scope = judge(place)
    if scope in ("page", "text", "part") and not says("grant", place.sentence):
        # Words without a grant license something only in a place for notices.
        return scope if place.where in ("footer", "aside") and licence != ids.CC_UNSPECIFIED else "none"
    return scope
