"""How many rows to compute at once: an estimate of memory, made before anything is charged."""

from __future__ import annotations

import weakref
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_map_only

from catalog.errors import Unavailable
from training.gradients import Clipper

if TYPE_CHECKING:
    from training.plan import Plan
    from training.tasks import Task

SHARE = 0.5  # of the free memory: the rest is for the allocator's gaps and for neighbours
# More rows at once bring nothing: on a CPU they leave the cache (measured), on a GPU it is full.
MOST = {"cpu": 256, "cuda": 4096}
_NOISE = 48  # bytes a weight while noise is drawn: doubles and their halves


@dataclass(frozen=True, slots=True)
class Footprint:
    """Bytes that a step takes, whatever the batch, and for each unit computed at once."""

    fixed: int
    per_unit: int

    def of(self, units: int) -> int:
        """Bytes with so many units at once."""
        return self.fixed + units * self.per_unit


def footprint(task: Task, rows: Tensor, slots: int) -> Footprint:
    """Measured on two small batches of made-up rows in the shape of `rows`, on the CPU."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = task.model()
        weights = sum(parameter.numel() for parameter in model.parameters())
        small, large = (_peak(Clipper(model, task.losses, 1.0, slots), rows, units * slots) for units in (2, 6))
    per_unit = max(1, (large - small) // 4)
    return Footprint(max(0, small - 2 * per_unit) + weights * (_NOISE + 8), per_unit)


def physical_batch(found: Footprint, plan: Plan, slots: int, device: torch.device) -> int:
    """Rows to compute at once: a power of two units, within the free memory and the expected draw."""
    free = int(available(device) * SHARE)
    fitting = (free - found.fixed) // found.per_unit
    if fitting < 1:
        raise Unavailable(
            f"a step needs about {found.of(1) >> 20} MiB for a single unit, and {free >> 20} MiB may be used",
            cure="Take a smaller model, fewer records_per_unit, or a machine with more memory.",
            place=f"task on {device}",
        )
    units = min(fitting, max(1, MOST.get(device.type, MOST["cuda"]) // slots), max(1, round(plan.divisor)))
    return slots * int(2 ** (int(units).bit_length() - 1))


def available(device: torch.device) -> int:
    """Bytes that are free on a device."""
    if device.type == "cuda":
        return int(torch.cuda.mem_get_info(device)[0])
    import psutil

    return min(int(psutil.virtual_memory().available), *_container())


def _container(folder: Path = Path("/sys/fs/cgroup")) -> list[int]:
    """What a container's limit leaves, where there is one."""
    try:
        limit, used = ((folder / name).read_text().strip() for name in ("memory.max", "memory.current"))
        return [max(0, int(limit) - int(used))]
    except (OSError, ValueError):  # no such files, or the word max: no limit
        return [2**62]


def _peak(clipper: Clipper, rows: Tensor, count: int) -> int:
    from training.selftest import made_up

    inputs = made_up(rows, count)
    targets = torch.zeros(count, dtype=torch.long)
    with _Watch() as watch:
        clipper(inputs, targets, torch.ones(count, dtype=torch.bool))
    most: int = watch.most
    return most


class _Watch(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Counts the bytes of the tensors that are alive, and the most there were."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.now = self.most = 0
        self._alive: set[int] = set()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        del types
        result = func(*args, **(kwargs or {}))
        tree_map_only(Tensor, self._seen, result)
        return result

    def _seen(self, tensor: Tensor) -> None:
        storage = tensor.untyped_storage()
        key = storage._cdata
        if key not in self._alive:
            self._alive.add(key)
            self.now += storage.nbytes()
            self.most = max(self.most, self.now)
            weakref.finalize(storage, self._gone, key, storage.nbytes())

    def _gone(self, key: int, size: int) -> None:
        self._alive.discard(key)
        self.now -= size
