"""The values that pass through the house: frozen, few, and silent about people.

A finding about a person holds a kind and a place, never the words; what a value
must carry for a moment (a text, an address, a quote) is kept out of its repr.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Modality = Literal["text", "image"]
Action = Literal["keep", "redact", "hold", "drop"]
Speaker = Literal["author", "site", "platform", "source", "recipe", "unknown"]
Answer = Literal["allowed", "reserved", "unknown"]
Scope = Literal[
    "page",  # the record's own main content
    "part",  # some of it, or all of it but for named exceptions
    "text",  # its text only
    "images",  # its pictures only
    "object",  # one embedded or named object (a photo, a video, a quoted work)
    "plugin",
    "theme",
    "map",
    "comment",  # what visitors wrote
    "none",  # a mention: nothing is licensed by it
]

# One column each; None is "not examined", never zero.
Signals = Mapping[str, float | None]


@dataclass(frozen=True, slots=True)
class Source:
    """Where a record was read: enough to read it again, and to say so to a lawyer."""

    address: str = field(repr=False)  # canonical: the page's URL, or "file#position"
    container: str  # the file it came in, relative to the recipe
    position: int  # byte offset (WARC), line or row number, counted from 0
    media_type: str = ""
    fetched_at: datetime | None = None
    # None: headers were not captured (unknown). (): captured, and there were none.
    headers: tuple[tuple[str, str], ...] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Consent:
    """What a contributor agreed to, as the source tells it."""

    scope: tuple[str, ...]  # uses agreed to: "train", "share", "share redacted", ...
    granted_at: datetime | None = None
    expires: datetime | None = None
    withdrawn: datetime | None = None


@dataclass(frozen=True, slots=True)
class Declared:
    """What a source says of its own record, in memory only; `fields` holds the rest
    (picture metadata as "XMP-dc:Rights", API records by their own key)."""

    licence: str = ""  # as written: an id, a URL or a name
    title: str = field(default="", repr=False)
    author: str = field(default="", repr=False)
    author_url: str = field(default="", repr=False)
    language: str = ""
    label: str = ""
    annotations: tuple[tuple[str, str], ...] = field(default=(), repr=False)  # (annotator, label)
    contributor: str = field(default="", repr=False)
    consent: Consent | None = None
    fields: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    def get(self, name: str, default: str = "") -> str:
        """The first value of one of `fields`."""
        return next((value for key, value in self.fields if key == name), default)


@dataclass(frozen=True, slots=True)
class Record:
    """One thing that may be released: a text or a picture, with what speaks for it.

    `id` is a 128-bit keyed hash of the address and the place in it, as a UUID string.
    `markup` is what licence evidence is read from (HTML, a sidecar, an API record);
    offsets in claims count its characters.
    """

    id: str
    modality: Modality
    source: Source
    text: str = field(default="", repr=False)
    markup: str = field(default="", repr=False)
    image: bytes | None = field(default=None, repr=False)
    declared: Declared = field(default_factory=Declared, repr=False)


@dataclass(frozen=True, slots=True)
class Claim:
    """One piece of licence evidence, and who said it where."""

    licence: str  # SPDX id, or LicenseRef-... (port, unversioned, all rights reserved)
    scope: Scope
    channel: str  # the check that read it
    speaker: Speaker = "unknown"
    subject: str = field(default="", repr=False)  # the object named by `about=` and the like
    quote: str = field(default="", repr=False)
    start: int = -1  # offsets of the quote in the markup; -1 where it has no place in it
    end: int = -1
    url_written: str = field(default="", repr=False)
    url: str = ""  # normalised
    where: str = ""  # "article", "footer", "head", "header", ... : what the resolver weighs
    observed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Preference:
    """One opt-out or opt-in signal. Absence of evidence is not a Preference."""

    use: str  # "crawl", "train-ai", "tdm", "search", "ai-input", ... : one use each
    answer: Answer
    channel: str
    agent: str = "*"  # whom it addresses
    speaker: Speaker = "unknown"
    quote: str = field(default="", repr=False)
    layer: str = ""  # "file", "header", "meta", "embedded": TDMRep's later layers override
    observed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """Personal data in a text: kind and place in characters. Never the words."""

    kind: str  # Presidio's entity names, and ours
    start: int
    end: int
    score: float
    recognizer: str


@dataclass(frozen=True, slots=True)
class Region:
    """Personal data in a picture: kind and polygon in pixels of the upright picture."""

    kind: str
    polygon: tuple[tuple[int, int], ...]
    score: float
    detector: str
    frame: int = 0


@dataclass(frozen=True, slots=True)
class Transform:
    """Something done to a record: "extract-text", "redact", "re-encode", ..."""

    name: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a decision was taken. `id` is a public name: renamed only through an alias table."""

    id: str
    rule: str = ""
    value: str = ""
    threshold: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of a record, and every reason for it."""

    action: Action
    reasons: tuple[Reason, ...] = ()
