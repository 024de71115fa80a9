"""The suppression list: what was erased, as keyed digests, so that a later crawl does not bring it back.

It has a key of its own and each entry an end. Whoever holds the key can ask whether a given
address or person is on the list; nobody can read the list.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

from catalog import addresses, keys
from catalog.errors import FormatError, Unavailable
from catalog.workspace import Workspace, refuse_newer, write_text

FORMAT = 1
KINDS = ("record", "address", "host", "contributor", "content")
ERASED = ("erased", "suppressed")  # what the facts of such a record say in place of everything else
RETENTION = 3650  # days that an entry stands unless told otherwise


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the list. `token` is a keyed digest of what is suppressed."""

    kind: str
    token: str
    until: str  # ISO date; the entry ends with it


@dataclass(frozen=True, slots=True)
class Suppression:
    """The list as it stands, ready to be asked. Empty where nothing was ever erased."""

    key: bytes = field(default=b"", repr=False)
    tokens: frozenset[bytes] = field(default=frozenset(), repr=False)

    def __bool__(self) -> bool:
        return bool(self.tokens)

    @property
    def state(self) -> str:
        """Names what is on the list, for keys of what depends on it; empty for an empty list."""
        return hashlib.sha256(b"".join(sorted(self.tokens))).hexdigest()[:32] if self.tokens else ""

    def token(self, kind: str, value: str | bytes) -> bytes:
        """What the list holds for a value."""
        return keys.digest(self.key, "suppress", kind, value)

    def tombstone(self, record: str, container: str, position: int | None) -> str:
        """The id that stands for an erased record: nobody can tell without the key which one it was."""
        return str(uuid.UUID(bytes=keys.digest(self.key, "tombstone", record, container, str(position))))

    def hit(
        self, *, record: str = "", address: str = "", host: str = "", contributor: str = "", content: bytes = b""
    ) -> str:
        """The kind of entry that keeps this record out; empty if none does. `contributor` is the pseudonym."""
        if not self.tokens:
            return ""
        asked: tuple[tuple[str, str | bytes], ...] = (
            ("record", record), ("address", address), ("address", addresses.normal(address)), ("host", host),
            ("contributor", contributor), ("content", content),
        )  # fmt: skip
        return next((kind for kind, value in asked if value and self.token(kind, value) in self.tokens), "")


def path(workspace: Workspace) -> Path:
    """Where the list is."""
    return workspace.root / "suppression.json"


def load(workspace: Workspace, today: dt.date | None = None) -> Suppression:
    """The list as it stands today. Without the key it was made with nothing can be asked, and that is told."""
    found = list(entries(workspace, today))
    if not found:
        return Suppression()
    return Suppression(keys.of_suppression(workspace), frozenset(bytes.fromhex(entry.token) for entry in found))


def entries(workspace: Workspace, today: dt.date | None = None) -> Iterator[Entry]:
    """The entries that have not ended."""
    where = path(workspace)
    if not where.is_file():
        return
    day = (today or dt.datetime.now(dt.UTC).date()).isoformat()
    try:
        read = json.loads(where.read_text("utf-8"))
        refuse_newer(read["format"], FORMAT, where)
        made_with, listed = read["key"], [Entry(**entry) for entry in read["entries"]]
    except (ValueError, KeyError, TypeError) as error:
        raise FormatError(
            "expected a suppression list (JSON), found something else", cure="Restore it from a backup.",
            place=str(where),
        ) from error  # fmt: skip
    if listed and made_with != keys.fingerprint(keys.of_suppression(workspace)):
        raise Unavailable(
            "the suppression list was made with another key than the one that is here",
            cure="Restore suppression.key: without it erased records could come back unnoticed.",
            place=str(where),
        )
    yield from (entry for entry in listed if entry.until >= day)


def add(workspace: Workspace, new: Iterable[Entry]) -> None:
    """Put entries on the list and take off those that have ended; of two for one thing the later end stands."""
    with workspace.publishing():
        known = {(entry.kind, entry.token): entry for entry in entries(workspace)}
        for entry in new:
            before = known.get((entry.kind, entry.token))
            known[entry.kind, entry.token] = entry if before is None or entry.until > before.until else before
        content = {
            "format": FORMAT,
            "key": keys.fingerprint(keys.of_suppression(workspace)),
            "entries": [asdict(known[name]) for name in sorted(known)],
        }
        write_text(path(workspace), json.dumps(content) + "\n")
