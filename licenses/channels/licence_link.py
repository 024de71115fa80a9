"""Plain links to a licence that do not say rel=license, and what their sentence licenses."""

from __future__ import annotations

from collections.abc import Iterator

from catalog.checks import Example
from catalog.values import Claim
from licenses.channels.rel_license import _RELATIONS
from licenses.evidence import Link, licence_links, link_claim
from licenses.page import Page
from licenses.scope import judge, says

VERSION = 1
REPORTS = {"licence_link": "A link to a licence without rel=license, in a sentence that grants it or alone."}
EXAMPLES = (
    Example(
        '<footer>Content on this site is licensed under <a href="http://creativecommons.org/licenses/by/4.0/">CC BY</a>.',
        ("CC-BY-4.0",),
    ),
    Example(
        '<footer><a href="https://twitter.com/share?u=https://creativecommons.org/licenses/by/4.0/">share</a></footer>'
    ),
    Example('<p><a href="https://creativecommons.org/">Creative Commons</a> has news.</p>'),
)


def claims(page: Page) -> Iterator[Claim]:
    """What the sentence around each link says it covers; a bare button speaks where it stands."""
    for link in licence_links(page):
        if link.element.name not in ("a", "area") or link.rel & _RELATIONS:
            continue
        yield link_claim(page, link, "licence_link", judge(link.setting))
