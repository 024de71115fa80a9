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
from training import audit, card, charges, data, evaluate, loop, selftest, streams

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
    audit: audit.Bound | None  # None where the run had no canaries


@dataclass(frozen=True, slots=True)
class _Job:
    """Everything a run is made of, before it has an identity."""

    plan: Plan
    task: Task
    version: data.Version
    house: Workspace
    device: torch.device
    parts: data.Split
    inputs: loop.Inputs
    canaries: int
    ledger: Ledger

    @property
    def secrets(self) -> Path:
        return keys.key_folder(self.house) / SECRETS

    @property
    def fingerprint(self) -> str:
        """What must be unchanged for a run to go on, down to the arithmetic it used."""
        task = json.dumps(self.task.to_json(), sort_keys=True)
        machine = (torch.__version__, self.device.type, str(self.canaries))
        parts = (self.plan.fingerprint, task, self.version.hash, *machine)
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class _Run:
    id: str
    folder: Path
    randomness: streams.Streams


def fit(
    plan: Plan,
    task: Task,
    workspace: Workspace | Path | str,
    *,
    device: str = "auto",
    physical_batch: int = PHYSICAL_BATCH,
    canaries: int = 0,
    progress: Callable[[loop.Progress], None] | None = None,
) -> Fitted:
    """Train as planned on a version of the workspace; an interrupted run with the same plan goes on.

    Refused where the gate or a budget says no. Leaves a folder under the workspace's models.
    With `canaries` (hundreds), the run is audited as it goes; they cost some accuracy, no privacy.
    """
    house = workspace if isinstance(workspace, Workspace) else Workspace.open(workspace)
    version = data.CatalogVersion(versions.open_version(house, plan.dataset))
    return fit_version(
        plan, task, version, house, device=device, physical_batch=physical_batch, canaries=canaries, progress=progress
    )


def fit_version(
    plan: Plan,
    task: Task,
    version: data.Version,
    house: Workspace,
    *,
    device: str = "auto",
    physical_batch: int = PHYSICAL_BATCH,
    checkpoint_every: int = 50,
    canaries: int = 0,
    progress: Callable[[loop.Progress], None] | None = None,
) -> Fitted:
    """`fit` on any version that has a gate."""
    job = _prepare(plan, task, version, house, device, canaries)
    with _claimed(job) as run:
        machine = loop.Machine(job.device, physical_batch, run.folder / "checkpoint.pt", checkpoint_every)
        began = time.perf_counter()
        try:
            log = _logged(run.folder, progress)
            added = audit.make(task, canaries, run.randomness) if canaries else None
            inputs = added.joined(job.inputs) if added else job.inputs
            state = loop.train(plan, task, inputs, run.randomness, machine, log, added.scores if added else None)
        except Exception:
            # A run that failed by itself stays charged and cannot go on. One that was interrupted
            # or killed keeps its reservation and its secret, and goes on where it stopped.
            _abandon(job, run.id)
            raise
        return _finish(job, run, state, added, time.perf_counter() - began)


def _prepare(plan: Plan, task: Task, version: data.Version, house: Workspace, device: str, canaries: int) -> _Job:
    if canaries:
        audit.make(task, canaries, streams.Streams.fixed(0))  # says what is wrong before anything is charged
    version.gate()
    if version.hash != plan.version:
        raise GateRefused(
            f"the plan is for the version with hash {plan.version[:12]}, this one has {version.hash[:12]}",
            cure="Plan again: what is in the version has changed.",
            place=version.name,
        )
    parts = data.split(version.rows(), plan, task.classes)
    if plan.delta >= 1 / len(parts.units):
        raise UsageError(
            f"delta {plan.delta:g} is not below one in the {len(parts.units)} units trained on",
            cure="A tenth of that is usual.",
            place="plan, delta",
        )
    where = _device(device)
    inputs = loop.Inputs(task.encode(parts.train), task.targets(parts.train), parts.units)
    selftest.check(task, inputs.inputs, where, plan.records_per_unit * task.views)
    return _Job(plan, task, version, house, where, parts, inputs, canaries, Ledger(house.ledger))


def _finish(job: _Job, run: _Run, state: loop.State, canaries: audit.Canaries | None, seconds: float) -> Fitted:
    """Release the model, settle, destroy the secret: in this order, each of which may be done twice."""
    model = evaluate.final(state)
    accuracy = evaluate.accuracy(job.task, model, job.parts.evaluation, job.device)
    write_atomically(run.folder / "model.safetensors", lambda part: _save(model, part))
    _write_json(run.folder / "plan.json", {"run": run.id, "plan": job.plan.to_json(), "task": job.task.to_json()})
    effort = card.Effort(round(seconds, 1), str(job.device), state.physical)
    row = job.ledger.row(run.id)
    found = _audited(canaries, state, row.epsilon, row.delta)
    card.write(run.folder, card.facts(job.ledger, run.id, job.plan, job.task, job.version, accuracy, found, effort))
    job.ledger.settle(run.id, "done", state.step)
    streams.destroy(job.secrets, run.id)
    (run.folder / "checkpoint.pt").unlink(missing_ok=True)
    return Fitted(run.id, run.folder, row.epsilon, row.delta, accuracy, found)


def _audited(canaries: audit.Canaries | None, state: loop.State, claim: float, delta: float) -> audit.Bound | None:
    if canaries is None or state.scores is None:
        return None
    return audit.bound(state.scores.tolist(), canaries.included, claim, delta)


@contextlib.contextmanager
def _claimed(job: _Job) -> Iterator[_Run]:
    """An unfinished run of just this, or a new one with a fresh secret and a new charge."""
    with contextlib.ExitStack() as held:
        for row in job.ledger.rows(job.plan.dataset.partition("@")[0]):
            folder = job.house.models / row.run
            if row.status != "reserved":
                streams.destroy(job.secrets, row.run)  # where a run was killed between settling and this
            if row.status != "reserved" or row.fingerprint != job.fingerprint:
                continue
            if not held.enter_context(_locked(folder)):
                continue  # somebody is at it
            known = streams.load(job.secrets, row.run)
            if known and _seal(folder) == _sealed(known, job.inputs):
                yield _Run(row.run, folder, known)
                return
            # Same plan, other rows: its noise must never meet them.
            _abandon(job, row.run)
        yield _new(job, held)


def _new(job: _Job, held: contextlib.ExitStack) -> _Run:
    name, _, number = job.plan.dataset.partition("@")
    identity = f"{name}-{number}-{uuid.uuid4().hex[:12]}"
    folder = job.house.models / identity
    folder.mkdir(parents=True)
    held.enter_context(_locked(folder))
    randomness = streams.create(job.secrets, identity)
    (folder / "seal").write_text(_sealed(randomness, job.inputs), "ascii")
    try:
        job.ledger.reserve(*charges.charge(identity, job.plan, job.version, job.fingerprint, job.parts))
    except BaseException:
        streams.destroy(job.secrets, identity)
        shutil.rmtree(folder)
        raise
    return _Run(identity, folder, randomness)


def _abandon(job: _Job, run: str) -> None:
    job.ledger.settle(run, "failed", 0)
    streams.destroy(job.secrets, run)
    (job.house.models / run / "checkpoint.pt").unlink(missing_ok=True)


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
