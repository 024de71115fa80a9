"""Credit: the entry that a licence asks for with each work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from licenses import ids
from licenses.urls import canonical


@dataclass(frozen=True, slots=True)
class Credit:
    """Whom and what to credit. Complete: it holds all that the licence asks for and the licensor supplied."""

    title: str = field(default="", repr=False)
    author: str = field(default="", repr=False)
    author_url: str = field(default="", repr=False)
    address: str = field(default="", repr=False)
    licence: str = ""
    licence_url: str = ""
    notice: str = field(default="", repr=False)
    changes: str = ""
    missing: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        """Is nothing missing?"""
        return not self.missing


def attribution(
    licence: str,
    *,
    title: str = "",
    author: str = "",
    author_url: str = "",
    address: str = "",
    notice: str = "",
    changes: str = "",
    modified: bool = False,
    link_only: bool = False,
    removed: Sequence[str] = (),
) -> Credit:
    """The credit for one work.

    `modified`: something was changed that the licence wants said. `link_only`: the link was seen to
    lead to the credit, which 4.0 section 3(a)(2) accepts; older licences keep the full entry.
    `removed`: what the licensor asked to have taken out (`author`, `title`, `notice`).
    """
    tool = ids.tool_of(licence)
    by_link = link_only and tool is not None and tool.version == "4.0" and bool(address)
    dropped = {"author", "author_url", "notice"} if by_link else set()
    dropped |= {*removed} | ({"author_url"} if "author" in removed else set())
    kept = {
        name: "" if name in dropped else _one_line(value)
        for name, value in (("title", title), ("author", author), ("author_url", author_url), ("notice", notice))
    }
    licence_url = canonical(licence)
    lacks = {
        "licence": not licence,
        "licence link": bool(licence) and not licence_url,
        "source": not address,
        "changes": modified and not changes,
    }
    missing = tuple(name for name, lacking in lacks.items() if lacking)
    return Credit(**kept, address=address, licence=licence, licence_url=licence_url, changes=changes, missing=missing)


def _one_line(value: str) -> str:
    return " ".join(value.split())
