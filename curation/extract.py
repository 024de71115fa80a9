"""The main text of a page, and what its head says of title, author and language."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Page:
    """What is read from a page in one parse."""

    text: str = field(repr=False)
    title: str = field(default="", repr=False)
    author: str = field(default="", repr=False)
    language: str = ""


def main_text(html: str) -> str:
    """The text of the page's main content: no navigation, no boilerplate; paragraphs on lines of their own."""
    return read_page(html).text


def read_page(html: str) -> Page:
    """Main text, title, author and language of a page."""
    from resiliparse.extract.html2text import extract_plain_text
    from resiliparse.parse.html import HTMLTree

    tree = HTMLTree.parse(html)
    text = extract_plain_text(tree, main_content=True, alt_texts=False)
    root, head = tree.document.query_selector("html") if tree.document else None, tree.head
    author = head.query_selector('meta[name="author"]') if head else None
    return Page(
        text=text,
        title=" ".join((tree.title or "").split()),
        author=(author.getattr("content") or "").strip() if author else "",
        language=(root.getattr("lang") or "").partition("-")[0].strip().lower() if root else "",
    )
