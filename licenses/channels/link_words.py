"""The words of a link to a licence, where they name a condition that its address knows nothing of."""

from __future__ import annotations

from collections.abc import Iterator

from catalog.checks import Example
from catalog.values import Claim
from licenses import ids, names
from licenses.evidence import claim, licence_links
from licenses.ids import Tool
from licenses.page import Page
from licenses.scope import judge

VERSION = 1
REPORTS = {"link_words": "A licence named by a link's words or tooltip, with conditions that its address has not."}
EXAMPLES = (
    Example(
        '<footer>Licensed: <a href="https://creativecommons.org/licenses/by/4.0/">CC BY-NC-SA 4.0</a></footer>',
        ("CC-BY-NC-SA-4.0",),
    ),
    Example('<footer>Licensed: <a href="https://creativecommons.org/licenses/by-sa/4.0/">CC BY</a></footer>'),
    Example('<footer>Licensed: <a href="https://creativecommons.org/licenses/by/4.0/">a licence</a></footer>'),
)


def claims(page: Page) -> Iterator[Claim]:
    """A claim that contradicts its own link: the resolver asks for a person.

    Words that say less than the address are no contradiction: they may be short, or in a language we half know.
    """
    for link in licence_links(page):
        element, linked = link.element, ids.tool_of(link.licence.licence)
        if linked is None or element.name not in ("a", "area"):
            continue
        written = page.text(element.inner, element.close)[:300] or element.get("title")
        licence = next((name.licence for name in names.find(written)), "")
        named = ids.tool_of(licence)
        if named is not None and named.elements - linked.elements:
            scope = judge(link.setting, stated="license" in link.rel)
            span = (element.start, page.end(element))
            both = named.version or not linked.version
            exact = licence if both else Tool(named.unit, linked.version, linked.port).id
            yield claim(page, exact, scope, "link_words", span=span, written=written, where=link.setting.where)
