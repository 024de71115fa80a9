"""Data sets of the Hugging Face `datasets` library: a saved folder, or an id on the hub."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from catalog.errors import RecipeError
from catalog.values import Record
from curation.sources._contract import Identify, Input, Item, Problem, SourceOptions, Tally
from curation.sources._rows import Row, record_from_row, row_size

KIND = "huggingface"
SUFFIXES = ()  # told by what a folder holds, or by `kind`


@dataclass(frozen=True, slots=True)
class SplitRow:
    """A row and the split it comes from."""

    split: str
    row: Row = field(repr=False)


def read(source: Input, options: SourceOptions, tally: Tally) -> Iterator[Item | Problem]:
    """Rows of every split asked for, one after the other; positions count through."""
    position = 0
    for split, rows in sorted(_splits(source, options).items()):
        names = _label_names(rows, options.label)
        for row in _undecoded(rows):
            label = row.get(options.label)
            if names and isinstance(label, int):
                row = {**row, options.label: names[label] if 0 <= label < len(names) else ""}
            tally.entries[f"row of {split}" if split else "row"] += 1
            yield Item(position, SplitRow(split, row), size=row_size(row))
            position += 1


def _splits(source: Input, options: SourceOptions) -> Mapping[str, Any]:
    import datasets

    saved = "://" in source.path or Path(source.path).is_absolute()  # an id on the hub is neither
    try:
        if saved:
            found = datasets.load_from_disk(source.path)
        else:
            found = datasets.load_dataset(
                source.path, revision=options.revision or None, streaming=True, cache_dir=options.cache or None
            )
    except Exception as error:
        raise RecipeError(
            f"the data set cannot be opened: {type(error).__name__}",
            cure="Give a folder written by save_to_disk, or an id on the hub and a network." if not saved else "",
            place=source.name,
        ) from error
    splits = dict(found) if isinstance(found, dict) else {str(found.split or ""): found}
    if options.split and options.split not in splits:
        raise RecipeError(f"expected the split {options.split!r}, found {', '.join(splits)}", place=source.name)
    return {options.split: splits[options.split]} if options.split else splits


def _undecoded(rows: Any) -> Iterator[dict[str, Any]]:
    """Rows with pictures as the bytes they were stored as: decoding and encoding again would change them."""
    import datasets

    for name, feature in (rows.features or {}).items():
        if isinstance(feature, datasets.Image):
            rows = rows.cast_column(name, datasets.Image(decode=False))
    yield from rows


def _label_names(rows: Any, column: str) -> list[str]:
    return list(getattr((rows.features or {}).get(column), "names", None) or [])


def parse(item: Item, source: Input, options: SourceOptions, identify: Identify) -> Iterator[Record | Problem]:
    """One row as a record."""
    given: SplitRow = item.payload
    named = replace(source, name=f"{source.name}/{given.split}") if given.split else source
    found = record_from_row(given.row, item.position, named, options, identify)
    if isinstance(found, Record):  # the container is the data set, whatever the split
        found = replace(found, source=replace(found.source, container=source.name))
    yield found
