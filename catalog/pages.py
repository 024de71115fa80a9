"""What a file really holds, with compression undone: the pages of Parquet, tables of DuckDB, strings of JSON.

A page is read as it lies on disk, so a value that no row points at any more is seen as well.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from catalog import store
from catalog.errors import FormatError
from catalog.workspace import json_lines

CHUNK = 16 << 20


def raw(path: Path, overlap: int) -> Iterator[bytes]:
    """The bytes of a file in chunks that overlap by so many."""
    with path.open("rb") as file:
        before = b""
        while chunk := file.read(CHUNK):
            yield before + chunk
            before = chunk[-overlap:]


def unpacked(path: Path) -> Iterator[bytes]:
    """What a file holds in compressed or escaped form; nothing where its raw bytes say it all."""
    if path.suffix == ".parquet":
        try:
            yield from _parquet_pages(path)
        except (ValueError, IndexError, KeyError, OSError) as error:
            raise FormatError(
                "expected a Parquet file, found something else or half of one",
                cure="Remove it if no version names it (`cleartitle doctor` says), else restore it.", place=str(path),
            ) from error  # fmt: skip
    elif path.suffix == ".duckdb":
        try:
            yield from _duckdb_values(path)
        except duckdb.Error as error:
            raise FormatError(
                "expected a DuckDB database, found something else or half of one",
                cure="Remove it if it is not yours, or make it anew with `cleartitle publish`.", place=str(path),
            ) from error  # fmt: skip
    elif path.suffix in (".json", ".jsonl"):
        yield from _json_strings(path)


def values(path: Path) -> Iterator[bytes]:
    """The texts and bytes in the rows of a Parquet file, one column of one row group at a time."""
    with pq.ParquetFile(path) as file:
        for group in range(file.num_row_groups):
            for name in [field.name for field in file.schema_arrow if _wordy(field.type)]:
                yield from _buffers(file.read_row_group(group, columns=[name])[name])


def _parquet_pages(path: Path) -> Iterator[bytes]:
    metadata = pq.read_metadata(path)
    with path.open("rb") as file:
        for group in range(metadata.num_row_groups):
            for index in range(metadata.num_columns):
                column = metadata.row_group(group).column(index)
                # A column without rows has at most a dictionary and no page behind it: a place is then 0.
                places = [place for place in (column.data_page_offset, column.dictionary_page_offset) if place]
                if not places:
                    continue
                file.seek(min(places))
                yield from _chunk_pages(file.read(column.total_compressed_size), column.compression)


def _chunk_pages(data: bytes, compression: str) -> Iterator[bytes]:
    at = 0
    while at < len(data):
        header, at = _struct(data, at)
        body, at = data[at : at + header[3]], at + header[3]
        second = header.get(8)  # a page of the second kind leaves its levels uncompressed
        levels = second[5] + second[6] if second else 0
        if compression == "UNCOMPRESSED" or (second and second.get(7) is False):
            yield body
        else:
            size = header[2] - levels
            yield pa.decompress(body[levels:], decompressed_size=size, codec=compression.lower()).to_pybytes()


def _struct(data: bytes, at: int) -> tuple[dict[int, Any], int]:
    """A struct of Thrift's compact protocol, which page headers are written in: fields by number."""
    found: dict[int, Any] = {}
    number = 0
    while kind := data[at]:
        at += 1
        if kind >> 4:
            number += kind >> 4
        else:
            number, at = _integer(data, at)
        found[number], at = _value(kind & 15, data, at)
    return found, at + 1


def _value(kind: int, data: bytes, at: int) -> tuple[Any, int]:
    if kind in (1, 2):
        return kind == 1, at
    if kind in (4, 5, 6):
        return _integer(data, at)
    if kind == 8:
        size, at = _varint(data, at)
        return data[at : at + size], at + size
    if kind == 12:
        return _struct(data, at)
    raise ValueError(f"a page header holds a field of kind {kind}")  # Parquet's headers have none


def _integer(data: bytes, at: int) -> tuple[int, int]:
    value, at = _varint(data, at)
    return (value >> 1) ^ -(value & 1), at


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at


def _duckdb_values(path: Path) -> Iterator[bytes]:
    """DuckDB packs texts in ways of its own: its tables are asked. Views hold nothing."""
    with duckdb.connect(":memory:") as connection:
        connection.execute(f"ATTACH {store.literal([path])[1:-1]} AS looked_at (READ_ONLY)")
        names = connection.execute("SELECT table_name FROM duckdb_tables() WHERE database_name = 'looked_at'")
        for (name,) in names.fetchall():
            table: pa.Table = connection.sql(f'SELECT * FROM looked_at."{name}"').to_arrow_table()
            for column in table.columns:
                yield from _buffers(column)


def _buffers(column: pa.ChunkedArray) -> Iterator[bytes]:
    """The texts and bytes of a column, lists and structs opened."""
    for array in column.chunks:
        if isinstance(array, pa.ExtensionArray):
            array = array.storage
        if pa.types.is_struct(array.type):
            for part in array.flatten():
                yield from _buffers(pa.chunked_array([part]))
        elif pa.types.is_list(array.type) or pa.types.is_large_list(array.type):
            yield from _buffers(pa.chunked_array([array.flatten()]))
        elif pa.types.is_string(array.type) or pa.types.is_binary(array.type) or pa.types.is_large_string(array.type):
            texts = array.drop_null()
            if len(texts):
                yield b"\x00".join(value.as_buffer().to_pybytes() for value in texts)


def _wordy(kind: pa.DataType) -> bool:
    """Can a column of this type hold texts or bytes?"""
    if kind.num_fields:
        return any(_wordy(kind.field(number).type) for number in range(kind.num_fields))
    return bool(pa.types.is_string(kind) or pa.types.is_binary(kind) or pa.types.is_large_string(kind))


def _json_strings(path: Path) -> Iterator[bytes]:
    text = path.read_text("utf-8", "replace")
    for _, line in json_lines(text) if path.suffix == ".jsonl" else [(1, text)]:
        try:
            yield "\x00".join(_strings(json.loads(line))).encode("utf-8", "replace")
        except ValueError:
            continue  # its raw bytes are searched all the same


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield name
            yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)
