"""A licence's address somewhere in the words of a JSON record that has no licence field. Weak on its own."""

from __future__ import annotations

import re
from collections.abc import Iterator

from catalog.checks import Example
from catalog.values import Claim
from licenses.evidence import claim
from licenses.page import Page
from licenses.urls import read_url

VERSION = 1
REPORTS = {"record_text": "A Creative Commons address in any text of a JSON record."}
EXAMPLES = (
    Example(
        '{"description": "see <a href=\\"https://creativecommons.org/licenses/by/3.0/\\">licence</a>"}', ("CC-BY-3.0",)
    ),
    Example('{"description": "see https://example.org/licenses/by/3.0/"}'),
    Example("<p>https://creativecommons.org/licenses/by/3.0/</p>"),
)
_ADDRESS = re.compile(r"https?:(?:\\?/){2}(?:www\.)?creativecommons\.org[\w\\/.+%-]{5,80}")
_MOST = 20


def claims(page: Page) -> Iterator[Claim]:
    """The first few."""
    if page.kind != "json":
        return
    for count, found in enumerate(_ADDRESS.finditer(page.markup)):
        if count >= _MOST:
            return
        if (url := read_url(found[0])) is not None:
            yield claim(
                page,
                url.licence,
                "page",
                "record_text",
                span=found.span(),
                written=found[0],
                url=url.url,
                where="words",
                speaker="source",
            )
