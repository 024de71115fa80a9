"""What is written down of an erasure: a journal until it is finished, and a log entry that names nobody."""

from __future__ import annotations

import base64
import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from catalog.errors import FormatError
from catalog.proof import Proof
from catalog.suppression import Entry
from catalog.workspace import Workspace, refuse_newer, write_text

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Touched:
    """A version as it was before, and how much of it goes."""

    version: str
    hash: str
    amendment: int
    records: int  # rows, whatever became of them
    released: int  # of them in the version


@dataclass(frozen=True, slots=True)
class Erasure:
    """One entry of the log, without personal data. `state`: pending until the old bytes are gone."""

    number: int
    at: str
    state: str  # pending or finished
    requests: dict[str, int]  # by kind
    digests: tuple[str, ...]  # keyed, of the requests: who holds the key can tell which they were
    records: int
    copies: int
    versions: tuple[Touched, ...]
    shards: int  # rewritten
    files: int  # outputs of stages, rewritten or removed
    exports: int  # removed, within the workspace
    finished_at: str = ""
    proof: Proof | None = None


@dataclass(frozen=True, slots=True)
class Journal:
    """All that is needed to go on after a crash. It holds ids and is removed at the end."""

    entry: Erasure  # as the log has it from the first step on
    unlink_after: str  # UTC, ISO 8601
    stones: dict[str, str] = field(repr=False)  # id -> the id that stands for it
    contributors: tuple[str, ...] = field(repr=False)  # asked for: their statements go too
    entries: tuple[Entry, ...] = field(repr=False)
    needles: str = field(repr=False)  # sealed
    amended: bool = False  # everything is rewritten; old files wait for their end


def journals(workspace: Workspace) -> list[Journal]:
    """The erasures that were begun and not finished, oldest first."""
    found = [_load(path) for path in sorted((workspace.root / "erasing").glob("*.json"))]
    return [
        Journal(**{
            **row,
            "entry": _erasure(row["entry"]),
            "contributors": tuple(row["contributors"]),
            "entries": tuple(Entry(**entry) for entry in row["entries"]),
        })
        for row in found
    ]  # fmt: skip


def begin(workspace: Workspace, journal: Journal) -> None:
    """Write a journal, or write it anew further on."""
    _save(journal_path(workspace, journal), asdict(journal))


def end(workspace: Workspace, journal: Journal) -> None:
    """The erasure is finished: its ids go as well."""
    journal_path(workspace, journal).unlink(missing_ok=True)


def log(workspace: Workspace) -> Iterator[Erasure]:
    """Every erasure there was, oldest first."""
    for path in sorted((workspace.root / "erasures").glob("*.json")):
        yield _erasure(_load(path))


def write(workspace: Workspace, one: Erasure) -> None:
    """Write one entry of the log."""
    _save(workspace.root / "erasures" / f"{one.number:06}.json", asdict(one))


def finished(workspace: Workspace, one: Erasure, proof: Proof) -> None:
    """Note that an erasure is at its end, with its proof."""
    write(workspace, replace(one, state="finished", finished_at=now(), proof=proof))


def next_number(workspace: Workspace) -> int:
    """The number of the next erasure."""
    numbers = [one.number for one in (*log(workspace), *(journal.entry for journal in journals(workspace)))]
    return max(numbers, default=0) + 1


def journal_path(workspace: Workspace, journal: Journal) -> Path:
    """Where the journal of an erasure is while it lasts."""
    return workspace.root / "erasing" / f"{journal.entry.number:06}.json"


def now(later: float = 0) -> str:
    """The time in so many seconds, UTC, ISO 8601."""
    return (dt.datetime.now(dt.UTC) + dt.timedelta(seconds=later)).isoformat(timespec="seconds")


def pack(data: bytes) -> str:
    """Bytes as JSON holds them."""
    return base64.b64encode(data).decode()


def unpack(text: str) -> bytes:
    """What `pack` packed."""
    return base64.b64decode(text)


def _erasure(row: dict[str, Any]) -> Erasure:
    proof = row["proof"] and Proof(**{**row["proof"], "leftover": tuple(row["proof"]["leftover"])})
    versions = tuple(Touched(**one) for one in row["versions"])
    return Erasure(**{**row, "digests": tuple(row["digests"]), "versions": versions, "proof": proof})


def _save(path: Path, row: dict[str, Any]) -> None:
    text = json.dumps({"format": FORMAT, **row}, indent=1) + "\n"
    write_text(path, text)


def _load(path: Path) -> dict[str, Any]:
    try:
        row: dict[str, Any] = json.loads(path.read_text("utf-8"))
        refuse_newer(row.pop("format"), FORMAT, path)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise FormatError(
            "expected the journal or log of an erasure (JSON), found something else",
            cure="Restore the file from a backup.", place=str(path),
        ) from error  # fmt: skip
    return row
