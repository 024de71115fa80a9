"""JSON lines: one object a line, plain or compressed."""

from __future__ import annotations

import json
from collections.abc import Iterator

from catalog.values import Record
from curation.sources._contract import LIMIT, Identify, Input, Item, Problem, SourceOptions, Tally, problem_address
from curation.sources._rows import record_from_row
from curation.sources._unpack import DAMAGE, unpacked

KIND = "jsonl"
SUFFIXES = (".jsonl", ".ndjson")


def read(source: Input, options: SourceOptions, tally: Tally) -> Iterator[Item | Problem]:  # noqa: ARG001
    """Cut a file into its lines; empty ones are counted and passed by."""
    position = 0
    with unpacked(source.path) as file:
        try:
            while line := file.readline(LIMIT + 1):
                if len(line) > LIMIT:
                    tally.entries["line"] += 1
                    yield Problem(position, "too-large", f"at most {LIMIT} bytes", "a longer line")
                    while line and not line.endswith(b"\n"):
                        line = file.readline(LIMIT)
                elif line.strip():
                    tally.entries["line"] += 1
                    yield Item(position, line, size=len(line))
                else:
                    tally.entries["empty line"] += 1
                position += 1
        except DAMAGE as error:
            tally.entries["damaged"] += 1
            yield Problem(position, "damaged-archive", "intact compressed data", type(error).__name__)


def parse(item: Item, source: Input, options: SourceOptions, identify: Identify) -> Iterator[Record | Problem]:
    """One line as a record."""
    found = row(item.payload)
    if found is None:
        address = problem_address(source.name, item.position)
        yield Problem(item.position, "not-json", "a JSON object", "something else", identify(address), address)
        return
    yield record_from_row(found, item.position, source, options, identify)


def row(line: bytes) -> dict[str, object] | None:
    """The object that a line holds; None where it holds none."""
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
