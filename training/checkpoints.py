"""Checkpoints: everything a step changes, written in one piece. The secret is not in them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import torch

from catalog.errors import FormatError
from catalog.workspace import write_atomically

if TYPE_CHECKING:
    from training.loop import State

FORMAT = 2


def save(path: Path, state: State) -> None:
    """Write a checkpoint in place of the last one."""
    content = {
        "format": FORMAT,
        "step": state.step,
        "physical": state.physical,
        "model": state.model.state_dict(),
        "optimizer": state.optimizer.state_dict(),
        "average": state.average,
        "scores": state.scores,
        "seconds": state.seconds,
    }
    write_atomically(path, lambda part: torch.save(content, part))


def load(path: Path, state: State) -> bool:
    """Put a checkpoint's content into `state`; false where there is none yet."""
    if not path.exists():
        return False
    device = next(state.model.parameters()).device
    found = torch.load(path, map_location=device, weights_only=True)
    if found.get("format") != FORMAT:
        raise FormatError(f"expected a checkpoint of format {FORMAT}, found {found.get('format')}", place=str(path))
    state.model.load_state_dict(found["model"])
    state.optimizer.load_state_dict(found["optimizer"])
    state.average, state.scores = found["average"], found["scores"]
    state.step, state.physical, state.seconds = found["step"], found["physical"], found["seconds"]
    return True
