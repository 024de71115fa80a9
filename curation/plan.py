"""What a run will read, cut into batches, and the key that names each batch's output.

A key is made of everything the output depends on and nothing else: the input's bytes, the
batch's place in it, how the source reads it, the versions of the checks, the key fingerprints.
An output that exists under its key is done; nobody keeps a list of what was done.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import fsspec

from catalog.errors import RecipeError
from catalog.keys import Keys, digest
from catalog.workspace import Workspace, write_bytes, write_text
from curation import sources
from curation.recipe import Recipe
from curation.sources import Input, Item, Problem, SourceOptions

_JUDGED = ("quality", "review")  # keys of a source that decisions depend on, and reading does not
BATCH_BYTES = 32 << 20  # a batch also ends here, so that memory stays flat with large records


@dataclass(frozen=True, slots=True)
class Planned:
    """One input of a run. `key` names its bytes and how they are read."""

    input: Input
    options: SourceOptions
    digest: bytes
    key: str


@dataclass(frozen=True, slots=True)
class Batch:
    """A fixed-count run of items of one input, on its way to a worker."""

    planned: Planned
    number: int
    items: tuple[Item | Problem, ...] = field(repr=False, default=())

    def __str__(self) -> str:
        return f"batch {self.number} of {self.planned.input.name}"

    @property
    def key(self) -> str:
        """Names the batch: the same wherever and whenever it is read."""
        return hashlib.sha256(f"{self.planned.key}/{self.number}".encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Done:
    """A worker's word that a batch's output is written."""

    batch: str  # its key
    count: int  # records


@dataclass(frozen=True, slots=True)
class Extent:
    """What one whole reading of an input showed: how many batches, and what it held."""

    batches: int
    entries: dict[str, int]


def inputs(recipe: Recipe, workspace: Workspace, keys: Keys, limit: int | None = None) -> list[Planned]:
    """All inputs of a recipe, in a fixed order. Raises RecipeError for a file that is missing.

    `limit` is part of the key: the last batch of a limited reading is not the whole one.
    """
    planned: list[Planned] = []
    met: set[str] = set()
    for options in recipe.source:
        # The hub cache of `datasets` lives in the workspace like everything else that is kept.
        reading = dataclasses.replace(options, cache=options.cache or str(workspace.root / "cache"))
        for found in sources.expand(reading, recipe.folder):
            if (place := f"{found.path}|{options.split}") in met:
                raise RecipeError(
                    f"{found.name} is read by two [[source]] tables: each record may enter once",
                    cure="Narrow one of the paths.",
                )
            met.add(place)
            state = _digest(found, workspace, keys)
            read = {name: value for name, value in dataclasses.asdict(options).items() if name not in _JUDGED}
            about = json.dumps(read, sort_keys=True) + f"|{found.name}|{recipe.run.batch}|{limit}"
            name = hashlib.sha256(state + about.encode()).hexdigest()[:32]
            planned.append(Planned(found, reading, state, name))
    return planned


def batches(
    planned: Planned, size: int, limit: int | None = None, *, extent_in: Workspace | None = None
) -> Iterator[Batch]:
    """Read one input and cut it. `extent_in`: where its extent is written after the last batch, by the first
    reading alone: at a later one the file may be another than its key says."""
    held: list[Item | Problem] = []
    held_bytes = number = 0
    reader = sources.open_items(planned.input, planned.options)
    for seen, item in enumerate(reader, start=1):
        held.append(item)
        held_bytes += _weight(item)
        if len(held) >= size or held_bytes >= BATCH_BYTES:
            yield Batch(planned, number, tuple(held))
            held, held_bytes, number = [], 0, number + 1
        if limit is not None and seen >= limit:
            break
    if held:
        yield Batch(planned, number, tuple(held))
        number += 1
    if limit is None and extent_in:
        _write_extent(extent_in, planned, Extent(number, dict(sorted(reader.tally.entries.items()))))


def extent(workspace: Workspace, planned: Planned) -> Extent | None:
    """What an earlier whole reading of this very input showed, if there was one."""
    path = _extent_path(workspace, planned)
    if not path.is_file():
        return None
    found = json.loads(path.read_text("utf-8"))
    return Extent(found["batches"], found["entries"])


def _write_extent(workspace: Workspace, planned: Planned, found: Extent) -> None:
    text = json.dumps({"format": 1, **dataclasses.asdict(found)})
    write_text(_extent_path(workspace, planned), text)


def _extent_path(workspace: Workspace, planned: Planned) -> Path:
    return workspace.stages / "inputs" / f"{planned.key}.json"


def _weight(item: Item | Problem) -> int:
    """Bytes an item brings to its batch, as its source says."""
    return item.size if isinstance(item, Item) else 0


def _digest(found: Input, workspace: Workspace, keys: Keys) -> bytes:
    """Keyed digest of the input's bytes; a file of the same size and time is not read again."""
    path = Path(found.path)
    if found.kind == "contributions" and path.is_file():
        path = path.parent  # the works that its rows name
    if path.is_file():
        state = path.stat()
        name = digest(keys.ids, "input", found.path, str(state.st_size), str(state.st_mtime_ns)).hex()
        remembered = workspace.stages / "digests" / name
        if remembered.is_file():
            return remembered.read_bytes()
        value = digest(keys.ids, "bytes", file_digest(path))
        write_bytes(remembered, value)
        return value
    if path.is_dir():
        parts = [
            f"{file.relative_to(path)}|{file.stat().st_size}|{file.stat().st_mtime_ns}"
            for file in sorted(path.rglob("*"))
            if file.is_file()
        ]
        return digest(keys.ids, "folder", *parts)
    if "://" in found.path:
        system, inner = fsspec.core.url_to_fs(found.path)
        return digest(keys.ids, "remote", str(system.ukey(inner)))
    return digest(keys.ids, "named", found.path)


def file_digest(path: Path) -> bytes:
    """BLAKE2b of a file's bytes; never stored without a key over it."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, lambda: hashlib.blake2b(digest_size=32)).digest()
