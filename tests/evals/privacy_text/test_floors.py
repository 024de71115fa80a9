"""Quality has a floor: what was once found stays found."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="module")
def measure() -> Iterator[ModuleType]:
    name = "privacy_text_measure"
    spec = importlib.util.spec_from_file_location(name, Path(__file__).parent / "measure.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    if not module.SHARED.exists():
        pytest.skip("the labelled texts are not beside this checkout (../shared/data/pii)")
    yield module
    sys.modules.pop(name, None)


def test_the_floors_belong_to_these_labels(measure: ModuleType) -> None:
    assert measure.floors()["corpus"] == measure.fingerprint()


@pytest.mark.parametrize("mode", ["fast", "patterns"])
def test_no_figure_is_below_its_floor(measure: ModuleType, mode: str) -> None:
    floors = measure.floors()[mode]
    assert {one.name: one.value for one in measure.measure(mode) if one.value < floors[one.name]} == {}
