"""Licence fields in JSON: found by their keys, wherever they stand in a record."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from licenses.page import Page

_LIMIT = 20_000  # values looked at in one document
_DEPTH = 40
_KEY = re.compile(
    r"^(?:\w+[:.])?(?:share[_-]?)?(?:image|media|work|data|content|usage|photo)?[_-]?(?:licen[cs]es?|rights|usage[_-]?terms|copyright)"
    r"(?:[_-]?(?:ur[il]|id|code|name|short[_-]?name|status|statements?|text|link|info|type|list))?$",
    re.I,
)
# Inside a licence object: what says which licence it is.
_PARTS = re.compile(
    r"^(?:@?id|ur[il]|href|link|name|short[_-]?name|title|value|code|key|spdx(?:_id|Id)?|identifier|type|copyright|_?content|"
    r"public_name|description|text|rightsUri|rightsIdentifier|license|licence)$",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Field:
    """A licence field: the keys that lead to it, and its value as written."""

    path: tuple[str, ...]
    value: str
    owner: dict[str, Any]  # the object that holds it

    @property
    def key(self) -> str:
        """The licence key itself."""
        return self.path[-1]


def parse(text: str) -> Any:
    """JSON, or None where it is none (or is nested beyond reason)."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def fields(data: Any) -> Iterator[Field]:
    """Licence fields of a document, those nearer to its top first."""
    level: list[tuple[tuple[str, ...], Any]] = [((), data)]
    seen = 0
    for _ in range(_DEPTH):
        below: list[tuple[tuple[str, ...], Any]] = []
        for path, node in level:
            if isinstance(node, list):
                below += [(path, item) for item in node if isinstance(item, (dict, list))]
                continue
            for key, value in node.items():
                seen += 1
                if seen > _LIMIT:
                    return
                if _KEY.match(key) and path[-1:] != ("@context",):
                    yield from (Field((*path, key), text, node) for text in _values(value, 0))
                elif isinstance(value, (dict, list)) and key != "@context":
                    below.append(((*path, key), value))
        if not below:
            return
        level = below


def _values(value: Any, depth: int) -> Iterator[str]:
    if isinstance(value, str) and value.strip():
        yield value
    elif isinstance(value, int) and not isinstance(value, bool):
        yield str(value)
    elif isinstance(value, list) and depth < 4:
        for item in value[:50]:
            yield from _values(item, depth + 1)
    elif isinstance(value, dict) and depth < 4:
        for key, item in value.items():
            if _PARTS.match(key) or _KEY.match(key):
                yield from _values(item, depth + 1)


def span(page: Page, value: str, start: int = 0) -> tuple[int, int]:
    """Where a value stands in the markup; (-1, -1) where it is written with escapes we cannot find again."""
    for written in (value, json.dumps(value)[1:-1], value.replace("/", "\\/")):
        offset = page.markup.find(written, start)
        if offset >= 0:
            return offset, offset + len(written)
    return -1, -1
