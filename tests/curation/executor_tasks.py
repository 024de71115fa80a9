"""What the workers of test_local_executor.py run."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from catalog.errors import RecipeError


def double(job: int, task: int) -> int:
    return job * task


def die_once(folder: str, task: int) -> int:
    """Kill the own process on the first try at task 3."""
    mark = Path(folder) / "died"
    if task == 3 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return task


def die_always(_job: object, task: int) -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    return task


def fail(kind: str, task: str) -> str:
    if kind == "ours":
        raise RecipeError("expected a thing", cure="Mend it.", place="there")
    raise ValueError(task)
