"""What contributors said since: grants and withdrawals, imported, under pseudonyms.

Beside what a source declares, the last word of a person counts: a withdrawal ends every
consent given before it, a later grant stands in place of an earlier one. It takes effect
at once, in decisions, exports and training, on old versions too.
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from catalog import keys
from catalog.errors import FormatError, Unavailable, UsageError
from catalog.values import Consent
from catalog.workspace import Workspace, json_lines, refuse_newer, write_text

FORMAT = 1
USES = ("train", "share", "share redacted", "adapt", "commercial")

# Each column with the other names it may have, which are those of a contributions table.
_COLUMNS = {
    "contributor": (), "uses": ("scope", "consent_scope"), "from": ("granted_at",), "until": ("expires",),
    "withdrawn": ("withdrawn_at",),
}  # fmt: skip
_NAMES = {name: column for column, others in _COLUMNS.items() for name in (column, *others)}


@dataclass(frozen=True, slots=True)
class Statement:
    """One thing a contributor said. Times are UTC without a zone; no uses: a withdrawal of everything."""

    contributor: str  # pseudonym
    at: dt.datetime  # when it takes effect
    uses: tuple[str, ...] = ()
    until: dt.datetime | None = None

    @property
    def withdrawal(self) -> bool:
        """Does it take consent away?"""
        return not self.uses


@dataclass(frozen=True, slots=True)
class Consents:
    """The register as it stands. `said` holds each contributor's statements, oldest first."""

    said: Mapping[str, tuple[Statement, ...]] = field(default_factory=dict, repr=False)

    @property
    def state(self) -> str:
        """Names what is in the register, for keys of what depends on it; empty for an empty one."""
        rows = sorted(repr(statement) for group in self.said.values() for statement in group)
        return hashlib.sha256("\n".join(rows).encode()).hexdigest()[:32] if rows else ""

    def last(self, contributor: str, now: dt.datetime) -> Statement | None:
        """The last word in force at a moment. A withdrawal counts from the start of its day."""
        in_force = [
            one
            for one in self.said.get(contributor, ())
            if (one.at.date() <= now.date() if one.withdrawal else one.at <= now)
        ]
        return in_force[-1] if in_force else None

    def effective(self, contributor: str, declared: Consent | None, now: dt.datetime) -> Consent | None:
        """The consent that stands at a moment, of what the source declares and what was said since."""
        last = self.last(contributor, now) if contributor else None
        if last is None or (declared and _newer(declared, now, last.at)):
            return declared
        if not last.withdrawal:
            return Consent(last.uses, last.at, last.until)
        before = [one for one in self.said[contributor] if one.at <= last.at and not one.withdrawal]
        base = declared or Consent(before[-1].uses if before else ())
        return replace(base, withdrawn=last.at)


def _newer(declared: Consent, now: dt.datetime, than: dt.datetime) -> bool:
    """Did the source's own word change after a moment, as far as it says?"""
    ended = declared.withdrawn if declared.withdrawn and declared.withdrawn.date() <= now.date() else None
    return any(moment > than for moment in (declared.granted_at, ended) if moment)


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import came to."""

    rows: int
    contributors: int
    grants: int  # new ones
    withdrawals: int


def path(workspace: Workspace) -> Path:
    """Where the register is."""
    return workspace.root / "consents.json"


def load(workspace: Workspace) -> Consents:
    """The register; empty where nothing was imported."""
    where = path(workspace)
    if not where.is_file():
        return Consents()
    try:
        read = json.loads(where.read_text("utf-8"))
        refuse_newer(read["format"], FORMAT, where)
        made_with, found = read["key"], [_from_json(row) for row in read["statements"]]
    except (ValueError, KeyError, TypeError) as error:
        raise FormatError(
            "expected a register of consents (JSON), found something else", cure="Restore it from a backup.",
            place=str(where),
        ) from error  # fmt: skip
    if made_with != keys.fingerprint(keys.of_contributors(workspace)):
        raise Unavailable(
            "the register of consents was made with another contributors key than the one that is here",
            cure="Restore contributors.key: without it a withdrawal would not be met.",
            place=str(where),
        )
    return _grouped(found)


def import_file(workspace: Workspace, file: Path) -> Imported:
    """Take in a CSV or JSONL file of grants and withdrawals. Rows that are known already change nothing."""
    key = keys.of_contributors(workspace)
    rows = [statement for number, row in _rows(file) for statement in _statements(row, key, f"{file}, row {number}")]
    with workspace.publishing():
        known = {one for group in load(workspace).said.values() for one in group}
        new = set(rows) - known
        _write(workspace, known | new)
    withdrawals = sum(one.withdrawal for one in new)
    return Imported(len(rows), len({one.contributor for one in rows}), len(new) - withdrawals, withdrawals)


def forget(workspace: Workspace, contributors: Iterable[str]) -> int:
    """Take erased contributors' statements out of the register: the suppression list keeps them out from then on."""
    gone = set(contributors)
    with workspace.publishing():
        said = load(workspace).said
        kept = [one for name in sorted(said) if name not in gone for one in said[name]]
        count = sum(len(said[name]) for name in gone & said.keys())
        if count:
            _write(workspace, kept)
    return count


def _write(workspace: Workspace, statements: Iterable[Statement]) -> None:
    ordered = sorted(statements, key=lambda one: (one.contributor, one.at, one.withdrawal, one.uses))
    key = keys.fingerprint(keys.of_contributors(workspace))
    content = {"format": FORMAT, "key": key, "statements": [_to_json(one) for one in ordered]}
    write_text(path(workspace), json.dumps(content) + "\n")


def _grouped(statements: Iterable[Statement]) -> Consents:
    said: dict[str, list[Statement]] = {}
    for one in sorted(statements, key=lambda one: (one.at, one.withdrawal, one.uses)):
        said.setdefault(one.contributor, []).append(one)
    return Consents({name: tuple(group) for name, group in said.items()})


def _to_json(one: Statement) -> dict[str, Any]:
    return {**asdict(one), "at": one.at.isoformat(), "until": one.until.isoformat() if one.until else None}


def _from_json(row: dict[str, Any]) -> Statement:
    until = dt.datetime.fromisoformat(row["until"]) if row["until"] else None
    return Statement(row["contributor"], dt.datetime.fromisoformat(row["at"]), tuple(row["uses"]), until)


def _statements(row: Mapping[str, str], key: bytes, place: str) -> Iterator[Statement]:
    """What one row says: a grant, a withdrawal, or a grant that was withdrawn since."""
    if not row["contributor"]:
        raise UsageError("expected a contributor, found an empty cell", place=place)
    who = keys.contributor(key, row["contributor"])
    uses = tuple(sorted({part.strip() for part in row["uses"].split(";") if part.strip()}))
    if unknown := [use for use in uses if use not in USES]:
        raise UsageError(f"uses: expected some of {', '.join(USES)} with ; between, found {unknown[0]!r}", place=place)
    since, until, withdrawn = (_moment(row[name], name, place) for name in ("from", "until", "withdrawn"))
    if uses and since:
        yield Statement(who, since, uses, until)
    elif uses and not withdrawn:
        raise UsageError("a grant has no date", cure="Say in the column `from` when it was given.", place=place)
    if withdrawn:
        yield Statement(who, withdrawn)
    elif not uses:
        raise UsageError(
            "neither a grant nor a withdrawal",
            cure="A grant has `uses` and `from`, a withdrawal has `withdrawn`.", place=place,
        )  # fmt: skip


def _moment(text: str, column: str, place: str) -> dt.datetime | None:
    if not text:
        return None
    try:
        found = dt.datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{column}: expected an ISO 8601 date, found something else", place=place) from None
    try:
        return found.astimezone(dt.UTC).replace(tzinfo=None) if found.tzinfo else found
    except OverflowError:
        raise UsageError(f"{column}: expected a moment in the years 1 to 9999 of UTC", place=place) from None


def _rows(file: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Rows of a table by our column names, numbered from 1; unknown columns are refused, and two of one meaning."""
    for number, row in table_rows(file):
        for name in row:
            if name not in _NAMES:
                raise UsageError(f"unknown column {name!r}", cure=f"Columns: {', '.join(_COLUMNS)}.", place=str(file))
        meant = [_NAMES[name] for name in row]
        if twice := [name for name in row if meant.count(_NAMES[name]) > 1]:
            raise UsageError(
                f"the columns {' and '.join(twice)} mean the same", cure="Leave one of them in.", place=str(file)
            )
        found = dict.fromkeys(_COLUMNS, "")
        yield number, {**found, **{_NAMES[name]: value for name, value in row.items()}}


def table_rows(file: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of a CSV or JSONL file as words, numbered from 1. Lists are joined with semicolons."""
    try:
        text = file.read_text("utf-8-sig")
    except FileNotFoundError:
        raise UsageError("there is no such file", place=str(file)) from None
    except UnicodeDecodeError as error:
        raise UsageError(f"expected UTF-8 text, found a byte that is none at {error.start}", place=str(file)) from None
    if file.suffix != ".jsonl":
        table = csv.DictReader(io.StringIO(text, newline=""))
        names = [name.strip() for name in table.fieldnames or ()]
        if twice := {name for name in names if names.count(name) > 1}:
            raise UsageError(f"expected each column once, found two named {min(twice)!r}", place=str(file))
        for number, cells in enumerate(table, start=1):
            if None in cells or None in cells.values():
                raise UsageError("expected as many cells as there are columns", place=f"{file}, row {number}")
            yield number, {name.strip(): value.strip() for name, value in cells.items()}
        return
    for number, line in json_lines(text):
        try:
            row = json.loads(line)
        except ValueError:
            row = None
        if not isinstance(row, dict):
            raise UsageError("expected a JSON object on each line", place=f"{file}, row {number}")
        yield number, {name: _cell(value) for name, value in row.items()}


def _cell(value: object) -> str:
    if isinstance(value, list):
        return ";".join(str(part) for part in value)
    return "" if value is None else str(value).strip()
