"""Private training on the command line: train, audit, abandon, budget, predict. May import every room."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from catalog.errors import Refused, UsageError
from catalog.workspace import Workspace
from curation import screen, screen_training
from curation.cli_workspace import HERE, WorkspaceOption, publish
from curation.options import unfolded

if TYPE_CHECKING:
    from catalog.manifests import Manifest
    from training import Fitted, Task
    from training.loop import Progress

commands = typer.Typer()


class Unit(StrEnum):
    """What a private run protects."""

    record = "record"
    contributor = "contributor"


class Unowned(StrEnum):
    """What becomes of records that none of the protected people, or several, have a part in."""

    refuse = "refuse"
    leave_out = "leave out"


TASK = "Kind of task (docs/explanation/private-training.md lists them), or a Python file with one of your own."
OPTION = "Option of the task: key=value, the value as in JSON."


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """What a run promises and what that costs: by name what `training.draft` takes."""

    population: Annotated[
        int, typer.Option(min=1, help="Units in the data as you declare it in public; about is enough.")
    ]
    purpose: Annotated[str, typer.Option(help="What the model is for, in a sentence.")]
    epsilon: Annotated[float, typer.Option(help="Privacy to spend (PLD); the noise is calibrated to it.")] = 8.0
    delta: Annotated[float | None, typer.Option(help="Default: a tenth of 1/population, rounded down.")] = None
    batch: Annotated[int, typer.Option(help="Expected units in a step.")] = 256
    steps: Annotated[int, typer.Option(help="Steps; all are paid for before the first.")] = 300
    clip: Annotated[float, typer.Option(help="Length that a unit's gradient is cut to.")] = 1.0
    unit: Annotated[Unit, typer.Option(help="What is protected: one record, or all of one contributor's.")] = (
        Unit.record
    )
    records_per_unit: Annotated[
        int, typer.Option(min=1, help="Records of a contributor used in a step, at most (unit contributor).")
    ] = 1
    roles: Annotated[
        str, typer.Option(help="Whose a record is (unit contributor): author, annotator, or both, comma separated.")
    ] = "author"
    unowned: Annotated[
        Unowned, typer.Option(help="Records without an owner, or with several: refuse or leave out (unit contributor).")
    ] = Unowned.refuse
    holdout: Annotated[
        float, typer.Option(min=0.0, max=0.9, help="Share of units kept out to evaluate on; epsilon leaves them bare.")
    ] = 0.1

    def drafted(self) -> dict[str, Any]:
        """The keyword arguments of `training.draft`."""
        batch, roles = min(self.batch, self.population), _words(self.roles)
        return {**asdict(self), "batch": batch, "roles": roles, "unit": self.unit.value, "unowned": self.unowned.value}


@dataclass(frozen=True, slots=True, kw_only=True)
class Descent:
    """How steps are taken: by name what `training.Optimizer` takes."""

    learning_rate: Annotated[float, typer.Option(help="Step size.")] = 1.0
    decay: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="Share of the steps, the last ones, over which it falls to zero.")
    ] = 0.0
    average: Annotated[
        float, typer.Option(min=0.0, max=0.9999, help="Decay of an average of the weights, such as 0.99; 0: none.")
    ] = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How a run computes: by name what `training.Settings` takes. Epsilon is the same whatever stands here."""

    canaries: Annotated[
        int, typer.Option(min=0, help="Made-up records to audit the run with, such as 1000; 0: no audit.")
    ] = 0
    physical_batch: Annotated[
        str, typer.Option(help="Rows computed at once: auto (by free memory) or a number. Epsilon is the same.")
    ] = "auto"
    mixed_precision: Annotated[
        bool, typer.Option("--mixed-precision", help="Layers in bfloat16; clipping and sums in single precision.")
    ] = False
    device: Annotated[str, typer.Option(help="auto, cpu or cuda: the same command, the same epsilon.")] = "auto"
    only_resume: Annotated[
        bool, typer.Option("--resume", help="Only go on with an interrupted run; never begin (and pay for) a new one.")
    ] = False
    tensorboard: Annotated[
        bool, typer.Option("--tensorboard", help="Also write events for TensorBoard: public quantities alone.")
    ] = False
    twin: Annotated[
        bool, typer.Option("--twin", help="Also measure the model without privacy; public versions only.")
    ] = False

    def settings(self) -> dict[str, Any]:
        """The keyword arguments of `training.Settings`."""
        rows = self.physical_batch
        return {**asdict(self), "physical_batch": int(rows) if rows.isdecimal() else rows}


@commands.command(
    epilog="Example: cleartitle train harbour@1 --classes arrivals,weather --population 4000 --purpose 'sort messages'"
    " --unit contributor --records-per-unit 4 --canaries 1000"
)
@unfolded
def train(
    *,
    version: Annotated[str, typer.Argument(help="Version to train on; a data set's name means its newest.")],
    classes: Annotated[str, typer.Option(help="All labels, comma separated: public, never read from the data.")],
    task: Annotated[str, typer.Option(help=TASK)] = "text",
    option: Annotated[list[str] | None, typer.Option("--set", help=OPTION)] = None,
    promise: Promise,
    descent: Descent,
    manner: Manner,
    workspace: WorkspaceOption = HERE,
) -> None:
    """Train a model with differential privacy, paid for in the ledger before the first step.

    Stopped anywhere, the same command goes on where it was and pays nothing twice.
    `cleartitle abandon` gives such a run up.
    """
    from catalog import manifests

    opened = Workspace.open(workspace)
    manifest = manifests.find(opened, version)
    made = _task(task, classes, option or [])
    fitted = fit(opened, manifest, promise.drafted(), made, asdict(descent), **manner.settings())
    publish(opened)
    screen_training.fitted(fitted, manifest.audience)


def fit(
    workspace: Workspace,
    manifest: Manifest,
    drafted: dict[str, Any],
    task: Task,
    optimizer: dict[str, Any] | None = None,
    **settings: Any,
) -> Fitted:
    """Draft a plan and carry it out behind a progress bar that shows epsilon so far."""
    import training

    plan = training.draft(manifest.name, manifest.hash, optimizer=training.Optimizer(**(optimizer or {})), **drafted)
    with screen.Bars() as bars:

        def told(now: Progress) -> None:
            bars.reach("training", now.step, now.epsilon)

        def announced(found: training.Outlook) -> None:
            screen_training.outlook(found)
            bars.begin("training", plan.steps)

        return training.fit(plan, task, workspace, progress=told, announce=announced, **settings)


@commands.command(epilog="Example: cleartitle audit harbour-1-3f2a91c0")
def audit(
    run: Annotated[str, typer.Argument(help="A run's name, its beginning, or its folder.")],
    workspace: WorkspaceOption = HERE,
) -> None:
    """Check a run: its cost computed anew, ledger against card, what its canaries showed. Exit code 4 on an alarm."""
    import training

    found = training.audited(Workspace.open(workspace), run)
    screen_training.audited(found)
    if found.problems:
        raise typer.Exit(Refused.exit_code)


@commands.command(epilog="Example: cleartitle abandon harbour-1-3f2a91c0")
def abandon(
    run: Annotated[str, typer.Argument(help="An unfinished run's name, its beginning, or its folder.")],
    workspace: WorkspaceOption = HERE,
) -> None:
    """Give an interrupted run up: it stays charged, its secret and its checkpoint go, it never goes on."""
    import training

    opened = Workspace.open(workspace)
    row = training.abandon(opened, run)
    publish(opened)
    screen_training.abandoned(row)


@commands.command(epilog="Example: cleartitle budget --set 8 --delta 1e-5 --dataset harbour")
def budget(
    workspace: WorkspaceOption = HERE,
    dataset: Annotated[str | None, typer.Option(help="Data set; none: all.")] = None,
    epsilon: Annotated[float | None, typer.Option("--set", help="Set the budget that later runs must keep to.")] = None,
    delta: Annotated[float, typer.Option(help="Delta of the budget.")] = 1e-5,
    unit: Annotated[Unit, typer.Option(help="What the budget protects.")] = Unit.record,
    reason: Annotated[str, typer.Option(help="Why a budget that was set before is changed.")] = "",
    elsewhere: Annotated[
        str, typer.Option(help="State what was spent outside this workspace: words, or the spent.json of an export.")
    ] = "",
    people: Annotated[bool, typer.Option("--people", help="Also show who is exposed most, by pseudonym.")] = False,
) -> None:
    """Show what private training has spent, over all versions of a data set; set a budget."""
    import training
    from catalog.ledger import Ledger

    opened = Workspace.open(workspace)
    if (epsilon is not None or elsewhere) and dataset is None:
        raise UsageError("for which data set?", cure="Name one with --dataset.", place="budget")
    if epsilon is not None and dataset is not None:
        Ledger(opened.ledger).set_budget(dataset, unit.value, epsilon, delta, reason)
    if elsewhere and dataset is not None:
        _state(Ledger(opened.ledger), dataset, elsewhere)
    if epsilon is not None or elsewhere:
        publish(opened)
    screen_training.spending(training.budget(opened, dataset))
    if people:
        screen_training.people(training.people(opened))


@commands.command(epilog="Example: cleartitle predict workspace/models/harbour-1-... notes.txt photo.jpg")
def predict(
    model: Annotated[Path, typer.Argument(help="Folder of a private run.")],
    files: Annotated[
        list[Path], typer.Argument(help="Texts, one a line (for a table: numbers between commas), or pictures.")
    ],
    task: Annotated[str, typer.Option(help="Python file of a task of your own.")] = "",
) -> None:
    """Label texts, rows or pictures with a model that was trained here."""
    from training.prediction import Predictor

    predictor = Predictor.open(model, kind=_file_kind(task))
    for path in files:
        for place, prediction in predictor.file(path):
            print(f"{place}\t{prediction.label}\t{prediction.probability:.2f}")  # for programs: no wrapping


def _task(kind: str, classes: str, options: list[str]) -> Task:
    from training import tasks

    given: dict[str, Any] = {"classes": _words(classes)}
    for one in options:
        key, found, value = one.partition("=")
        if not found:
            raise UsageError(f"expected key=value, found {one!r}", place="train, --set")
        given[key.strip()] = _value(value)
    own = _file_kind(kind)
    return tasks.made(own, given) if own else tasks.named(kind, **given)


def _file_kind(kind: str) -> type[Task] | None:
    from training import tasks

    return tasks.read(Path(kind)) if kind.endswith(".py") else None


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def _value(text: str) -> Any:
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return tuple(value) if isinstance(value, list) else value


def _state(ledger: Any, dataset: str, told: str) -> None:
    path = Path(told)
    if told.endswith(".json"):
        ledger.take_over(dataset, path)
    else:
        ledger.state_elsewhere(dataset, told)
