"""YAML front matter of a dataset card or a post: its `license` key."""

from __future__ import annotations

import re
from collections.abc import Iterator

from catalog.checks import Example
from catalog.values import Claim
from licenses import names
from licenses.evidence import claim
from licenses.page import Page

VERSION = 1
REPORTS = {"front_matter": "The license key (one or a list) of YAML between two lines of dashes at the beginning."}
EXAMPLES = (
    Example("---\nlicense: cc-by-sa-3.0\n---\n# Card\n", ("CC-BY-SA-3.0",)),
    Example("---\nlicense:\n  - mit\n  - apache-2.0\n---\n", ("Apache-2.0", "MIT")),
    Example("---\nlicense: unknown\n---\n"),
    Example("# Card\nlicense: mit\n"),
)
_BLOCK = re.compile(r"\A\ufeff?---[ \t]*\r?\n((?:(?!---)[^\n]*\n){1,500})---", re.M)
_KEY = re.compile(r"^licen[cs]e:[ \t]*([^\n]*)\n((?:[ \t]*-[^\n]*\n){0,20})", re.M)


def claims(page: Page) -> Iterator[Claim]:
    """Nothing in pages without front matter."""
    block = _BLOCK.match(page.markup)
    for key in _KEY.finditer(block[1]) if block else ():
        values = [key[1], *key[2].split("\n")]
        for value in values:
            written = value.strip(" \t\r-'\"[]")
            if licence := names.read(written):
                start = block.start(1) + key.start()  # type: ignore[union-attr]
                yield claim(
                    page,
                    licence,
                    "page",
                    "front_matter",
                    span=(start, start + len(key[0])),
                    written=written,
                    where="record",
                    speaker="source",
                )
