"""Train on a cleared version, charged in the ledger before the first step."""

from __future__ import annotations

import hashlib
import inspect
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from catalog import versions
from catalog.errors import GateRefused, UsageError
from catalog.ledger import Ledger
from catalog.workspace import Workspace, write_atomically, write_text
from training import (
    accounting,
    audit,
    card,
    charges,
    data,
    evaluate,
    logs,
    loop,
    memory,
    reservations,
    selftest,
    streams,
    twin,
)
from training.energy import Meter
from training.settings import Settings
from training.version import CatalogVersion, Version

if TYPE_CHECKING:
    from training.plan import Plan
    from training.reservations import Run
    from training.tasks import Task


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a run will cost and take, told before it is charged. All of it is public."""

    epsilon: float
    delta: float
    noise_multiplier: float
    steps: int
    device: str
    method: str  # how gradients are clipped: layers or vmap
    physical_batch: int
    bytes: int  # an estimate
    free: int  # bytes


@dataclass(frozen=True, slots=True)
class Fitted:
    """A finished run: where its model is, what it cost and how well it does on held-out units."""

    run: str
    folder: Path
    epsilon: float
    delta: float
    resumed: bool  # an interrupted run went on: nothing new was charged
    accuracy: evaluate.Accuracy | None  # None where nothing was held out
    audit: audit.Bound | None  # None where the run had no canaries
    twin: evaluate.Accuracy | None  # without privacy; None where none was asked for


@dataclass(frozen=True, slots=True)
class _Job:
    """Everything a run is made of, before it has an identity."""

    plan: Plan
    task: Task
    version: Version
    house: Workspace
    settings: Settings
    device: torch.device
    parts: data.Split
    inputs: loop.Inputs
    outlook: Outlook
    ledger: Ledger

    @property
    def fingerprint(self) -> str:
        """What must be unchanged for a run to go on, down to the code and the arithmetic it used."""
        task = json.dumps(self.task.to_json(), sort_keys=True)
        settings = (self.settings.canaries, self.settings.mixed_precision)
        parts = (self.plan.fingerprint, task, self.version.hash, torch.__version__, self.device.type, *settings)
        return hashlib.sha256("\n".join([*map(str, parts), _code(self.task)]).encode()).hexdigest()

    @property
    def wanted(self) -> reservations.Wanted:
        dataset, _, number = self.plan.dataset.partition("@")
        charge = partial(
            charges.charge, plan=self.plan, version=self.version, fingerprint=self.fingerprint, parts=self.parts
        )
        return reservations.Wanted(self.house, self.ledger, dataset, number, self.fingerprint, self.inputs, charge)


def fit(
    plan: Plan,
    task: Task,
    workspace: Workspace | Path | str,
    *,
    progress: Callable[[loop.Progress], None] | None = None,
    announce: Callable[[Outlook], None] | None = None,
    **settings: Any,
) -> Fitted:
    """Train as planned on a version of the workspace; an interrupted run with the same plan goes on.

    Refused where the gate or a budget says no. Leaves a folder under the workspace's models.
    `settings` are those of `training.Settings`: with `canaries` (hundreds) the run is audited as it
    goes. `announce` is told what the run will cost before it is charged.
    """
    if "depicted" in plan.roles:  # else the plan would promise to protect people whom nothing here knows
        raise UsageError(
            "the catalog does not record who is depicted in a record",
            cure="Leave the role out, or train with fit_version on a version of your own that tells it.",
            place="plan, roles",
        )
    house = workspace if isinstance(workspace, Workspace) else Workspace.open(workspace)
    version = CatalogVersion(versions.open_version(house, plan.dataset))
    return fit_version(plan, task, version, house, progress=progress, announce=announce, **settings)


def fit_version(
    plan: Plan,
    task: Task,
    version: Version,
    house: Workspace,
    *,
    progress: Callable[[loop.Progress], None] | None = None,
    announce: Callable[[Outlook], None] | None = None,
    **settings: Any,
) -> Fitted:
    """`fit` on any version that has a gate."""
    job = _prepare(plan, task, version, house, Settings.of(settings))
    if announce:
        announce(job.outlook)
    with reservations.claimed(job.wanted, job.settings.only_resume) as run:
        try:
            return _carried_out(job, run, progress)
        except Exception:
            # A run that failed by itself stays charged and cannot go on. One that was interrupted
            # or killed keeps its reservation and its secret, and goes on where it stopped.
            reservations.abandon(house, job.ledger, run.id)
            raise


def _prepare(plan: Plan, task: Task, version: Version, house: Workspace, settings: Settings) -> _Job:
    """Everything that can be refused is refused here, before anything is charged."""
    if settings.canaries:
        audit.make(task, settings.canaries, streams.Streams.fixed(0))
    if settings.tensorboard:
        logs.require_tensorboard()
    if settings.twin:
        twin.refuse_private(version)
    _ask_gate(plan, version, house)
    parts = data.split(version.rows(), plan, task.classes, version.duplicates())
    if plan.delta >= 1 / len(parts.units):
        raise UsageError(
            f"delta {plan.delta:g} is not below one in the {len(parts.units)} units trained on",
            cure="A tenth of that is usual.",
            place="plan, delta",
        )
    device = _device(settings.device)
    inputs = loop.Inputs(task.encode(parts.train), task.targets(parts.train), parts.units)
    outlook = _outlook(plan, task, inputs, settings, device)
    return _Job(plan, task, version, house, settings, device, parts, inputs, outlook, Ledger(house.ledger))


def _ask_gate(plan: Plan, version: Version, house: Workspace) -> None:
    dataset, _, number = version.name.partition("@")
    try:
        version.gate()
    except GateRefused:
        reservations.abandon_all(house, dataset, int(number))
        raise
    # What was interrupted on the version as it was before an erasure still holds what was erased.
    reservations.abandon_all(house, dataset, int(number), keep=version.hash)
    if version.hash != plan.version:
        raise GateRefused(
            f"the plan is for the version with hash {plan.version[:12]}, this one has {version.hash[:12]}",
            cure="Plan again: what is in the version has changed.",
            place=version.name,
        )


def _outlook(plan: Plan, task: Task, inputs: loop.Inputs, settings: Settings, device: torch.device) -> Outlook:
    slots = plan.records_per_unit * task.views
    method = selftest.check(task, inputs.inputs, device, slots)
    found = memory.footprint(task, inputs.inputs, slots)
    asked = settings.physical_batch
    rows = memory.physical_batch(found, plan, slots, device) if asked == "auto" else max(slots, asked)
    return Outlook(
        accounting.cost(plan).pld, plan.delta, plan.noise_multiplier, plan.steps, str(device), method,
        rows, found.of(rows // slots), memory.available(device),
    )  # fmt: skip


def _carried_out(job: _Job, run: Run, progress: Callable[[loop.Progress], None] | None) -> Fitted:
    settings = job.settings
    added = audit.make(job.task, settings.canaries, run.randomness) if settings.canaries else None
    inputs = added.joined(job.inputs) if added else job.inputs
    machine = loop.Machine(
        job.device,
        job.outlook.physical_batch,
        run.folder / "checkpoint.pt",
        settings.checkpoint_every,
        settings.mixed_precision,
        at_most=None if settings.physical_batch == "auto" else job.outlook.physical_batch,
    )
    meter = Meter(job.device)
    with logs.logged(run.folder, settings.tensorboard, progress) as told:

        def log(now: loop.Progress) -> None:
            if now.epsilon is not None:
                job.version.gate()  # whoever withdraws meanwhile is out at once
            told(now)

        observe = added.scores if added else None
        state = loop.train(job.plan, job.task, inputs, run.randomness, machine, log, observe)
    return _finish(job, run, state, added, meter)


def _finish(job: _Job, run: Run, state: loop.State, canaries: audit.Canaries | None, meter: Meter) -> Fitted:
    """Release the model, settle, destroy the secret: in this order, each of which may be done twice."""
    model = evaluate.final(state)
    accuracy = evaluate.accuracy(job.task, model, job.parts.evaluation, job.device)
    row = job.ledger.row(run.id)
    found = _audited(canaries, state, row.epsilon, row.delta)
    beside = _twin(job) if job.settings.twin else None
    effort = card.Effort(round(state.seconds, 1), str(job.device), state.physical, run.resumed, meter.stop())
    outcome = card.Outcome(accuracy, beside, found, effort, job.version.credits())
    facts = card.facts(job.ledger, run.id, job.plan, job.task, job.version, outcome)
    job.version.gate()  # for the last time: what comes now is the release
    _write_json(run.folder / "plan.json", {"run": run.id, "plan": job.plan.to_json(), "task": job.task.to_json()})
    card.write(run.folder, facts)
    write_atomically(run.folder / "model.safetensors", lambda part: _save(model, part))
    job.ledger.settle(run.id, "done", state.step)
    streams.destroy(reservations.secrets_folder(job.house), run.id)
    (run.folder / "checkpoint.pt").unlink(missing_ok=True)
    return Fitted(run.id, run.folder, row.epsilon, row.delta, run.resumed, accuracy, found, beside)


def _twin(job: _Job) -> evaluate.Accuracy | None:
    return twin.accuracy(job.plan, job.task, job.version, job.inputs, job.parts, job.device)


def _audited(canaries: audit.Canaries | None, state: loop.State, claim: float, delta: float) -> audit.Bound | None:
    if canaries is None or state.scores is None:
        return None
    return audit.bound(state.scores.tolist(), canaries.included, claim, delta)


def _device(name: str) -> torch.device:
    if name != "auto":
        return torch.device(name)
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def _code(task: Task) -> str:
    """Digest of this room's code and of the task's: other arithmetic must not meet noise that was drawn."""
    state = hashlib.sha256()
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        state.update(path.read_bytes())
    try:
        state.update(inspect.getsource(type(task)).encode())
    except (OSError, TypeError):  # typed into a session: its options are all there is to compare
        state.update(type(task).__qualname__.encode())
    return state.hexdigest()


def _save(model: torch.nn.Module, path: Path) -> None:
    from safetensors.torch import save_file

    save_file({name: value.detach().cpu().contiguous() for name, value in model.state_dict().items()}, path)


def _write_json(path: Path, content: object) -> None:
    text = json.dumps(content, indent=1, ensure_ascii=False) + "\n"
    write_text(path, text)
