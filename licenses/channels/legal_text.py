"""Whole licence texts: a legal code that is the record itself, or a licence file."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path

from catalog.checks import Example
from catalog.values import Claim, Scope
from licenses import names, texts
from licenses.evidence import claim
from licenses.page import Page

VERSION = 2
REPORTS = {"legal_text": "A whole licence text: a legal code of Creative Commons, or one of some forty others."}
EXAMPLES = (
    Example(
        "Attribution-ShareAlike 4.0 International\n\nBy exercising the Licensed Rights (defined below), You accept "
        "the terms of this Creative Commons Attribution-ShareAlike 4.0 International Public License.",
        ("CC-BY-SA-4.0",),
    ),
    Example(
        "MIT License\n\nPermission is hereby granted, free of charge, to any person obtaining a copy\nof this "
        "software and associated documentation files",
        ("MIT",),
    ),
    Example("Attribution-ShareAlike 4.0 International is a licence that I like."),
)
# The sentence by which every legal code of Creative Commons binds, in the languages of its texts.
_BINDS = re.compile(
    r"by exercising (?:the licensed rights|any rights to the work)|terms of this creative commons public licen[cs]e|"
    r"(?:diese[rs]? )?creative commons public licen[cs]e|bedingungen dieser creative[- ]commons|lizenzvertrag|"
    r"hereby overtly, fully, permanently, irrevocably and unconditionally waives|affirmer hereby|présent(?:e)? contrat|"
    r"la presente licencia|presente licenza|niniejszej licencji|mark a work as being in the public domain",
    re.I,
)
_CODE = re.compile(
    r"creative\s+commons\s+(?:legal\s+code|corporation|(?:[\w.-]+\s+){0,6}public\s+licen[cs]e)|legal\s?code|lizenzvertrag",
    re.I,
)


def claims(page: Page) -> Iterator[Claim]:
    """Only for plain texts: a web page that shows a licence is not thereby under it."""
    if page.kind != "text":
        return
    words = " ".join(page.markup[:60_000].split())
    lowered = words.lower()
    end = min(len(page.markup), 300)
    if _BINDS.search(words) and _CODE.search(words):
        licence = next((found for line in _titles(page.markup) if (found := names.read(line))), "")
        if licence:
            yield claim(page, licence, "page", "legal_text", span=(0, end), where="record")
            return
    stated = [(match.licence, f"{match.share:.0%} of its text") for match in texts.find(page.markup)]
    if not stated:
        stated = [(licence, "its title") for hallmark, licence in _rows("text") if 0 <= lowered.find(hallmark) < 3000][
            :1
        ]
    scope: Scope = "part" if any(rider in lowered for rider, _ in _rows("rider")) else "page"
    for licence, known_by in stated:
        yield claim(page, licence, scope, "legal_text", span=(0, end), where="record", subject=known_by)


def _titles(text: str) -> Iterator[str]:
    """The first lines alone, and joined two by two: a title may be broken."""
    lines = [line.strip() for line in text[:3000].splitlines() if line.strip()][:12]
    yield from (line for line in lines if len(line) < 150)
    yield from (f"{one} {two}" for one, two in pairwise(lines) if len(one) + len(two) < 150)


@cache
def _rows(name: str) -> tuple[tuple[str, str], ...]:
    path = Path(__file__).parent.parent / "data" / "texts.toml"
    rows = tomllib.loads(path.read_text(encoding="utf-8"))[name]
    return tuple((row.get("hallmark") or row["words"], row.get("licence", "")) for row in rows)
