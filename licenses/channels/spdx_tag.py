"""`SPDX-License-Identifier:` lines, with expressions: OR offers a choice, AND asks for all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from catalog.checks import Example
from catalog.values import Claim, Scope
from licenses import ids
from licenses.evidence import claim
from licenses.page import Page

VERSION = 1
REPORTS = {"spdx_tag": "The licences of an SPDX expression; in a web page the tag speaks of the code around it."}
EXAMPLES = (
    Example("SPDX-License-Identifier: CC-BY-4.0\n\nWords.", ("CC-BY-4.0",)),
    Example("# SPDX-License-Identifier: MIT OR Apache-2.0\n", ("Apache-2.0", "MIT")),
    Example("<html><!-- SPDX-License-Identifier: MIT --><p>Words.</p></html>"),
    Example("SPDX-License-Identifier: NOASSERTION\n"),
)
_TAG = re.compile(r"SPDX-License-Identifier:[ \t]{0,9}([^\r\n*<>]{1,300}+)")
_MOST = 100
_WORD = re.compile(r"[A-Za-z0-9][\w.+-]*")


def claims(page: Page) -> Iterator[Claim]:
    """Text files: the file's own licence."""
    if "spdx-license-identifier" not in page.lowered:
        return
    scope: Scope = "page" if page.kind == "text" else "plugin"
    for tag in islice(_TAG.finditer(page.markup), _MOST):
        words = _WORD.findall(tag[1])
        choice = "choice" if "OR" in words else "record"
        for word in words:
            licence = word if word.startswith("LicenseRef-") else ids.spdx_ids().get(word.lower(), "")
            if licence and word not in ("OR", "AND", "WITH"):
                yield claim(
                    page, licence, scope, "spdx_tag", span=tag.span(), written=word, where=choice, speaker="author"
                )
