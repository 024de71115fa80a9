"""Links to a licence with no words that grant it: a button in a footer, a name beside a picture."""

from __future__ import annotations

from collections.abc import Iterator

from catalog.checks import Example
from catalog.values import Claim
from licenses.evidence import RELATIONS, licence_links, link_claim
from licenses.page import Page
from licenses.scope import judge, says

VERSION = 1
REPORTS = {"bare_link": "A link to a licence with no grant beside it; it speaks for the place where it stands."}
EXAMPLES = (
    Example(
        '<footer><a href="http://creativecommons.org/licenses/by/4.0/"><img alt="by"></a></footer>', ("CC-BY-4.0",)
    ),
    Example('<p>Photo: A (<a href="http://creativecommons.org/licenses/by/4.0/">CC BY</a>)</p>'),
    Example('<p>Compare <a href="http://creativecommons.org/licenses/by/4.0/">CC BY</a> with other licences.</p>'),
)


def claims(page: Page) -> Iterator[Claim]:
    """Weak: it counts where nothing else speaks and all such links agree."""
    for link in licence_links(page):
        if link.element.name in ("a", "area") and not link.rel & RELATIONS and not says("grant", link.setting.sentence):
            yield link_claim(page, link, "bare_link", judge(link.setting))
