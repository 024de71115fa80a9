"""The `local` executor: worker processes on this machine, one task at a time each.

Workers are fresh interpreters (never forks: models and threads do not survive one), so a
script that calls `curation.run` needs no `__main__` guard. A worker that is killed is
replaced and its task given again; the parent's death ends the workers, since their pipe closes.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any, Generic, TypeVar

from catalog.errors import CleartitleError, WorkerDied

Job = TypeVar("Job")
Task = TypeVar("Task")
Result = TypeVar("Result")

TRIES = 3


@dataclass(slots=True)
class _Worker(Generic[Task]):
    process: subprocess.Popen[bytes]
    pipe: Connection
    task: Task | None = None
    tries: int = 0


class LocalExecutor(Generic[Job]):
    """Runs `function(job, task)` for every task; use it as a context manager.

    `job` is sent to each worker once. With `workers=0` everything runs in this process.
    """

    def __init__(self, job: Job, workers: int) -> None:
        self._job = job
        self._count = workers
        self._workers: list[_Worker[Any]] = []

    def __enter__(self) -> LocalExecutor[Job]:
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._workers:
            worker.pipe.close()
        for worker in self._workers:
            try:
                worker.process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                worker.process.kill()
                worker.process.wait()
        self._workers = []

    def map(self, function: Callable[[Job, Task], Result], tasks: Iterable[Task]) -> Iterator[Result]:
        """Results as they come, in no order. Tasks are drawn only as fast as workers take them."""
        if not self._count:
            yield from (function(self._job, task) for task in tasks)
            return
        while len(self._workers) < self._count:
            self._workers.append(self._start())
        pending: deque[tuple[Any, int]] = deque()  # tasks of dead workers, with their tries
        source: Iterator[Any] = iter(tasks)
        exhausted = False
        while True:
            for worker in self._workers:
                if worker.task is None:
                    task, tries, exhausted = _next(source, pending, exhausted)
                    if task is not None:
                        self._give(worker, function, task, tries)
            busy = [worker for worker in self._workers if worker.task is not None]
            if not busy:
                return
            yield from self._collect(busy, pending)

    def _collect(self, busy: list[_Worker[Any]], pending: deque[tuple[Any, int]]) -> Iterator[Any]:
        ready = set(wait([worker.pipe for worker in busy]))
        for worker in busy:
            if worker.pipe not in ready:
                continue
            try:
                result, error = worker.pipe.recv()
            except (EOFError, OSError):
                pending.append(self._replace(worker))
                continue
            worker.task = None
            if error is not None:
                raise error
            yield result

    def _give(self, worker: _Worker[Any], function: Callable[..., Any], task: Any, tries: int) -> None:
        worker.task, worker.tries = task, tries
        try:
            worker.pipe.send((function, task))
        except (BrokenPipeError, OSError):
            return  # it died idle: its pipe reads as closed, and `_collect` gives the task again

    def _replace(self, worker: _Worker[Any]) -> tuple[Any, int]:
        """Put a new worker in the place of a dead one; the task it had, and how often it was tried."""
        worker.pipe.close()
        status = worker.process.wait()
        task, tries = worker.task, worker.tries + 1
        if tries >= TRIES:
            raise WorkerDied(
                f"worker processes died {TRIES} times on {task} (last exit status {status})",
                cure="Often memory: try fewer --workers or a smaller run.batch; what was done is kept.",
            )
        self._workers[self._workers.index(worker)] = self._start()
        return task, tries

    def _start(self) -> _Worker[Any]:
        ours, theirs = socket.socketpair()
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path or os.curdir for path in sys.path)}
        environment.setdefault("OMP_NUM_THREADS", "1")  # one worker a core: more threads only fight
        process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-c", f"from curation.executors.local import serve; serve({theirs.fileno()})"],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            env=environment,
        )
        theirs.close()
        pipe = Connection(ours.detach())
        pipe.send(self._job)
        return _Worker(process, pipe)


def _next(source: Iterator[Any], pending: deque[tuple[Any, int]], exhausted: bool) -> tuple[Any, int, bool]:
    if pending:
        task, tries = pending.popleft()
        return task, tries, exhausted
    if exhausted:
        return None, 0, True
    task_or_end = next(source, None)
    return task_or_end, 0, task_or_end is None


def serve(handle: int) -> None:
    """A worker's whole life: the job once, then tasks until the pipe closes."""
    pipe = Connection(handle)
    try:
        job = pipe.recv()
        while True:
            function, task = pipe.recv()
            answer: tuple[Any, CleartitleError | None]
            try:
                answer = (function(job, task), None)
            except CleartitleError as error:
                answer = (None, error)
            except Exception as error:  # noqa: BLE001 - the parent raises it
                answer = (None, _without_content(error))
            pipe.send(answer)
    except (EOFError, OSError, KeyboardInterrupt):
        return


def _without_content(error: Exception) -> CleartitleError:
    """Where and what kind: an exception's own message may quote the record it stumbled over."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{Path(place.filename).name}:{place.lineno}, in {place.name}"
    return CleartitleError(f"{type(error).__name__} in a worker ({where})", cure="Please report this: it is a bug.")
