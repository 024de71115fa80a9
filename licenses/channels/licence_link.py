"""Links to a licence that do not say rel=license, in a sentence that grants it."""

from __future__ import annotations

from collections.abc import Iterator

from catalog.checks import Example
from catalog.values import Claim
from licenses.evidence import RELATIONS, licence_links, link_claim
from licenses.page import Page
from licenses.scope import judge, says

VERSION = 1
REPORTS = {"licence_link": "A link to a licence, without rel=license, in a sentence that grants it."}
EXAMPLES = (
    Example(
        '<footer>Content here is licensed under <a href="http://creativecommons.org/licenses/by/4.0/">CC BY</a>.',
        ("CC-BY-4.0",),
    ),
    Example('<p>Licensed: <a href="https://twitter.com/share?u=https://creativecommons.org/licenses/by/4.0/">x</a>'),
    Example('<p>The photo is licensed under <a href="https://creativecommons.org/licenses/by/4.0/">CC BY</a>.</p>'),
    Example('<p>This site is licensed. <a href="https://creativecommons.org/">Creative Commons</a> has news.</p>'),
)


def claims(page: Page) -> Iterator[Claim]:
    """What the sentence says it covers."""
    for link in licence_links(page):
        if link.element.name in ("a", "area") and not link.rel & RELATIONS and says("grant", link.setting.sentence):
            yield link_claim(page, link, "licence_link", judge(link.setting))
