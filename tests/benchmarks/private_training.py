"""Private training beside plain SGD at the same physical batch, and the time that accounting takes.

    OMP_NUM_THREADS=1 PYTHONPATH=. python tests/benchmarks/private_training.py --device cpu

Time is of the process (wall time on a GPU), the best of several rounds that alternate between the
two, so that a busy machine disturbs both alike. Memory is the growth of the process at its peak over
what it had with data and model loaded, each way in a process of its own. Nothing is asserted here.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import opacus.grad_sample  # noqa: F401 - loaded before memory is measured, not in the middle of it
import torch
from torch import Tensor, nn

from training import accounting, loop, streams, tasks
from training.gradients import Clipper
from training.plan import Plan
from training.tasks import Task

ROUNDS = 5
MODELS: dict[str, tuple[Callable[[], Task], Callable[[int], Tensor], int]] = {
    "transformer, 2 layers": (
        lambda: tasks.named("text-transformer", classes=("a", "b")),
        lambda count: torch.randint(1, 10_000, (count, 64), dtype=torch.int32),
        256,
    ),
    "hashed text, linear": (
        lambda: tasks.named("text", classes=("a", "b")),
        lambda count: torch.randint(0, 4096, (count, 256), dtype=torch.int32),
        512,
    ),
    "scattering, linear": (
        lambda: tasks.named("image-scattering", classes=tuple("0123456789")),
        lambda count: torch.randn(count, 3969).half(),
        2048,
    ),
    "small CNN": (
        lambda: tasks.named("image-cnn", classes=tuple("0123456789")),
        lambda count: torch.randint(0, 256, (count, 1, 28, 28), dtype=torch.uint8),
        256,
    ),
}
GPU_ONLY: dict[str, tuple[Callable[[], Task], Callable[[int], Tensor], int]] = {
    "WRN-16-4": (
        lambda: tasks.named("image-wide-resnet", classes=tuple("0123456789"), augmentations=1),
        lambda count: torch.randint(0, 256, (count, 3, 32, 32), dtype=torch.uint8),
        256,
    ),
}
PLAN = Plan("made@1", "0" * 64, "measure", 0.1, 10, noise_multiplier=1.0, delta=1e-5, divisor=256.0)


class Bench:
    """One model with one batch, and a step of each kind."""

    def __init__(self, name: str, device: torch.device, mixed: bool = False) -> None:
        make, rows, count = {**MODELS, **GPU_ONLY}[name]
        self.device, self.count = device, count
        self.task = make()
        self.inputs = rows(count).to(device)
        self.targets = torch.randint(len(self.task.classes), (count,)).to(device)
        self.state = loop.start(PLAN, self.task, loop.Machine(device, count))
        self.clipper = Clipper(self.state.model, self.task.losses, 1.0, 1, mixed)
        self.real = torch.ones(count, dtype=torch.bool, device=device)
        self.draws = streams.Streams.fixed(1)

    def plain(self) -> None:
        """Forward, backward, step."""
        model: nn.Module = self.state.model
        loss = self.task.losses(model, self.inputs, self.targets).mean()
        loop._apply(PLAN, self.state, self.clipper, list(torch.autograd.grad(loss, self.clipper.parameters)))

    def clipped(self) -> list[Tensor]:
        """The clipped sum alone."""
        return self.clipper(self.inputs, self.targets, self.real)

    def private(self) -> None:
        """A whole private step of one physical batch, noise and all."""
        noisy = loop._noisy(PLAN, self.draws, self.state.step, self.clipped())
        loop._apply(PLAN, self.state, self.clipper, noisy)

    def seconds(self, step: Callable[[], object]) -> float:
        """Time of one step."""
        clock = time.perf_counter if self.device.type == "cuda" else time.process_time
        began = clock()
        step()
        if self.device.type == "cuda":
            torch.cuda.synchronize()
        return clock() - began


def growth(name: str, way: str, device: str) -> float:
    """MiB at the peak over what there was before the first step, in this process."""
    bench = Bench(name, torch.device(device))
    if device.startswith("cuda"):
        torch.cuda.reset_peak_memory_stats()
        before = torch.cuda.memory_allocated()
        getattr(bench, way)()
        return (torch.cuda.max_memory_allocated() - before) / 2**20
    Path("/proc/self/clear_refs").write_text("5")  # forget the peak of the imports
    before = _status("VmRSS")
    getattr(bench, way)()
    print(f"peak of the whole process, {name}, {way}: {_status('VmHWM') / 1024:.0f} MiB", file=sys.stderr)
    return (_status("VmHWM") - before) / 1024


def _status(field: str) -> int:
    """KiB of this process, as Linux tells."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith(field)))


def accountants() -> None:
    """Time of each accounting figure, each asked for the first time."""
    for rate, noise, steps in ((0.0341, 2.15, 1000), (0.0085, 1.23, 1000), (0.0043, 0.6, 1000)):
        began = time.process_time()
        epsilon = accounting.spent(rate, noise, steps, 1e-5)
        taken = time.process_time() - began
        print(f"PLD of 1,000 steps at rate {rate}, noise {noise}: epsilon {epsilon:.3f} in {taken:.2f} CPU s")
    began = time.process_time()
    accounting.calibrate(3.0, 1e-5, 0.0341, 1000)
    print(f"calibrating the noise of 1,000 steps: {time.process_time() - began:.2f} CPU s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--growth", nargs=2, metavar=("MODEL", "WAY"), help="of one process; used by the benchmark")
    given = parser.parse_args()
    torch.set_num_threads(1)
    if given.growth:
        print(growth(*given.growth, given.device))
        return
    accounting.spent(0.5, 2.0, 2, 1e-5)  # imports
    accountants()
    print(
        f"{'model':24}{'batch':>6}{'plain s':>9}{'clipped':>9}{'private':>9}{'mixed':>7}{'memory':>8}  rows/s private"
    )
    for name in [*MODELS, *(GPU_ONLY if given.device.startswith("cuda") else ())]:
        bench, mixed = Bench(name, torch.device(given.device)), Bench(name, torch.device(given.device), mixed=True)
        ways = {"plain": bench.plain, "clipped": bench.clipped, "private": bench.private, "mixed": mixed.private}
        best = dict.fromkeys(ways, float("inf"))
        for _ in range(ROUNDS + 1):
            for way, step in ways.items():
                best[way] = min(best[way], bench.seconds(step))
        again = [sys.executable, __file__, "--device", given.device, "--growth", name]
        plain, private = (float(subprocess.check_output([*again, way])) for way in ("plain", "private"))
        ratios = [best[way] / best["plain"] for way in ("clipped", "private", "mixed")]
        print(
            f"{name:24}{bench.count:6}{best['plain']:9.3f}{ratios[0]:8.2f}x{ratios[1]:8.2f}x{ratios[2]:6.2f}x"
            f"{private / max(plain, 1):7.2f}x  {bench.count / best['private']:.0f}"
        )


if __name__ == "__main__":
    main()
