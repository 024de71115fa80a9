"""Pictures are decoded in a child process with a time limit and a memory limit, one per process of ours.

A file that hangs, eats memory or crashes a decoder costs its child, which is replaced; the
file is held with a reason and the run goes on. Models load once per child.
"""

from __future__ import annotations

import atexit
import os
import selectors
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict

from catalog import errors
from catalog.values import Region
from privacy.pictures import child
from privacy.pictures.values import ImageOptions, ImageRedaction, ImageScan, Mode

_lock = threading.Lock()
_guards: dict[tuple[int, int], _Guard] = {}  # by process and memory limit: a fork gets its own child


def guarded_scan(data: bytes, mode: Mode, options: ImageOptions) -> ImageScan:
    """`scan_image`, in the child."""
    head, _ = _ask(_request("scan", mode, None, options), data, options)
    return ImageScan(head["failed"], None) if "failed" in head else child.scan_from_head(head)


def guarded_redact(data: bytes, mode: Mode, regions: Sequence[Region] | None, options: ImageOptions) -> ImageRedaction:
    """`redact_image`, in the child."""
    head, blob = _ask(_request("redact", mode, regions, options), data, options)
    if "failed" in head:
        return ImageRedaction(None, None, (), (), held=head["failed"])
    return child.redaction_from_head(head, blob)


def _request(call: str, mode: Mode, regions: Sequence[Region] | None, options: ImageOptions) -> child.Head:
    return {
        "call": call,
        "mode": mode,
        "regions": child.regions_as_lists(regions),
        "options": asdict(options),
    }


def _ask(head: child.Head, data: bytes, options: ImageOptions) -> tuple[child.Head, bytes]:
    if len(data) > options.limits.bytes:
        return {"failed": "image-too-large"}, b""
    with _lock:
        key = os.getpid(), options.limits.memory
        guard = _guards.get(key)
        if guard is None or not guard.alive():
            guard = _guards[key] = _Guard(options.limits.memory)
        answer, blob = guard.ask(child.pack(head, data), options.limits.seconds)
    if "error" in answer:
        kind = getattr(errors, answer["error"], errors.CleartitleError)
        raise kind(answer["problem"], cure=answer["cure"], place=answer["place"])
    return answer, blob


class _Guard:
    """A running child."""

    def __init__(self, memory: int) -> None:
        path = os.pathsep.join(entry or os.curdir for entry in sys.path)
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter, our own module
            [sys.executable, "-m", child.__name__, str(memory)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # decoders may quote the file
            env=os.environ | {"PYTHONPATH": path, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
            bufsize=0,
        )
        atexit.register(self.close)

    def alive(self) -> bool:
        return self._process.poll() is None

    def ask(self, message: bytes, seconds: float) -> tuple[child.Head, bytes]:
        """Send a request, wait for the answer; a child that is late or gone is closed."""
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:  # pragma: no cover - both are pipes
            return {"failed": "crashed"}, b""
        deadline = time.monotonic() + seconds
        try:
            view = memoryview(message)
            while view:
                view = view[stdin.write(view) :]
            return child.unpack(lambda size: _read(stdout.fileno(), size, deadline))
        except TimeoutError:
            self.close()
            return {"failed": "over-time"}, b""
        except (OSError, EOFError, ValueError):
            self.close()
            return {"failed": "crashed"}, b""

    def close(self) -> None:
        atexit.unregister(self.close)
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()


def _read(descriptor: int, size: int, deadline: float) -> bytes:
    parts: list[bytes] = []
    with selectors.DefaultSelector() as selector:
        selector.register(descriptor, selectors.EVENT_READ)
        while size:
            if not selector.select(max(0.0, deadline - time.monotonic())):
                raise TimeoutError
            part = os.read(descriptor, min(size, 2**20))
            if not part:
                break
            parts.append(part)
            size -= len(part)
    return b"".join(parts)
