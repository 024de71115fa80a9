"""Use a trained model: a run's folder and new examples in, labels out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from catalog.errors import FormatError, NotFound, UsageError
from training import evaluate, tasks
from training.data import Example

PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff")


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
    def open(cls, folder: Path | str, device: str = "cpu", kind: type[tasks.Task] | None = None) -> Predictor:
        """Read the model of a finished run from its folder; `kind` is the class of a task of your own."""
        from safetensors.torch import load_file

        folder = Path(folder)
        if not (folder / "model.safetensors").is_file():
            raise NotFound(
                "there is no finished model here (expected model.safetensors)",
                cure="Name a folder under the workspace's models; a run that was interrupted goes on with `train`.",
                place=str(folder),
            )
        task = _task(folder / "plan.json", kind)
        model = task.model()
        model.load_state_dict(load_file(folder / "model.safetensors"))
        return cls(task, model.to(device), torch.device(device))

    def __call__(self, examples: Sequence[Example]) -> list[Prediction]:
        if not examples:
            return []
        best, place = evaluate.scores(self.task, self.model, examples, self.device).softmax(1).max(1)
        pairs = zip(place.tolist(), best.tolist(), strict=True)
        return [Prediction(self.task.classes[index], probability) for index, probability in pairs]

    def file(self, path: Path) -> list[tuple[str, Prediction]]:
        """Label a picture, or each line of a text file, with the place of each."""
        is_picture = path.suffix.lower() in PICTURES
        kind = self.task.kind
        # What a task of somebody's own reads is its own matter.
        if kind in tasks.kinds() and is_picture != kind.startswith("image"):
            reads = "pictures" if kind.startswith("image") else "text"
            raise UsageError(f"the model's task {kind} reads {reads}, and this is not", place=str(path))
        if is_picture:
            from PIL import Image

            with Image.open(path) as picture:
                return [(str(path), found) for found in self([Example("0", "", image=picture.convert("RGB"))])]
        lines = [(place, line) for place, line in enumerate(_text(path).splitlines(), start=1) if line.strip()]
        found = self([Example(str(place), "", text=line) for place, line in lines])
        return [(f"{path}:{place}", one) for (place, _), one in zip(lines, found, strict=True)]


def predict(
    folder: Path | str, given: Iterable[Any], device: str = "cpu", kind: type[tasks.Task] | None = None
) -> list[Prediction]:
    """Label texts (strings), pictures (Pillow pictures or arrays) or whole examples with the model of a run."""
    examples = [_example(str(number), one) for number, one in enumerate(given)]
    return Predictor.open(folder, device, kind)(examples)


def _example(number: str, one: Any) -> Example:
    if isinstance(one, Example):
        return one
    return Example(number, "", text=one) if isinstance(one, str) else Example(number, "", image=one)


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise FormatError("expected UTF-8 text, or a picture by its ending", place=str(path)) from error


def _task(path: Path, kind: type[tasks.Task] | None) -> tasks.Task:
    try:
        return tasks.from_json(json.loads(path.read_text("utf-8"))["task"], kind)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise FormatError("expected a plan with its task (JSON), found something else", place=str(path)) from error
