from __future__ import annotations

import pytest
import torch
from torch import nn

from catalog.errors import UsageError
from training.gradients import Clipper
from training.tasks.cnn import SmallCnn
from training.tasks.text import HashedText
from training.tasks.transformer import SmallTransformer
from training.tasks.wide_resnet import WideResNet


def losses(model, inputs, targets):
    return nn.functional.cross_entropy(model(inputs), targets, reduction="none")


def by_hand(model, inputs, targets, clip, slots=1, real=None):
    """Clipped sum by a loop of plain autograd, one record at a time."""
    parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
    real = torch.ones(len(inputs), dtype=torch.bool) if real is None else real
    total = [torch.zeros_like(parameter) for parameter in parameters]
    for start in range(0, len(inputs), slots):
        rows = [row for row in range(start, start + slots) if real[row]]
        if not rows:
            continue
        each = [losses(model, inputs[row : row + 1], targets[row : row + 1]).sum() for row in rows]
        gradient = torch.autograd.grad(torch.stack(each).mean(), parameters)
        norm = torch.stack([part.square().sum() for part in gradient]).sum().sqrt()
        factor = min(1.0, clip / float(norm))
        for whole, part in zip(total, gradient, strict=True):
            whole += factor * part
    return total


def assert_same(found, expected):
    for one, other in zip(found, expected, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-3, atol=1e-5)


class Scaled(nn.Module):
    """A weight that belongs to no layer Opacus knows."""

    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(6))
        self.layer = nn.Linear(6, 3)

    def forward(self, rows):
        return self.layer(rows * self.scale)


class Tied(nn.Module):
    def __init__(self):
        super().__init__()
        self.one, self.out = nn.Linear(6, 6), nn.Linear(6, 3)
        self.two = nn.Linear(6, 6)
        self.two.weight = self.one.weight

    def forward(self, rows):
        return self.out(torch.tanh(self.two(torch.tanh(self.one(rows)))))


class Twice(nn.Module):
    def __init__(self):
        super().__init__()
        self.one, self.out = nn.Linear(6, 6), nn.Linear(6, 3)

    def forward(self, rows):
        return self.out(torch.tanh(self.one(torch.tanh(self.one(rows)))))


CLASSES = ("a", "b", "c")
MODELS = {
    "linear": (lambda: nn.Linear(6, 3), (6,), "layers"),
    "hashed text": (HashedText(CLASSES, buckets=16, hidden=5, tokens=4).model, "tokens", "layers"),
    "cnn": (SmallCnn(CLASSES, size=20).model, "bytes 1 20", "layers"),
    "wide resnet": (WideResNet(CLASSES, size=16, depth=10, width=1).model, "bytes 3 16", "layers"),
    "transformer": (SmallTransformer(CLASSES, buckets=20, tokens=6, width=8, heads=2).model, "words", "layers"),
    "rows squared cost more than weights": (
        lambda: nn.Sequential(nn.Linear(2, 3), nn.Flatten(), nn.Linear(27, 3)),
        (9, 2),
        "layers",
    ),
    "a weight outside the layers": (Scaled, (6,), "vmap"),
    "tied weights": (Tied, (6,), "vmap"),
}


def rows(shape, count):
    if shape == "tokens":
        return torch.randint(-1, 16, (count, 8)).int()
    if shape == "words":
        return torch.randint(0, 20, (count, 6)).int()
    if isinstance(shape, str):
        _, channels, size = shape.split()
        return torch.randint(0, 256, (count, int(channels), int(size), int(size))).to(torch.uint8)
    return torch.randn(count, *shape)


@pytest.mark.parametrize("slots", [1, 3])
@pytest.mark.parametrize("clip", [0.05, 1e3])
@pytest.mark.parametrize("name", MODELS)
def test_the_clipped_sum_is_that_of_a_plain_loop(name, clip, slots):
    make, shape, method = MODELS[name]
    torch.manual_seed(3)
    model, inputs, targets = make(), rows(shape, 6), torch.randint(0, 3, (6,))
    clipper = Clipper(model, losses, clip, slots)
    assert clipper.method == method
    found = clipper(inputs, targets, torch.ones(6, dtype=torch.bool))
    assert_same(found, by_hand(model, inputs, targets, clip, slots))


@pytest.mark.parametrize("name", ["linear", "transformer", "a weight outside the layers"])
def test_padding_counts_for_nothing_and_units_may_be_partly_padded(name):
    make, shape, _ = MODELS[name]
    torch.manual_seed(3)
    model, inputs, targets = make(), rows(shape, 6), torch.randint(0, 3, (6,))
    real = torch.tensor([True, False, False, False, True, True])
    found = Clipper(model, losses, 0.05, 2)(inputs, targets, real)
    assert_same(found, by_hand(model, inputs, targets, 0.05, 2, real))


@pytest.mark.parametrize("name", ["linear", "a weight outside the layers", "rows squared cost more than weights"])
@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_record_whose_gradient_is_not_finite_counts_as_zero(name, value):
    make, shape, _ = MODELS[name]
    torch.manual_seed(3)
    model, inputs, targets = make(), rows(shape, 4), torch.randint(0, 3, (4,))
    inputs[1].flatten()[0] = value
    real = torch.tensor([True, False, True, True])
    found = Clipper(model, losses, 0.05)(inputs, targets, torch.ones(4, dtype=torch.bool))
    assert_same(found, by_hand(model, inputs, targets, 0.05, real=real))


def test_no_unit_adds_more_than_the_clip_norm():
    torch.manual_seed(3)
    model = nn.Linear(6, 3)
    clipper = Clipper(model, losses, 0.1)
    for scale in (1e-3, 1.0, 1e6):
        found = clipper(scale * torch.randn(1, 6), torch.tensor([0]), torch.ones(1, dtype=torch.bool))
        assert float(torch.stack([part.square().sum() for part in found]).sum().sqrt()) <= 0.1


class Cancelling(nn.Module):
    """Two large rows whose gradients nearly cancel: a ghost norm by differences alone would miss it."""

    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(64, 64, bias=False)

    def forward(self, rows):
        made = self.layer(rows)
        return made[:, 0] - made[:, 1] + 0.0 * made[:, 2:].sum(1)


@pytest.mark.parametrize("difference", [1e-3, 1.0, 30.0])
def test_rows_that_cancel_do_not_slip_past_the_clip_norm(difference):
    torch.manual_seed(3)
    one = 1e4 * torch.randn(64)
    inputs = torch.stack([one, one + difference * torch.randn(64)])[None]
    found = Clipper(Cancelling(), losses, 0.1)(inputs, torch.tensor([0]), torch.ones(1, dtype=torch.bool))
    assert float(found[0].norm()) <= 0.1


def test_frozen_weights_are_left_out():
    model = nn.Sequential(nn.Linear(6, 4), nn.Linear(4, 3))
    model[0].requires_grad_(False)
    found = Clipper(model, losses, 1.0)(torch.randn(2, 6), torch.tensor([0, 1]), torch.ones(2, dtype=torch.bool))
    assert [tuple(part.shape) for part in found] == [(3, 4), (3,)]


def test_batch_normalisation_is_refused_with_what_to_take_instead():
    with pytest.raises(UsageError, match="Use GroupNorm or LayerNorm"):
        Clipper(nn.Sequential(nn.Linear(6, 3), nn.BatchNorm1d(3)), losses, 1.0)


def test_a_layer_that_runs_twice_is_refused():
    with pytest.raises(UsageError, match="runs more than once"):
        Clipper(Twice(), losses, 1.0)(torch.randn(2, 6), torch.tensor([0, 1]), torch.ones(2, dtype=torch.bool))


def test_the_model_keeps_nothing_of_a_batch():
    model = nn.Linear(6, 3)
    Clipper(model, losses, 1.0)(torch.randn(2, 6), torch.tensor([0, 1]), torch.ones(2, dtype=torch.bool))
    assert all(parameter.grad is None for parameter in model.parameters())
    assert not model._forward_hooks
    assert set(vars(model.weight)) == set()


@pytest.mark.parametrize("slots", [1, 3])
@pytest.mark.parametrize("name", MODELS)
def test_in_mixed_precision_no_unit_adds_more_than_the_clip_and_the_direction_stays(name, slots):
    make, shape, _ = MODELS[name]
    torch.manual_seed(3)
    model, inputs, targets = make(), rows(shape, 6), torch.randint(0, 3, (6,))
    for start in range(0, 6, slots):
        real = torch.zeros(6, dtype=torch.bool)
        real[start : start + slots] = True
        found = torch.cat([p.flatten() for p in Clipper(model, losses, 1e-3, slots, True)(inputs, targets, real)])
        full = torch.cat([p.flatten() for p in Clipper(model, losses, 1e-3, slots)(inputs, targets, real)])
        assert found.dtype == torch.float32
        assert float(found.norm()) <= 1e-3
        assert float(nn.functional.cosine_similarity(found, full, dim=0)) > 0.95
