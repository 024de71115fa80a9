"""Reading a dataset version: rows, Arrow, pandas, or a `datasets.Dataset`. The gate is asked each time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from catalog import families, manifests, store
from catalog.gate import Passed, gate
from catalog.manifests import Manifest
from catalog.schema import struct
from catalog.workspace import Workspace, write_atomically

ROWS = pa.schema(
    [
        ("id", pa.string()),
        ("text", pa.string()),
        ("image", pa.binary()),
        ("media_type", pa.string()),
        ("label", pa.string()),
        ("licence", pa.string()),
        ("language", pa.string()),
        ("contributor", pa.string()),
        ("annotations", struct(annotator=pa.string(), label=pa.string())),
    ]
)
_BATCH = 256  # rows: pictures are large


@dataclass(frozen=True, slots=True)
class Version:
    """One frozen version, open for reading.

    `use` is what the rows are wanted for; without it they are to be looked at here. Rows come in
    the order of the shards, the same every time.
    """

    workspace: Workspace
    manifest: Manifest

    @property
    def name(self) -> str:
        """For example harbour@1."""
        return self.manifest.name

    def gate(self, use: str = "") -> Passed:
        """Ask the gate: GateRefused says what stands against this use."""
        return gate(self.workspace, self.manifest, use)

    def rows(self, use: str = "") -> Iterator[dict[str, Any]]:
        """The records as dictionaries, streamed: see `ROWS` for the keys."""
        batches = self.batches(use)  # the gate is asked now, not at the first row
        return (row for batch in batches for row in batch.to_pylist())

    def batches(self, use: str = "") -> Iterator[pa.RecordBatch]:
        """The records as Arrow batches of the schema `ROWS`, streamed."""
        self.gate(use)
        return self._batches()

    def to_arrow(self, use: str = "") -> pa.Table:
        """The whole version in memory."""
        return pa.Table.from_batches(self.batches(use), schema=ROWS)

    def to_pandas(self, use: str = "") -> Any:
        """The whole version in memory, as a pandas data frame."""
        return self.to_arrow(use).to_pandas()

    def to_dataset(self, use: str = "", cache: Path | str | None = None) -> Any:
        """A `datasets.Dataset` over a file in `cache` (the workspace's spill folder, which runs empty)."""
        from datasets import Dataset, DatasetInfo  # takes seconds to import

        batches = self.batches(use)
        folder = Path(cache) if cache else self.workspace.spill / "datasets"
        path = folder / f"{self.name}-{self.manifest.hash[:16]}-{self.manifest.amendment}.arrow"
        columns = self.columns()
        if not path.exists():
            write_atomically(path, lambda part: _write_stream(part, batches, columns))
        return Dataset.from_file(str(path), info=DatasetInfo(features=features(columns)))

    def columns(self) -> list[str]:
        """The columns of `ROWS` that this version's modalities fill."""
        with store.connect(self.workspace) as connection:
            families.create_views(connection, self.workspace, [self.manifest])
            there = "SELECT 1 FROM content WHERE {} IS NOT NULL LIMIT 1"  # the first one found is enough
            pictures, texts = (connection.execute(there.format(name)).fetchone() for name in ("image", "text"))
        left_out = {"" if pictures else "image", "text" if pictures and not texts else ""}
        return [name for name in ROWS.names if name not in left_out]

    def _batches(self) -> Iterator[pa.RecordBatch]:
        paths = self.manifest.paths(self.workspace, "content")
        if not paths:
            return
        with store.connect(self.workspace) as connection:
            families.create_views(connection, self.workspace, [self.manifest])
            beside = _facts_in_order(connection, paths)
            for path in paths:
                with pq.ParquetFile(path) as file:
                    for batch in file.iter_batches(batch_size=_BATCH, columns=_CONTENT):
                        yield _joined(batch, beside.fetchmany(batch.num_rows))


_CONTENT = ["text", "image", "media_type", "label", "licence"]


def open_version(workspace: Workspace, name: str) -> Version:
    """The version called `name` ("harbour@2"; "harbour" is its newest)."""
    return Version(workspace, manifests.find(workspace, name))


def features(columns: list[str]) -> Any:
    """The `datasets` features of these columns."""
    from datasets import Features, Image, List, Value

    kinds: dict[str, Any] = {
        "image": Image(),
        "annotations": List({"annotator": Value("string"), "label": Value("string")}),
    }
    return Features({name: kinds.get(name, Value("string")) for name in columns})


def for_datasets(batch: pa.RecordBatch, columns: list[str]) -> pa.RecordBatch:
    """The batch as `datasets` stores it: pictures as struct of bytes and path."""
    arrays = [_picture(batch["image"]) if name == "image" else batch[name] for name in columns]
    return pa.RecordBatch.from_arrays(arrays, schema=features(columns).arrow_schema)


def _picture(column: pa.Array) -> pa.Array:
    fields = [pa.field("bytes", pa.binary()), pa.field("path", pa.string())]
    paths = pa.nulls(len(column), pa.string())
    return pa.StructArray.from_arrays([column, paths], fields=fields, mask=column.is_null())


def _write_stream(path: Path, batches: Iterator[pa.RecordBatch], columns: list[str]) -> None:
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_stream(sink, features(columns).arrow_schema) as writer:
        for batch in batches:
            writer.write_batch(for_datasets(batch, columns))


def _facts_in_order(connection: duckdb.DuckDBPyConnection, paths: list[Path]) -> duckdb.DuckDBPyConnection:
    """What facts say of the content's records, sorted as the content is: narrow rows, so the sort may spill."""
    return connection.execute(
        f"""SELECT c.id::VARCHAR, f.language, f.contributor, f.annotations
            FROM (SELECT id, file_row_number AS place, list_position($paths, filename) AS shard
                  FROM read_parquet({store.literal(paths)}, filename = true, file_row_number = true)) c
                 LEFT JOIN facts f USING (id) ORDER BY c.shard, c.place""",
        {"paths": [str(path) for path in paths]},
    )


def _joined(batch: pa.RecordBatch, beside: list[tuple[Any, ...]]) -> pa.RecordBatch:
    facts = dict(zip(("id", "language", "contributor", "annotations"), zip(*beside, strict=True), strict=True))
    arrays = [pa.array(facts[field.name], field.type) if field.name in facts else batch[field.name] for field in ROWS]
    return pa.RecordBatch.from_arrays(arrays, schema=ROWS)
