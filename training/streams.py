"""A run's random streams: sampling and noise, drawn by step number from one secret.

Every draw is a function of (secret, stream, step), so a killed run replays exactly, and
nobody without the secret can draw it again. The secret is 256 bits from the operating
system in a file of mode 600 outside the workspace; settling the run destroys it.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from catalog.errors import Unavailable

LENGTH = 32
# 53 bits are what a double holds exactly; the half keeps every draw inside (0, 1).
_MANTISSA = 2.0**-53

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Streams:
    """All randomness of one run."""

    secret: bytes = field(repr=False)

    @classmethod
    def fixed(cls, seed: int) -> Streams:
        """Streams that anybody can make again, for tests. A charged run draws its own secret."""
        return cls(hashlib.sha256(f"fixed {seed}".encode()).digest())

    def words(self, stream: str, step: int, count: int) -> npt.NDArray[np.uint64]:
        """`count` words of 64 bits, the same at every call with the same arguments."""
        # SHAKE-256 as a keyed generator: hashlib has it everywhere, and its output for one
        # step says nothing about another step's.
        state = hashlib.shake_256(self.secret + f"cleartitle {stream} {step}".encode())
        return np.frombuffer(state.digest(8 * count), dtype="<u8").astype(np.uint64, copy=False)

    def uniform(self, stream: str, step: int, count: int) -> Floats:
        """`count` numbers strictly between 0 and 1."""
        words = self.words(stream, step, count) >> np.uint64(11)
        return (words.astype(np.float64) + 0.5) * _MANTISSA

    def coins(self, step: int, units: int, rate: float) -> Integers:
        """Which of `units` units take part in a step: one independent coin for each."""
        if rate >= 1:
            return np.arange(units, dtype=np.int64)
        threshold = np.uint64(int(rate * 2**64))
        return np.flatnonzero(self.words("sampling", step, units) < threshold)

    def normal(self, step: int, count: int) -> Floats:
        """`count` standard normal draws for a step's noise (Box-Muller in double precision)."""
        half = (count + 1) // 2
        drawn = self.uniform("noise", step, 2 * half)
        radius = np.sqrt(-2.0 * np.log(drawn[:half]))
        angle = 2.0 * np.pi * drawn[half:]
        return np.concatenate([radius * np.cos(angle), radius * np.sin(angle)])[:count]

    def seed(self, stream: str, step: int) -> int:
        """A seed for torch's own generator (augmentation, dropout): never for noise."""
        return int(self.words(stream, step, 1)[0] >> np.uint64(1))

    def seal(self, *parts: bytes) -> str:
        """A keyed digest that only this run can make: tells changed inputs from the same ones."""
        state = hmac.new(self.secret, b"cleartitle inputs", hashlib.sha256)
        for part in parts:
            state.update(len(part).to_bytes(8, "big"))
            state.update(part)
        return state.hexdigest()


def create(folder: Path, run: str) -> Streams:
    """Fresh streams for a run, their secret written to the keys folder first."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    secret = secrets.token_bytes(LENGTH)
    handle = os.open(_path(folder, run), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(secret)
        file.flush()
        os.fsync(file.fileno())
    return Streams(secret)


def load(folder: Path, run: str) -> Streams | None:
    """The streams of an unsettled run; None where its secret is gone."""
    try:
        secret = _path(folder, run).read_bytes()
    except FileNotFoundError:
        return None
    if len(secret) != LENGTH:
        raise Unavailable(
            f"expected a run secret of {LENGTH} bytes, found {len(secret)}",
            cure="Remove the file: the run cannot go on, start it again (its charge stays).",
            place=str(_path(folder, run)),
        )
    return Streams(secret)


def kept(folder: Path) -> list[str]:
    """The runs whose secrets are in a folder."""
    return sorted(path.stem for path in folder.glob("*.secret"))


def destroy(folder: Path, run: str) -> None:
    """Overwrite and remove a run's secret: from here on nobody can draw its noise again."""
    path = _path(folder, run)
    with contextlib.suppress(FileNotFoundError):
        with path.open("rb+") as file:
            file.write(bytes(LENGTH))
            file.flush()
            os.fsync(file.fileno())
        path.unlink()


def batches(chosen: Integers, size: int) -> Iterator[tuple[Integers, npt.NDArray[np.bool_]]]:
    """Cut a logical batch into physical ones of one fixed size: (positions, which are real).

    The last one is padded with a unit that counts for nothing, so that shapes never change
    with the size of the draw. An empty draw has no physical batch at all.
    """
    for start in range(0, len(chosen), size):
        part = chosen[start : start + size]
        real = np.arange(size) < len(part)
        yield np.pad(part, (0, size - len(part)), constant_values=part[0]), real


def _path(folder: Path, run: str) -> Path:
    return folder / f"{run}.secret"
