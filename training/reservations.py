"""A run's identity: its place in the ledger, its folder, its secret; taken up again or made anew."""

from __future__ import annotations

import contextlib
import fcntl
import shutil
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from catalog import keys
from catalog.errors import NotFound, Unavailable
from catalog.ledger import Charge, Contribution, Ledger
from catalog.workspace import Workspace
from training import streams
from training.loop import Inputs

SECRETS = "training"  # folder of run secrets in the workspace's keys folder


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be run: an unfinished run is taken up again only where all of this is the same."""

    house: Workspace
    ledger: Ledger
    dataset: str
    number: str
    fingerprint: str
    inputs: Inputs
    charge: Callable[[str], tuple[Charge, list[Contribution]]]  # of a run of this name


@dataclass(frozen=True, slots=True)
class Run:
    """A run that is charged and whose folder this process holds."""

    id: str
    folder: Path
    randomness: streams.Streams
    resumed: bool


@contextlib.contextmanager
def claimed(wanted: Wanted, only_resume: bool = False) -> Iterator[Run]:
    """An unfinished run of just this, or a new one with a fresh secret and a new charge."""
    with contextlib.ExitStack() as held:
        run = _unfinished(wanted, held)
        if run is None and only_resume:
            raise NotFound(
                "no interrupted run of this very plan, task and data is here to go on with",
                cure="Leave resume out: a new run begins, and is charged.",
                place=f"{wanted.dataset}@{wanted.number}",
            )
        yield run or _new(wanted, held)


def abandon(house: Workspace, ledger: Ledger, run: str) -> None:
    """Settle a run as failed: it stays charged; its secret, its checkpoint and a model of it go."""
    ledger.settle(run, "failed", 0)
    streams.destroy(secrets_folder(house), run)
    for name in ("model.safetensors", "checkpoint.pt"):
        (house.models / run / name).unlink(missing_ok=True)


@contextlib.contextmanager
def held(house: Workspace, run: str) -> Iterator[None]:
    """Hold a run that no other process is at. Its folder may be gone: its secret need not be."""
    folder = house.models / run
    with _locked(folder) as free:
        if folder.is_dir() and not free:
            raise Unavailable("the run is under way in another process", cure="Stop that one first.", place=run)
        yield


def abandon_all(house: Workspace, dataset: str, number: int, keep: str = "") -> None:
    """Nothing that was interrupted on this version may go on: content was withdrawn or erased.

    `keep` is the version hash whose runs may.
    """
    if not house.ledger.exists():
        return
    ledger = Ledger(house.ledger)
    for row in ledger.rows(dataset):
        if row.number == number and row.version != keep and row.status == "reserved":
            with _locked(house.models / row.run) as free:
                if free:
                    abandon(house, ledger, row.run)


def secrets_folder(house: Workspace) -> Path:
    """Where the secrets of unsettled runs are: outside the workspace."""
    return keys.key_folder(house) / SECRETS


def _unfinished(wanted: Wanted, held: contextlib.ExitStack) -> Run | None:
    secrets = secrets_folder(wanted.house)
    _tidy(wanted.house, wanted.ledger)
    for row in wanted.ledger.rows(wanted.dataset):
        folder = wanted.house.models / row.run
        if row.status != "reserved":
            streams.destroy(secrets, row.run)  # where a run was killed between settling and this
        if row.status != "reserved" or row.fingerprint != wanted.fingerprint:
            continue
        if not held.enter_context(_locked(folder)):
            continue  # somebody is at it
        known = streams.load(secrets, row.run)
        if known and _seal(folder) == _sealed(known, wanted.inputs):
            return Run(row.run, folder, known, resumed=True)
        # Same plan, other rows: its noise must never meet them.
        abandon(wanted.house, wanted.ledger, row.run)
    return None


def _tidy(house: Workspace, ledger: Ledger) -> None:
    """Remove what a run left that was killed before it was charged: nothing can go on with its secret."""
    for run in streams.kept(secrets_folder(house)):
        # A run that is just being made holds its folder from before its secret until after its charge.
        with _locked(house.models / run) as free:
            if free and run not in {row.run for row in ledger.rows()}:
                streams.destroy(secrets_folder(house), run)
                shutil.rmtree(house.models / run)


def _new(wanted: Wanted, held: contextlib.ExitStack) -> Run:
    identity = f"{wanted.dataset}-{wanted.number}-{uuid.uuid4().hex[:12]}"
    folder = wanted.house.models / identity
    folder.mkdir(parents=True)
    held.enter_context(_locked(folder))
    secrets = secrets_folder(wanted.house)
    randomness = streams.create(secrets, identity)
    (folder / "seal").write_text(_sealed(randomness, wanted.inputs), "ascii")
    try:
        wanted.ledger.reserve(*wanted.charge(identity))
    except BaseException:
        streams.destroy(secrets, identity)
        shutil.rmtree(folder)
        raise
    return Run(identity, folder, randomness, resumed=False)


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[bool]:
    """Hold a run's folder; false where another process is at it, or there is none."""
    if not folder.is_dir():
        yield False
        return
    with (folder / ".lock").open("a+") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
            return
        yield True


def _sealed(randomness: streams.Streams, inputs: Inputs) -> str:
    units = inputs.units
    tensors = (inputs.inputs.contiguous().view(-1).numpy().tobytes(), inputs.targets.numpy().tobytes())
    return randomness.seal("\n".join(units.ids).encode(), units.offsets.tobytes(), units.rows.tobytes(), *tensors)


def _seal(folder: Path) -> str:
    path = folder / "seal"
    return path.read_text("ascii") if path.is_file() else ""
