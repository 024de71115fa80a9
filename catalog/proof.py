"""The proof of an erasure: a search of every byte of the workspace for windows of what was erased.

A window is 24 bytes. Windows begin every 8 bytes, so any 31 bytes that stayed hold a whole one.
They are looked for by keyed hashes, whatever their number, in files as they lie and unpacked.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from catalog import pages, store
from catalog.errors import FormatError
from catalog.workspace import Workspace

SIZE = 24
STEP = 8
_AT_ONCE = 1 << 20  # bytes
MOST = 4096  # windows of one value; of a longer one they are spread evenly

Hashes = npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Proof:
    """What a search came to. `leftover` names files that hold windows no other record has."""

    windows: int
    shared: int  # of them also in records that stay: they prove nothing
    found: int  # of the others, still there: 0 is the proof
    files: int
    bytes: int  # as they lie
    unpacked: int  # bytes, compression undone
    holding: int = 0  # files that still have a row of an erased record
    leftover: tuple[str, ...] = ()
    unread: int = 0  # files that are damaged: their bytes were searched, what they hold packed not to the end


@dataclass(frozen=True, slots=True)
class Needles:
    """Windows as keyed hashes, ready to be looked for."""

    key: bytes = field(repr=False)
    hashes: Hashes = field(repr=False)

    @classmethod
    def of(cls, key: bytes, values: Iterable[bytes]) -> Needles:
        """The windows of these values; those shorter than a window have none."""
        found = [_hashes(value, _numbers(key))[_places(len(value))] for value in values if len(value) >= SIZE]
        return cls(key, np.unique(np.concatenate(found)) if found else np.empty(0, np.uint64))

    def sealed(self) -> bytes:
        """The hashes as a journal may hold them: without the key they say nothing."""
        return _xor(self.hashes.astype("<u8").tobytes(), self.key)

    @classmethod
    def unsealed(cls, key: bytes, sealed: bytes) -> Needles:
        """What `sealed` put away."""
        return cls(key, np.frombuffer(_xor(sealed, key), "<u8").astype(np.uint64))

    def within(self, buffers: Iterable[bytes]) -> tuple[Hashes, int]:
        """Which of the windows are in these buffers, and how many bytes were looked at."""
        met: list[Hashes] = []
        looked = 0
        numbers, table, shift = _numbers(self.key), *_table(self.hashes)
        for buffer in _together(buffers):
            looked += len(buffer)
            for start in range(0, max(len(buffer) - SIZE + 1, 0), _AT_ONCE):
                hashes = _hashes(buffer[start : start + _AT_ONCE + SIZE - 1], numbers)
                likely = hashes[table[hashes >> shift]]
                if len(likely):
                    met.append(likely[np.isin(likely, self.hashes)])
        return np.unique(np.concatenate(met)) if met else np.empty(0, np.uint64), looked


def search(workspace: Workspace, needles: Needles, leave_out: Iterable[Path] = ()) -> Proof:
    """Look for the windows in every file of the workspace, raw and unpacked."""
    hits: dict[Path, Hashes] = {}
    count = looked = opened = 0
    damaged: list[Path] = []
    for path in _files(workspace, set(leave_out)):
        raw, raw_bytes = needles.within(pages.raw(path, SIZE - 1))
        inner, inner_bytes = needles.within(_unpacked(path, damaged))
        count, looked, opened = count + 1, looked + raw_bytes, opened + inner_bytes
        if len(found := np.union1d(raw, inner)):
            hits[path] = found
    shared = _shared(workspace, needles.key, {path: hits[path] for path in hits.keys() - set(damaged)})
    left = {path: np.setdiff1d(found, shared) for path, found in hits.items()}
    remaining = np.unique(np.concatenate(list(left.values()))) if left else np.empty(0, np.uint64)
    named = tuple(str(path.relative_to(workspace.root)) for path, found in left.items() if len(found))
    return Proof(
        len(needles.hashes), len(shared), len(remaining), count, looked, opened, leftover=named, unread=len(damaged)
    )


def _unpacked(path: Path, damaged: list[Path]) -> Iterator[bytes]:
    """What a file holds packed. Of a half-written one, as far as it goes: it must not end every run."""
    try:
        yield from pages.unpacked(path)
    except FormatError:
        damaged.append(path)


def _shared(workspace: Workspace, key: bytes, hits: dict[Path, Hashes]) -> Hashes:
    """Windows in rows of shards and stages: rows of others, since those of erased records are gone from there."""
    shared = np.empty(0, np.uint64)
    for path, found in hits.items():
        ours = path.is_relative_to(workspace.shards) or path.is_relative_to(workspace.stages)
        if ours and path.suffix == ".parquet" and "id" in store.columns(path):
            shared = np.union1d(shared, Needles(key, found).within(pages.values(path))[0])
    return shared


def _together(buffers: Iterable[bytes]) -> Iterator[bytes]:
    """Small buffers as few large ones: each costs a call."""
    held: list[bytes] = []
    size = 0
    for buffer in buffers:
        held.append(buffer)
        size += len(buffer) + 1
        if size >= _AT_ONCE:
            yield b"\x00".join(held)
            held, size = [], 0
    if held:
        yield b"\x00".join(held)


def _files(workspace: Workspace, leave_out: set[Path]) -> Iterator[Path]:
    for path in sorted(workspace.root.rglob("*")):
        if path.is_file() and not path.is_symlink() and path not in leave_out:
            yield path


def _places(length: int) -> npt.NDArray[np.int64]:
    """Where the windows of a value begin; the last one ends with it."""
    last = length - SIZE
    places = np.arange(0, last + 1, STEP, dtype=np.int64)
    if len(places) > MOST:
        places = np.linspace(0, last, MOST, dtype=np.int64)
    return np.unique(np.append(places, last))


def _hashes(data: bytes, numbers: Hashes) -> Hashes:
    """The hash of the window at each place, from three words of eight bytes each."""
    words = np.ndarray((len(data) - 7,), "<u8", data, strides=(1,))
    with np.errstate(over="ignore"):
        mixed: Hashes = words[:-16] * numbers[0] + words[8:-8] * numbers[1] + words[16:] * numbers[2]
        mixed ^= mixed >> np.uint64(29)
        mixed *= numbers[3]
    mixed ^= mixed >> np.uint64(32)
    return mixed


def _numbers(key: bytes) -> Hashes:
    """Four odd numbers from the key."""
    drawn = hashlib.blake2b(key=key, digest_size=32, person=b"windows").digest()
    return np.frombuffer(drawn, "<u8").astype(np.uint64) | np.uint64(1)


def _table(hashes: Hashes) -> tuple[npt.NDArray[np.bool_], np.uint64]:
    """A table that says of the first bits of a hash whether looking closer can be worth it."""
    bits = min(max(len(hashes).bit_length() + 4, 16), 26)
    shift = np.uint64(64 - bits)
    table = np.zeros(1 << bits, np.bool_)
    table[hashes >> shift] = True
    return table, shift


def _xor(data: bytes, key: bytes) -> bytes:
    stream = hashlib.shake_256(b"cleartitle windows" + key).digest(len(data))
    return (np.frombuffer(data, np.uint8) ^ np.frombuffer(stream, np.uint8)).tobytes()
