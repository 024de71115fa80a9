"""Train on a cleared version, charged in the ledger before the first step."""

from __future__ import annotations

import contextlib
import csv
import fcntl
import hashlib
import json
import shutil
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from catalog import keys, versions
from catalog.errors import GateRefused, UsageError
from catalog.ledger import Ledger
from catalog.workspace import Workspace, write_atomically
from training import card, charges, data, evaluate, loop, selftest, streams

if TYPE_CHECKING:
    from training.plan import Plan
    from training.tasks import Task

PHYSICAL_BATCH = 512
SECRETS = "training"  # folder of run secrets in the workspace's keys folder


@dataclass(frozen=True, slots=True)
class Fitted:
    """A finished run: where its model is, what it cost and how well it does on held-out units."""

    run: str
    folder: Path
    epsilon: float
    delta: float
    accuracy: evaluate.Accuracy | None  # None where nothing was held out


@dataclass(frozen=True, slots=True)
class _Run:
    id: str
    folder: Path
    randomness: streams.Streams
    resumed: bool


def fit(
    plan: Plan,
    task: Task,
    workspace: Workspace | Path | str,
    *,
    device: str = "auto",
    physical_batch: int = PHYSICAL_BATCH,
    progress: Callable[[loop.Progress], None] | None = None,
) -> Fitted:
    """Train as planned on a version of the workspace; an interrupted run with the same plan goes on.

    Refused where the gate or a budget says no. Leaves a folder under the workspace's models.
    """
    house = workspace if isinstance(workspace, Workspace) else Workspace.open(workspace)
    version = data.CatalogVersion(versions.open_version(house, plan.dataset))
    return fit_version(plan, task, version, house, device=device, physical_batch=physical_batch, progress=progress)


def fit_version(
    plan: Plan,
    task: Task,
    version: data.Version,
    house: Workspace,
    *,
    device: str = "auto",
    physical_batch: int = PHYSICAL_BATCH,
    progress: Callable[[loop.Progress], None] | None = None,
) -> Fitted:
    """`fit` on any version that has a gate."""
    version.gate()
    if version.hash != plan.version:
        raise GateRefused(
            f"the plan is for the version with hash {plan.version[:12]}, this one has {version.hash[:12]}",
            cure="Plan again: what is in the version has changed.",
            place=version.name,
        )
    where = _device(device)
    parts = data.split(version.rows(), plan, task.classes)
    if plan.delta >= 1 / len(parts.units):
        raise UsageError(
            f"delta {plan.delta:g} is not below one in the {len(parts.units)} units trained on",
            cure="A tenth of that is usual.",
            place="plan, delta",
        )
    inputs = loop.Inputs(task.encode(parts.train), task.targets(parts.train), parts.units)
    selftest.check(task, inputs.inputs, where, plan.records_per_unit * task.views)
    ledger = Ledger(house.ledger)
    with _claimed(plan, task, version, house, where, inputs, ledger, parts) as run:
        return _carry_out(plan, task, version, house, where, inputs, parts, ledger, run, physical_batch, progress)


def _carry_out(
    plan: Plan,
    task: Task,
    version: data.Version,
    house: Workspace,
    where: torch.device,
    inputs: loop.Inputs,
    parts: data.Split,
    ledger: Ledger,
    run: _Run,
    physical_batch: int,
    progress: Callable[[loop.Progress], None] | None,
) -> Fitted:
    secrets = keys.key_folder(house) / SECRETS
    machine = loop.Machine(where, physical_batch, run.folder / "checkpoint.pt")
    began = time.perf_counter()
    try:
        state = loop.train(plan, task, inputs, run.randomness, machine, _logged(run.folder, progress))
    except Exception:
        # A run that failed by itself stays charged and cannot go on. One that was interrupted
        # or killed keeps its reservation and its secret, and goes on where it stopped.
        ledger.settle(run.id, "failed", 0)
        streams.destroy(secrets, run.id)
        raise
    seconds = time.perf_counter() - began
    model = evaluate.final(state)
    accuracy = evaluate.accuracy(task, model, parts.evaluation, where)
    write_atomically(run.folder / "model.safetensors", lambda part: _save(model, part))
    _write_json(run.folder / "plan.json", {"plan": plan.to_json(), "task": task.to_json(), "run": run.id})
    ledger.settle(run.id, "done", state.step)
    streams.destroy(secrets, run.id)
    (run.folder / "checkpoint.pt").unlink(missing_ok=True)
    facts = card.facts(ledger, run.id, plan, task, version, accuracy, card.Effort(seconds, str(where), state.physical))
    card.write(run.folder, facts)
    row = ledger.row(run.id)
    return Fitted(run.id, run.folder, row.epsilon, row.delta, accuracy)


@contextlib.contextmanager
def _claimed(
    plan: Plan,
    task: Task,
    version: data.Version,
    house: Workspace,
    where: torch.device,
    inputs: loop.Inputs,
    ledger: Ledger,
    parts: data.Split,
) -> Iterator[_Run]:
    """An unfinished run of just this, or a new one with a fresh secret and a new charge."""
    secrets = keys.key_folder(house) / SECRETS
    fingerprint = _fingerprint(plan, task, version, where)
    with contextlib.ExitStack() as held:
        for row in ledger.rows(plan.dataset.partition("@")[0]):
            if row.status == "reserved" and row.fingerprint == fingerprint:
                folder = house.models / row.run
                if held.enter_context(_locked(folder)) and (known := streams.load(secrets, row.run)):
                    if _seal(folder) == _sealed(known, inputs):
                        yield _Run(row.run, folder, known, resumed=True)
                        return
                    # Same plan, other rows: its noise must never meet them.
                    ledger.settle(row.run, "failed", 0)
                    streams.destroy(secrets, row.run)
        name, _, number = plan.dataset.partition("@")
        identity = f"{name}-{number}-{uuid.uuid4().hex[:12]}"
        folder = house.models / identity
        folder.mkdir(parents=True)
        held.enter_context(_locked(folder))
        randomness = streams.create(secrets, identity)
        (folder / "seal").write_text(_sealed(randomness, inputs), "ascii")
        charge, contributions = charges.charge(identity, plan, version, fingerprint, parts)
        try:
            ledger.reserve(charge, contributions)
        except BaseException:
            streams.destroy(secrets, identity)
            shutil.rmtree(folder)
            raise
        yield _Run(identity, folder, randomness, resumed=False)


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[bool]:
    """Hold a run's folder; false where another process is at it."""
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


def _sealed(randomness: streams.Streams, inputs: loop.Inputs) -> str:
    units = inputs.units
    tensors = (inputs.inputs.contiguous().view(-1).numpy().tobytes(), inputs.targets.numpy().tobytes())
    return randomness.seal("\n".join(units.ids).encode(), units.offsets.tobytes(), units.rows.tobytes(), *tensors)


def _seal(folder: Path) -> str:
    path = folder / "seal"
    return path.read_text("ascii") if path.is_file() else ""


def _fingerprint(plan: Plan, task: Task, version: data.Version, where: torch.device) -> str:
    """What must be unchanged for a run to go on, down to the arithmetic it used."""
    parts = (plan.fingerprint, json.dumps(task.to_json(), sort_keys=True), version.hash, torch.__version__, where.type)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _device(name: str) -> torch.device:
    if name != "auto":
        return torch.device(name)
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def _logged(folder: Path, progress: Callable[[loop.Progress], None] | None) -> Callable[[loop.Progress], None]:
    """Write public progress to training.csv at each mark, and pass all of it on."""
    path = folder / "training.csv"

    def log(now: loop.Progress) -> None:
        if now.epsilon is not None:
            new = not path.exists()
            with path.open("a", newline="", encoding="utf-8") as handle:
                writer = csv.writer(handle)
                if new:
                    writer.writerow(("step", "steps", "epsilon", "seconds"))
                writer.writerow((now.step, now.steps, now.epsilon, round(now.seconds, 3)))
        if progress:
            progress(now)

    return log


def _save(model: torch.nn.Module, path: Path) -> None:
    from safetensors.torch import save_file

    save_file({name: value.detach().cpu().contiguous() for name, value in model.state_dict().items()}, path)


def _write_json(path: Path, content: object) -> None:
    text = json.dumps(content, indent=1, ensure_ascii=False) + "\n"
    write_atomically(path, lambda part: part.write_text(text, "utf-8"))
