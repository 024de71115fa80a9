"""What every source speaks: its options, its inputs, and what it yields.

A source cuts its container in the reader process (`read`: cheap, streaming) and turns
each piece into records in a worker (`parse`). What cannot be read is a Problem at its
place, never an exception: the rest of the file is still wanted.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, Protocol

# One record's payload at most; bigger ones are skipped as they stream by.
LIMIT = 64 * 1024 * 1024


def _key(default: Any, meaning: str) -> Any:
    return field(default=default, metadata={"meaning": meaning})


@dataclass(frozen=True, slots=True)
class SourceOptions:
    """The keys of one `[[source]]` table of a recipe."""

    path: str = field(metadata={"meaning": "File, folder, glob or URL; relative to the recipe."})
    kind: str = _key("", "warc, jsonl, parquet, csv, huggingface, folder or contributions; empty: told by the name.")
    text: str = _key("text", "Column that holds the text.")
    html: str = _key("html", "Column that holds a page; where there is no text, its main text is extracted.")
    images: str = _key("image", "Column that holds a picture (bytes, or a file beside the table).")
    caption: str = _key("caption", "Column with a picture's caption, or a list of them; so does its text column.")
    alt: str = _key("alt", "Column that holds a picture's alternative text.")
    url: str = _key("url", "Column that holds the address of the work.")
    id_field: str = _key("id", "Column whose value tells rows apart; must be unique in its file.")
    title: str = _key("title", "Column that holds the title.")
    author: str = _key("author", "Column that holds the author to credit.")
    author_url: str = _key("author_url", "Column that holds a link to the author.")
    language: str = _key("language", "Column that holds the language code.")
    licence: str = _key("", "SPDX id declared here for every record that declares none itself.")
    licence_field: str = _key("license", "Column that holds the licence: an id, a URL or a name.")
    label: str = _key("label", "Column that holds the label.")
    annotations: str = _key("annotations", "Column with a list of {annotator, label}; the majority is the label.")
    contributor: str = _key("contributor", "Column that says who contributed the row; stored as a keyed pseudonym.")
    split: str = _key("", "Split of a Hugging Face data set; empty: all of them.")
    revision: str = _key("", "Revision of a data set on the Hugging Face hub.")
    cache: str = _key("", "Folder for what a hub data set must download; the run passes its workspace.")
    quality: bool = _key(True, "Apply the recipe's quality rules; false for short labelled rows.")
    review: bool = _key(False, "Hold every record until a person accepted it: for what no detector finds.")
    include: tuple[str, ...] = _key((), "Globs on names inside a folder; empty: all that are known.")


def option_meanings() -> dict[str, str]:
    """One line of documentation for each key of a `[[source]]` table."""
    return {key.name: key.metadata["meaning"] for key in fields(SourceOptions)}


@dataclass(frozen=True, slots=True)
class Input:
    """One container to read: a file, a folder or a data set."""

    path: str  # to open it by (fsspec)
    name: str  # relative to the recipe: what the catalog shows
    kind: str
    size: int = 0  # bytes, 0 where it cannot be told


@dataclass(frozen=True, slots=True)
class Item:
    """One piece of a container, cut but not yet parsed. Positions grow strictly within an input."""

    position: int
    payload: Any = field(repr=False)
    size: int = 0  # about how many bytes the payload takes


@dataclass(frozen=True, slots=True)
class Problem:
    """A piece that could not be read. It keeps its row in the catalog.

    `message` is a reason id such as "too-large"; `expected` and `found` never quote content.
    A reader knows no keys, so its problems carry no `id`: name them by `problem_address`.
    """

    position: int
    message: str
    expected: str = ""
    found: str = ""
    id: str = ""
    address: str = field(default="", repr=False)

    def __str__(self) -> str:
        told = f" (expected {self.expected}, found {self.found})" if self.expected else ""
        return f"at {self.position}: {self.message}{told}"


@dataclass(frozen=True, slots=True)
class SiteFile:
    """A file that speaks for a whole host: robots.txt or tdmrep.json, comments stripped."""

    kind: str
    host: str
    address: str = field(repr=False)
    status: int
    body: str = field(repr=False)
    fetched_at: datetime | None
    container: str
    position: int


@dataclass(slots=True)
class Tally:
    """What a container held, by type, whether it became an item or was passed by."""

    entries: Counter[str] = field(default_factory=Counter)
    items: int = 0
    problems: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.entries + other.entries, self.items + other.items, self.problems + other.problems)


class Identify(Protocol):
    """Gives the keyed id of an address and the place in it."""

    def __call__(self, address: str, place: str = "") -> str: ...


def problem_address(name: str, position: int) -> str:
    """The address that stands for a piece that has none of its own; a row's own key stands behind a #."""
    return f"{name}:{position}"
