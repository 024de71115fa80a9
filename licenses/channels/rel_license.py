"""Links that say they lead to the licence: `rel="license"` on a, area and link, and its RDFa spellings."""

from __future__ import annotations

from collections.abc import Iterator

from catalog.checks import Example
from catalog.values import Claim, Scope
from licenses.evidence import RELATIONS, Link, licence_links, link_claim
from licenses.page import Element, Page
from licenses.scope import judge

VERSION = 1
REPORTS = {"rel_license": "A link whose rel (or RDFa property) is license, with the licence it leads to."}
EXAMPLES = (
    Example(
        '<p>This page: <a rel="noopener license" href="//creativecommons.org/licenses/by/4.0/">licence</a></p>',
        ("CC-BY-4.0",),
    ),
    Example('<link rel="license" href="https://creativecommons.org/licenses/by-sa/3.0/deed.de">', ("CC-BY-SA-3.0",)),
    Example('<a rel="license" href="#license">Licence</a>'),
    Example('<link rel="license" type="application/rsl+xml" href="https://creativecommons.org/licenses/by/4.0/">'),
    Example('<a href="https://creativecommons.org/licenses/by/4.0/">CC BY</a>'),
)


def claims(page: Page) -> Iterator[Claim]:
    """A licence for the page, unless `about=` or the words around the link name something else."""
    for link in licence_links(page):
        if link.element.name == "img" or not link.rel & RELATIONS or "rsl" in link.element.get("type"):
            continue
        subject = about(page, link.element)
        yield link_claim(page, link, "rel_license", _scope(link, subject), subject)


def about(page: Page, element: Element) -> str:
    """The object that RDFa says the link speaks of; empty for the page itself."""
    for around in (element, *element.ancestors()):
        if "about" not in around.written and "resource" not in around.written:
            continue
        named = around.attributes.get("about")
        if named is None and around is not element:
            named = around.attributes.get("resource") if "typeof" in around.written else None
        if named is not None:
            return "" if page.is_self(named) else named
    return ""


def _scope(link: Link, subject: str) -> Scope:
    return "object" if subject else judge(link.setting, stated=True)
