"""Logs of a run: public quantities alone, as CSV and, where asked for, TensorBoard events."""

from __future__ import annotations

import contextlib
import csv
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from catalog.errors import MissingExtra
from training.loop import Progress

COLUMNS = ("step", "steps", "epsilon", "seconds")


@contextlib.contextmanager
def logged(
    folder: Path, tensorboard: bool, progress: Callable[[Progress], None] | None
) -> Iterator[Callable[[Progress], None]]:
    """What writes progress at each mark, and passes all of it on."""
    path = folder / "training.csv"
    with _events(folder) if tensorboard else contextlib.nullcontext() as events:

        def log(now: Progress) -> None:
            if now.epsilon is not None:
                new = not path.exists()
                with path.open("a", newline="", encoding="utf-8") as handle:
                    writer = csv.writer(handle)
                    if new:
                        writer.writerow(COLUMNS)
                    writer.writerow((now.step, now.steps, now.epsilon, round(now.seconds, 3)))
                if events:
                    events.add_scalar("privacy/epsilon", now.epsilon, now.step)
                    events.add_scalar("time/seconds", now.seconds, now.step)
            if progress:
                progress(now)

        yield log


def require_tensorboard() -> None:
    """Say what is missing before anything is charged."""
    _writer()


@contextlib.contextmanager
def _events(folder: Path) -> Iterator[Any]:
    where = folder / "events"
    try:
        with _writer()(logdir=str(where)) as events:
            yield events
    finally:
        for path in where.iterdir():  # the package puts the machine's name behind the time: it is nobody's business
            path.rename(where / ".".join(path.name.split(".")[:4]))


def _writer() -> Any:
    try:
        from tensorboardX import SummaryWriter
    except ModuleNotFoundError as error:
        raise MissingExtra(
            "event files are written by the package tensorboardX, which is not installed",
            cure='Install it: pip install "cleartitle[tensorboard]"; training.csv holds the same figures without it.',
        ) from error
    return SummaryWriter
