"""Tasks: what a model is given, what it answers and what it is built of. One file each.

A task is a frozen dataclass of public constants. A new one is a class of twenty lines:
derive from `Task`, say how examples become a tensor and which model reads it.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from catalog.errors import FormatError, UsageError

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
        module = importlib.import_module(f"{__name__}.{info.name}")
        for value in vars(module).values():
            if isinstance(value, type) and issubclass(value, Task) and value.__module__ == module.__name__:
                found[value.kind] = value
    return found


def named(kind: str, **options: Any) -> Task:
    """A task by kind, with its options."""
    known = kinds()
    if kind not in known:
        raise UsageError(f"no task called {kind!r}; there are: {', '.join(sorted(known))}", place="task")
    try:
        return known[kind](**options)
    except TypeError as error:
        raise UsageError(f"task {kind!r}: {error}", place="task") from error


def from_json(found: dict[str, Any]) -> Task:
    """A task read back from beside a model."""
    if "kind" not in found or "classes" not in found:
        raise FormatError("expected a task with kind and classes, found something else")
    options = {name: tuple(value) if isinstance(value, list) else value for name, value in found.items()}
    return named(str(options.pop("kind")), **options)
