"""CSV and TSV tables with a line of column names."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from itertools import count
from typing import BinaryIO

from catalog.values import Record
from curation.sources._contract import LIMIT, Identify, Input, Item, Problem, SourceOptions, Tally
from curation.sources._rows import record_from_row
from curation.sources._unpack import DAMAGE, unpacked

KIND = "csv"
SUFFIXES = (".csv", ".tsv")


def read(source: Input, options: SourceOptions, tally: Tally) -> Iterator[Item | Problem]:  # noqa: ARG001
    """Cut a table into rows; cells may hold line breaks. A row of the wrong width is a Problem."""
    with unpacked(source.path) as file:
        previous = csv.field_size_limit(LIMIT)
        try:
            yield from _rows(csv.reader(_Lines(file), delimiter="\t" if ".tsv" in source.path.lower() else ","), tally)
        finally:
            csv.field_size_limit(previous)


def _rows(rows: Iterator[list[str]], tally: Tally) -> Iterator[Item | Problem]:
    header = next(rows, [])
    for position in count():
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error:  # the reader begins anew behind it
            tally.entries["damaged"] += 1
            yield Problem(position, "too-large", f"lines and cells of at most {LIMIT} characters", "more")
            continue
        except DAMAGE as error:
            tally.entries["damaged"] += 1
            yield Problem(position, "damaged-archive", "intact compressed data", type(error).__name__)
            return
        tally.entries["row" if row else "empty line"] += 1
        if len(row) == len(header):
            yield Item(position, dict(zip(header, row, strict=True)), size=sum(map(len, row)))
        elif row:
            yield Problem(position, "wrong-width", f"{len(header)} cells", f"{len(row)}")


class _Lines:
    """Lines of bounded length, so that a file without line ends does not fill the memory."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._encoding = "utf-8-sig"

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._file.readline(LIMIT + 1)
        if not line:
            raise StopIteration
        if len(line) > LIMIT:
            while line and not line.endswith(b"\n"):
                line = self._file.readline(LIMIT)
            raise csv.Error
        text, self._encoding = line.decode(self._encoding, "replace"), "utf-8"
        return text


def parse(item: Item, source: Input, options: SourceOptions, identify: Identify) -> Iterator[Record | Problem]:
    """One row as a record."""
    yield record_from_row(item.payload, item.position, source, options, identify)
