"""Parquet tables, read a few rows at a time."""

from __future__ import annotations

from collections.abc import Iterator

from catalog.values import Record
from curation.sources._contract import Identify, Input, Item, Problem, SourceOptions, Tally
from curation.sources._rows import record_from_row, row_size
from curation.sources._unpack import passing

KIND = "parquet"
SUFFIXES = (".parquet",)

_ROWS = 64  # at a time: pictures in a table may be large


def read(source: Input, options: SourceOptions, tally: Tally) -> Iterator[Item | Problem]:  # noqa: ARG001
    """Cut a table into rows. A damaged row group is one Problem; the groups behind it are read."""
    import fsspec
    import pyarrow as pa
    import pyarrow.parquet as pq

    position = 0
    with fsspec.open(source.path, "rb") as file, pq.ParquetFile(file) as table:
        for group in range(table.num_row_groups):
            end = position + table.metadata.row_group(group).num_rows
            try:
                for rows in table.iter_batches(batch_size=_ROWS, row_groups=[group], use_threads=False):
                    for row in rows.to_pylist():
                        tally.entries["row"] += 1
                        yield Item(position, row, size=row_size(row))
                        position += 1
            except (OSError, pa.ArrowException) as error:
                if passing(error):
                    raise
                tally.entries["damaged"] += 1
                yield Problem(position, "damaged-rows", f"{end - position} readable rows", type(error).__name__)
            position = end


def parse(item: Item, source: Input, options: SourceOptions, identify: Identify) -> Iterator[Record | Problem]:
    """One row as a record."""
    yield record_from_row(item.payload, item.position, source, options, identify)
