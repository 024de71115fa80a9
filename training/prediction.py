"""Use a trained model: a run's folder and new examples in, labels out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from catalog.errors import FormatError, NotFound
from training import evaluate, tasks
from training.data import Example


@dataclass(frozen=True, slots=True)
class Prediction:
    """The most probable class of one example."""

    label: str
    probability: float


@dataclass(frozen=True, slots=True)
class Predictor:
    """A model that was read back once, for any number of calls."""

    task: tasks.Task
    model: torch.nn.Module
    device: torch.device

    @classmethod
    def open(cls, folder: Path | str, device: str = "cpu") -> Predictor:
        """Read the model of a finished run from its folder."""
        from safetensors.torch import load_file

        folder = Path(folder)
        if not (folder / "model.safetensors").is_file():
            raise NotFound(
                "there is no finished model here (expected model.safetensors)",
                cure="Name a folder under the workspace's models; a run that was interrupted goes on with `train`.",
                place=str(folder),
            )
        task = _task(folder / "plan.json")
        model = task.model()
        model.load_state_dict(load_file(folder / "model.safetensors"))
        return cls(task, model.to(device), torch.device(device))

    def __call__(self, examples: Sequence[Example]) -> list[Prediction]:
        if not examples:
            return []
        best, place = evaluate.scores(self.task, self.model, examples, self.device).softmax(1).max(1)
        pairs = zip(place.tolist(), best.tolist(), strict=True)
        return [Prediction(self.task.classes[index], probability) for index, probability in pairs]


def predict(folder: Path | str, given: Iterable[Any], device: str = "cpu") -> list[Prediction]:
    """Label texts (strings) or pictures (Pillow pictures or arrays) with the model of a run."""
    examples = [
        Example(str(number), "", text=one) if isinstance(one, str) else Example(str(number), "", image=one)
        for number, one in enumerate(given)
    ]
    return Predictor.open(folder, device)(examples)


def _task(path: Path) -> tasks.Task:
    try:
        return tasks.from_json(json.loads(path.read_text("utf-8"))["task"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise FormatError("expected a plan with its task (JSON), found something else", place=str(path)) from error
