"""Credit: the entry that a licence asks for with each work, and the manifest of a version in three formats."""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, field, fields

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


def to_csv(credits: Iterable[Credit]) -> str:
    """One row each. A value that a spreadsheet would run as a formula is made text."""
    names = [item.name for item in fields(Credit) if item.name != "missing"]
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerow([*names, "complete"])
    for credit in credits:
        writer.writerow([*(_no_formula(str(value)) for value in astuple(credit)[:-1]), str(credit.complete).lower()])
    return lines.getvalue()


def to_markdown(credits: Iterable[Credit]) -> str:
    """One list entry each, in the order that Creative Commons recommends: title, author, source, licence."""
    return "".join(f"- {_sentence(credit, _markdown_link, _markdown_text)}\n" for credit in credits)


def to_html(credits: Iterable[Credit]) -> str:
    """One list entry each, with rel=license on the licence's link."""
    entries = "".join(f"<li>{_sentence(credit, _html_link, html.escape)}</li>\n" for credit in credits)
    return f"<ul>\n{entries}</ul>\n"


def _sentence(credit: Credit, link, text) -> str:  # type: ignore[no-untyped-def]
    parts = [link(credit.title or credit.address, credit.address, "")]
    if credit.author:
        parts.append("by " + link(credit.author, credit.author_url, ""))
    if credit.notice:
        parts.append(text(credit.notice))
    parts.append(link(credit.licence, credit.licence_url, "license"))
    if credit.changes:
        parts.append(text(credit.changes))
    return ", ".join(parts)


def _markdown_text(text: str) -> str:
    return re.sub(r"([\\`*_\[\]<>#|])", r"\\\1", text)


def _markdown_link(text: str, address: str, rel: str) -> str:  # noqa: ARG001
    if not _is_web(address):
        return _markdown_text(text)
    return f"[{_markdown_text(text)}](<{address.replace('<', '%3C').replace('>', '%3E')}>)"


def _html_link(text: str, address: str, rel: str) -> str:
    if not _is_web(address):
        return html.escape(text)
    kind = f' rel="{rel}"' if rel else ""
    return f'<a{kind} href="{html.escape(address)}">{html.escape(text)}</a>'


def _is_web(address: str) -> bool:
    return address.startswith(("http://", "https://"))


def _no_formula(value: str) -> str:
    return f"'{value}" if value[:1] in ("=", "+", "-", "@", "\t") else value


def _one_line(value: str) -> str:
    return " ".join(value.split())
