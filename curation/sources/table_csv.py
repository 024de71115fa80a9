"""CSV and TSV tables with a line of column names."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from catalog.values import Record
from curation.sources._contract import LIMIT, Identify, Input, Item, Problem, SourceOptions, Tally
from curation.sources._rows import DAMAGE, record_from_row

KIND = "csv"
SUFFIXES = (".csv", ".tsv")

_BROKEN: tuple[type[Exception], ...] = (*DAMAGE, csv.Error)


def read(source: Input, options: SourceOptions, tally: Tally) -> Iterator[Item | Problem]:  # noqa: ARG001
    """Cut a table into rows; cells may hold line breaks. A row of the wrong width is a Problem."""
    import fsspec

    position = 0
    with fsspec.open(source.path, "rb", compression="infer") as file:
        lines = io.TextIOWrapper(file, encoding="utf-8-sig", errors="replace", newline="")
        rows = csv.reader(lines, delimiter="\t" if ".tsv" in source.path.lower() else ",")
        previous = csv.field_size_limit(LIMIT)
        try:
            header = next(rows, [])
            for row in rows:
                tally.entries["row" if row else "empty line"] += 1
                if len(row) == len(header):
                    size = sum(map(len, row))
                    yield Item(position, dict(zip(header, row, strict=True)), size=size)
                elif row:
                    yield Problem(position, "wrong-width", f"{len(header)} cells", f"{len(row)}")
                position += 1
        except _BROKEN as error:
            tally.entries["damaged"] += 1
            yield Problem(position, "damaged-table", "readable rows", type(error).__name__)
        finally:
            csv.field_size_limit(previous)


def parse(item: Item, source: Input, options: SourceOptions, identify: Identify) -> Iterator[Record | Problem]:
    """One row as a record."""
    yield record_from_row(item.payload, item.position, source, options, identify)
