"""Energy of a run, where a meter can be read; unknown, and said so, where none can."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch

RAPL = Path("/sys/class/powercap")
NO_METER = "no meter could be read"


@dataclass(frozen=True, slots=True)
class Energy:
    """Joules of the whole machine part that the meter covers, neighbours' work included."""

    joules: float | None
    method: str


class Meter:
    """Read once at the start of a run and once at its end."""

    def __init__(self, device: torch.device, rapl: Path = RAPL) -> None:
        self._device = device
        self._packages = sorted(rapl.glob("intel-rapl:[0-9]")) if rapl.is_dir() else []
        self._before = self._read()

    def stop(self) -> Energy:
        """What was used since the start."""
        after = self._read()
        if not after or after.keys() != self._before.keys():
            return Energy(None, NO_METER)
        joules = sum(self._difference(name, self._before[name], after[name]) for name in after)
        names = ", ".join(sorted({"NVML" if name == "gpu" else "RAPL (packages)" for name in after}))
        return Energy(round(joules, 1), f"{names}: everything that ran there meanwhile, not this run alone")

    def _difference(self, name: str, before: float, after: float) -> float:
        if after < before and name != "gpu":  # the counter started again
            after += _number(Path(name) / "max_energy_range_uj") or 0.0
        return after - before

    def _read(self) -> dict[str, float]:
        """Joules so far by meter."""
        found = {str(package): _number(package / "energy_uj") for package in self._packages}
        if self._device.type == "cuda":
            found["gpu"] = _gpu(self._device)
        return {name: value for name, value in found.items() if value is not None}


def _number(path: Path) -> float | None:
    try:
        return int(path.read_text()) / 1e6
    except (OSError, ValueError):  # often readable by root alone
        return None


def _gpu(device: torch.device) -> float | None:
    try:
        import pynvml  # type: ignore[import-not-found, unused-ignore]
    except ModuleNotFoundError:
        return None
    try:
        pynvml.nvmlInit()
        handle = pynvml.nvmlDeviceGetHandleByUUID(f"GPU-{torch.cuda.get_device_properties(device).uuid}")
        return float(pynvml.nvmlDeviceGetTotalEnergyConsumption(handle)) / 1000
    except pynvml.NVMLError:
        return None
