"""Tasks: what a model is given, what it answers and what it is built of. One file each.

A task is a frozen dataclass of public constants. A new one is a class of twenty lines:
derive from `Task`, say how examples become a tensor and which model reads it.
"""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, ClassVar

from catalog.errors import FormatError, NotFound, UsageError

if TYPE_CHECKING:
    from random import Random

    from torch import Generator, Tensor, nn

    from training.data import Example


@dataclass(frozen=True, slots=True)
class Task:
    """Base of the tasks: classification by cross-entropy over stated classes."""

    kind: ClassVar[str]

    classes: tuple[str, ...]

    @property
    def views(self) -> int:
        """Augmented copies of each record in a step; their mean gradient is what is clipped."""
        return 1

    def encode(self, examples: Sequence[Example]) -> Tensor:
        """One row for each example, computed from that example alone."""
        raise NotImplementedError

    def model(self) -> nn.Module:
        """A fresh model; its layers must keep the rows of a batch apart."""
        raise NotImplementedError

    def augment(self, inputs: Tensor, generator: Generator) -> Tensor:
        """Vary rows at random while training; the default leaves them alone."""
        del generator
        return inputs

    def canary(self, draw: Random) -> Example:
        """A made-up example with a random label, for audits."""
        del draw
        raise UsageError(f"task {self.kind!r} makes no canaries", cure="Define canary, or leave the audit out.")

    def losses(self, model: Callable[[Tensor], Tensor], inputs: Tensor, targets: Tensor) -> Tensor:
        """One loss per row."""
        from torch.nn.functional import cross_entropy

        return cross_entropy(model(inputs), targets, reduction="none")

    def targets(self, examples: Sequence[Example]) -> Tensor:
        """The position of each label among the classes."""
        import torch

        place = {name: index for index, name in enumerate(self.classes)}
        return torch.tensor([place[example.label] for example in examples], dtype=torch.long)

    def to_json(self) -> dict[str, Any]:
        """The task as written beside a model."""
        return {"kind": self.kind, **asdict(self)}


def kinds() -> dict[str, type[Task]]:
    """All tasks of this folder by kind."""
    found: dict[str, type[Task]] = {}
    for info in pkgutil.iter_modules(__path__):
        found.update({value.kind: value for value in _of(importlib.import_module(f"{__name__}.{info.name}"))})
    return found


def _of(module: ModuleType) -> list[type[Task]]:
    values = vars(module).values()
    return [v for v in values if isinstance(v, type) and issubclass(v, Task) and v.__module__ == module.__name__]


def named(kind: str, **options: Any) -> Task:
    """A task by kind, with its options."""
    known = kinds()
    if kind not in known:
        raise UsageError(f"no task called {kind!r}; there are: {', '.join(sorted(known))}", place="task")
    return made(known[kind], options)


def made(kind: type[Task], options: dict[str, Any]) -> Task:
    """A task of a class, with its options."""
    try:
        return kind(**options)
    except TypeError as error:
        raise UsageError(f"task {kind.kind!r}: {error}", place="task") from error


def read(path: Path) -> type[Task]:
    """The task that a Python file of the user's defines."""
    spec = importlib.util.spec_from_file_location(f"cleartitle_task_{path.stem}", path)
    if not path.is_file() or spec is None or spec.loader is None:
        raise NotFound("there is no such file with a task", place=str(path))
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    found = _of(module)
    if len(found) != 1:
        raise UsageError(
            f"expected one class derived from training.Task, found {len(found)}",
            cure="See docs/how-to/train-within-a-budget.md.",
            place=str(path),
        )
    return found[0]


def from_json(found: dict[str, Any], kind: type[Task] | None = None) -> Task:
    """A task read back from beside a model; `kind` is the class of one that is not of this folder."""
    if "kind" not in found or "classes" not in found:
        raise FormatError("expected a task with kind and classes, found something else")
    options = {name: tuple(value) if isinstance(value, list) else value for name, value in found.items()}
    name = str(options.pop("kind"))
    if kind is None:
        return named(name, **options)
    if kind.kind != name:
        raise UsageError(f"the model was trained for task {name!r}, and this is {kind.kind!r}", place="task")
    return made(kind, options)
