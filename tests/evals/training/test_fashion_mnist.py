from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

from training import accounting

# Measured: 89.75 % on average of seeds 1, 2 and 3 (89.67 to 89.87); the floor leaves room for
# other processors' rounding. Lower it only with a reason.
FLOOR = 0.894


@pytest.fixture(scope="module")
def measure():
    spec = importlib.util.spec_from_file_location("measure_training", Path(__file__).with_name("measure.py"))
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    if not module.FOLDER.is_dir():
        pytest.skip("Fashion-MNIST is not here: apt-get install dataset-fashion-mnist")
    return module


def test_scattering_and_a_linear_layer_keep_their_accuracy_at_epsilon_three(measure):
    recipe = measure.RECIPES["scattering"]
    assert 2.99 < accounting.cost(recipe.plan(60_000, 3.0, seed=1)).pld <= 3.0
    found = measure.accuracy(recipe, measure.encoded(recipe.task), 3.0, seed=1)
    assert found.of == 10_000
    assert found.share >= FLOOR
