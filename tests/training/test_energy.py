from __future__ import annotations

import pytest
import torch

from training.energy import NO_METER, Energy, Meter

CPU = torch.device("cpu")


@pytest.fixture
def rapl(tmp_path):
    for number in range(2):
        package = tmp_path / f"intel-rapl:{number}"
        package.mkdir()
        (package / "energy_uj").write_text("5000000\n")
        (package / "max_energy_range_uj").write_text("9000000\n")
        (tmp_path / f"intel-rapl:{number}:0").mkdir()  # a part of a package, not another one
    return tmp_path


def test_packages_add_up(rapl):
    meter = Meter(CPU, rapl)
    for number, after in enumerate(("7000000", "8500000")):
        (rapl / f"intel-rapl:{number}" / "energy_uj").write_text(after)
    found = meter.stop()
    assert found.joules == pytest.approx(5.5)
    assert found.method.startswith("RAPL (packages): everything that ran there")


def test_a_counter_that_started_again_is_taken_for_that(rapl):
    meter = Meter(CPU, rapl)
    (rapl / "intel-rapl:0" / "energy_uj").write_text("1000000")
    assert meter.stop().joules == pytest.approx(1 + 9 - 5)


def test_without_a_meter_energy_is_unknown_and_not_zero(tmp_path):
    assert Meter(CPU, tmp_path / "none").stop() == Energy(None, NO_METER)


def test_a_meter_that_stops_answering_makes_energy_unknown(rapl):
    meter = Meter(CPU, rapl)
    (rapl / "intel-rapl:1" / "energy_uj").unlink()
    assert meter.stop() == Energy(None, NO_METER)
