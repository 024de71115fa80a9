"""Clipped sums of gradients: one forward, one backward, each unit's gradient cut to the clip norm.

The rules by layer (per-sample gradients, and norms of linear layers without them: "ghost"
clipping) are Opacus's. How they are put together is not: no state hangs on the model, so a
batch that fails half-way leaves nothing behind. The backward pass goes to the layers'
outputs only; weight gradients are formed once, already clipped ("book-keeping",
arXiv:2210.00038). Models with other layers take `vmap` over the whole model.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from catalog.errors import UsageError

Losses = Callable[[Callable[[Tensor], Tensor], Tensor, Tensor], Tensor]

ROUNDING = 2e-5  # of products in single precision, relative to their absolute size

# Layers that Opacus has a rule for and whose rule the self-test has been seen to confirm.
RULED = (nn.Linear, nn.Embedding, nn.Conv1d, nn.Conv2d, nn.LayerNorm, nn.GroupNorm)


class Clipper:
    """Clips by unit. A unit is a row, or `slots` consecutive rows (a contributor's records,
    or several views of one record), whose mean gradient is what is clipped."""

    def __init__(
        self, model: nn.Module, losses: Losses, clip: float, slots: int = 1, mixed_precision: bool = False
    ) -> None:
        self.model = model
        self.mixed = mixed_precision
        self.losses = losses
        self.clip = clip
        self.slots = slots
        self.parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
        self.method = "layers" if _is_ruled(model) else "vmap"
        if any(isinstance(module, nn.modules.batchnorm._BatchNorm) for module in model.modules()):
            raise UsageError(
                "the model has batch normalisation, which mixes the records of a batch",
                cure="Use GroupNorm or LayerNorm: then each record's gradient is its own.",
                place="task, model",
            )

    def __call__(self, inputs: Tensor, targets: Tensor, real: Tensor) -> list[Tensor]:
        """Sum of clipped unit gradients; rows where `real` is false (padding) count for nothing."""
        weights = _slot_weights(real, self.slots)
        run = self._by_layers if self.method == "layers" else self._by_vmap
        sums, finite = run(inputs, targets, weights)
        if bool(finite.all()):
            return sums
        # A unit whose gradient is not finite counts as zero. Its rows are emptied before the
        # second pass: zero times infinity would still be no number.
        bad = (~finite).repeat_interleave(self.slots)
        shape = (-1, *([1] * (inputs.dim() - 1)))
        sums, finite = run(torch.where(bad.view(shape), 0, inputs), targets, torch.where(bad, 0, weights))
        return sums if bool(finite.all()) else [torch.zeros_like(parameter) for parameter in self.parameters]

    def _by_layers(self, inputs: Tensor, targets: Tensor, weights: Tensor) -> tuple[list[Tensor], Tensor]:
        with _tapped(self.model, self.slots) as taps, self._precision():
            losses = self.losses(self.model, inputs, targets)
        _refuse_reuse(taps)
        # Differentiating by the taps' markers runs the backward pass through every layer's output
        # and forms no weight gradient.
        torch.autograd.grad((losses * weights).sum(), [tap.marker for tap in taps], allow_unused=True)
        rules = [tap.rule for tap in taps if tap.rule]
        with torch.no_grad():
            factors, finite = self._factors(torch.stack([rule.squares for rule in rules]).sum(0))
            found: dict[Tensor, Tensor] = {}
            for rule in rules:
                found.update(rule.weighted(factors))
        return [found[p] if p in found else torch.zeros_like(p) for p in self.parameters], finite

    def _by_vmap(self, inputs: Tensor, targets: Tensor, weights: Tensor) -> tuple[list[Tensor], Tensor]:
        names = [name for name, parameter in self.model.named_parameters() if parameter.requires_grad]
        state = {name: parameter.detach() for name, parameter in self.model.named_parameters()}
        model, losses = self.model, self.losses

        def loss(values: dict[str, Tensor], one: Tensor, target: Tensor, weight: Tensor) -> Tensor:
            bound = _Bound(model, {**state, **values})
            return (losses(bound, one.unsqueeze(0), target.unsqueeze(0)) * weight).sum()

        each = torch.func.vmap(torch.func.grad(loss), in_dims=(None, 0, 0, 0), randomness="different")
        with self._precision():
            samples = each({name: state[name] for name in names}, inputs, targets, weights)
        with torch.no_grad():
            grouped = [_grouped(samples[name], self.slots) for name in names]
            factors, finite = self._factors(sum(_square(gradient) for gradient in grouped))
            return [_weighted_sum(gradient, factors) for gradient in grouped], finite

    def _precision(self) -> contextlib.AbstractContextManager[Any]:
        """Layers may compute in bfloat16. What leaves them is turned into single precision before it is
        measured and summed, so the norm that is clipped is the norm of what is added."""
        if not self.mixed:
            return contextlib.nullcontext()
        return torch.autocast(self.parameters[0].device.type, torch.bfloat16)

    def _factors(self, squares: Tensor | int) -> tuple[Tensor, Tensor]:
        norms = torch.as_tensor(squares).clamp(min=0).sqrt()
        finite = torch.isfinite(torch.as_tensor(squares))
        # A hair under the clip norm: rounding in single precision must not carry a unit over it.
        factors = (self.clip * (1 - 1e-5) / norms.clamp(min=1e-12)).clamp(max=1.0)
        return torch.where(finite, factors, 0.0), finite


class _Bound(nn.Module):
    """A model with given parameter values, for `torch.func`."""

    def __init__(self, model: nn.Module, state: dict[str, Tensor]) -> None:
        super().__init__()
        self.__dict__["bound"] = (model, state)

    def forward(self, *given: Tensor) -> Tensor:
        model, state = self.__dict__["bound"]
        result: Tensor = torch.func.functional_call(model, state, given)
        return result


@dataclass(slots=True)
class _Rule:
    """How one layer adds to the norms and gives its clipped sum."""

    squares: Tensor  # squared gradient norm of each unit
    weighted: Callable[[Tensor], dict[Tensor, Tensor]]


def _rule(layer: nn.Module, given: Tensor, gradient: Tensor, slots: int) -> _Rule:
    gradient = gradient.float()
    given = given.float() if given.is_floating_point() else given
    if isinstance(layer, nn.Linear) and _ghost_is_cheaper(layer, given, slots):
        return _linear(layer, _merged(given, slots, 1), _merged(gradient, slots, 1))
    if isinstance(layer, nn.Embedding) and layer.padding_idx is None and not layer.sparse:
        return _embedding(layer, _merged(given, slots, 0), _merged(gradient, slots, 1))
    return _materialised(layer, given, gradient, slots)


def _linear(layer: nn.Linear, given: Tensor, gradient: Tensor) -> _Rule:
    """A linear layer without per-sample gradients: its ghost norm, then one product."""
    squares = _linear_squares(layer, given, gradient)

    def weighted(factors: Tensor) -> dict[Tensor, Tensor]:
        scaled = (gradient * _column(factors, gradient)).flatten(0, -2)
        found: dict[Tensor, Tensor] = {}
        if layer.weight.requires_grad:
            found[layer.weight] = scaled.T @ given.flatten(0, -2)
        if layer.bias is not None and layer.bias.requires_grad:
            found[layer.bias] = scaled.sum(0)
        return found

    return _Rule(squares + _slack(given, gradient), weighted)


def _linear_squares(layer: nn.Linear, given: Tensor, gradient: Tensor) -> Tensor:
    """Squared norms of a linear layer's gradients. With one row to a unit, Opacus's formula taken apart:
    lengths of vectors instead of products of matrices, which is ten times as fast."""
    if gradient.dim() > 2:
        from opacus.grad_sample.linear import compute_linear_norm_sample

        norms = compute_linear_norm_sample(layer, [given], gradient)
        return torch.stack([norm.square() for norm in norms.values()]).sum(0)
    inside = given.new_zeros(len(given))
    if layer.weight.requires_grad:
        inside = _square(given)
    if layer.bias is not None and layer.bias.requires_grad:
        inside = inside + 1
    return _square(gradient) * inside


def _embedding(layer: nn.Embedding, given: Tensor, gradient: Tensor) -> _Rule:
    """An embedding: rows of one unit meet where they looked up the same entry."""
    same = given.unsqueeze(2) == given.unsqueeze(1)
    products = torch.einsum("nik,njk->nij", gradient, gradient)
    squares = (products * same).sum((1, 2)) + _slack(torch.ones_like(given).unsqueeze(2).to(gradient.dtype), gradient)

    def weighted(factors: Tensor) -> dict[Tensor, Tensor]:
        scaled = (gradient * _column(factors, gradient)).flatten(0, 1)
        total = torch.zeros_like(layer.weight).index_add_(0, given.flatten(), scaled.to(layer.weight.dtype))
        return {layer.weight: total}

    return _Rule(squares, weighted)


def _materialised(layer: nn.Module, given: Tensor, gradient: Tensor, slots: int) -> _Rule:
    """Any layer with an Opacus rule: per-sample gradients, summed within each unit."""
    from opacus.grad_sample import GradSampleModule

    samples = GradSampleModule.GRAD_SAMPLERS[type(layer)](layer, [given], gradient)
    grouped = {parameter: _grouped(value, slots) for parameter, value in samples.items()}
    squares = torch.stack([_square(value) for value in grouped.values()]).sum(0)

    def weighted(factors: Tensor) -> dict[Tensor, Tensor]:
        return {parameter: _weighted_sum(value, factors) for parameter, value in grouped.items()}

    return _Rule(squares, weighted)


def _slack(given: Tensor, gradient: Tensor) -> Tensor:
    """What to add to a squared ghost norm of several rows. Rows that cancel each other leave a small
    norm as the difference of large products, and rounding could take it for smaller than it is: the
    bound of that error keeps such a record within the clip norm too."""
    if gradient.dim() == 2:
        return gradient.new_zeros(len(gradient))
    sizes: Tensor = (given.norm(dim=2) * gradient.norm(dim=2)).sum(1)
    return ROUNDING * sizes.square()


def _ghost_is_cheaper(layer: nn.Linear, given: Tensor, slots: int) -> bool:
    """Ghost norms cost rows squared, per-sample gradients cost inputs times outputs."""
    if given.dim() > 3:
        return False
    rows = slots * (given.shape[1] if given.dim() == 3 else 1)
    return rows == 1 or 2 * rows * rows <= layer.in_features * layer.out_features


def _merged(value: Tensor, slots: int, kept: int) -> Tensor:
    """(units * slots, ..., features) as (units, rows, features): a unit's rows side by side.

    A plain batch of vectors keeps its two dimensions, which is the cheapest ghost norm."""
    if slots == 1 and kept and value.dim() == 2:
        return value
    features = value.shape[value.dim() - kept :]
    return value.reshape(value.shape[0] // slots, -1, *features)


def _grouped(value: Tensor, slots: int) -> Tensor:
    return value if slots == 1 else value.reshape(-1, slots, *value.shape[1:]).sum(1)


def _slot_weights(real: Tensor, slots: int) -> Tensor:
    """The weight of each row: one over the number of real rows of its unit, or 0."""
    weights = real.float()
    if slots == 1:
        return weights
    per_unit = weights.view(-1, slots)
    return (per_unit / per_unit.sum(1, keepdim=True).clamp(min=1)).flatten()


def _square(value: Tensor) -> Tensor:
    norms: Tensor = torch.linalg.vector_norm(value.flatten(1), dim=1)  # ten times as fast as squaring and adding
    return norms.square()


def _weighted_sum(value: Tensor, factors: Tensor) -> Tensor:
    summed: Tensor = torch.tensordot(factors.to(value.dtype), value, dims=1)
    return summed


def _column(factors: Tensor, value: Tensor) -> Tensor:
    return factors.to(value.dtype).view(-1, *([1] * (value.dim() - 1)))


@dataclass(slots=True)
class _Tap:
    """Sits on a layer's output and turns the gradient that comes back into the layer's rule."""

    layer: nn.Module
    marker: Tensor
    rule: _Rule | None = None


class _Pass(torch.autograd.Function):
    """The output as it is; on the way back, `seen` is shown its gradient. What a rule does not
    need is let go at once, which is most of what a backward pass would otherwise hold."""

    @staticmethod
    def forward(ctx: Any, output: Tensor, marker: Tensor, seen: Callable[[Tensor], None]) -> Tensor:
        del marker
        ctx.seen = seen
        return output.view_as(output)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None]:
        ctx.seen(gradients[0])
        ctx.seen = None
        return gradients[0], None, None


@contextlib.contextmanager
def _tapped(model: nn.Module, slots: int) -> Iterator[list[_Tap]]:
    """Put a tap on every layer with trainable weights, for one forward pass."""
    taps: list[_Tap] = []

    def put(layer: nn.Module, given: tuple[Tensor, ...], output: Tensor) -> Tensor:
        tap = _Tap(layer, torch.zeros((), device=output.device, requires_grad=True))
        taps.append(tap)
        before = given[0].detach()

        def seen(gradient: Tensor) -> None:
            tap.rule = _rule(layer, before, gradient, slots)

        return _Pass.apply(output, tap.marker, seen)  # type: ignore[no-any-return, no-untyped-call]

    handles = [layer.register_forward_hook(put) for layer in model.modules() if _own(layer)]
    try:
        yield taps
    finally:
        for handle in handles:
            handle.remove()


def _own(layer: nn.Module) -> list[nn.Parameter]:
    return [parameter for parameter in layer.parameters(recurse=False) if parameter.requires_grad]


def _is_ruled(model: nn.Module) -> bool:
    layers = [layer for layer in model.modules() if _own(layer)]
    shared = sum(len(_own(layer)) for layer in layers) != len({id(p) for layer in layers for p in _own(layer)})
    return not shared and all(type(layer) in RULED for layer in layers)


def _refuse_reuse(taps: Sequence[_Tap]) -> None:
    if len({id(tap.layer) for tap in taps}) != len(taps):
        raise UsageError(
            "a layer with weights runs more than once in the forward pass",
            cure="Give each place its own layer.",
            place="task, model",
        )
