"""The scattering transform of pictures: fixed Morlet wavelets, two layers, nothing learned.

Two scales and eight angles, as in Oyallon and Mallat (CVPR 2015): 81 maps for each channel,
a quarter of the picture's size. Features of this kind are what a linear model needs to do
well under privacy (Tramer and Boneh, arXiv:2011.11660).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import torch
from torch import Tensor

SCALES = 2
ANGLES = 8
MAPS = 1 + SCALES * ANGLES + ANGLES * ANGLES  # 81
_STRIDE = 2**SCALES


@dataclass(frozen=True, slots=True)
class _Bank:
    """Filters in the frequency domain for padded pictures of one size, and the averaging."""

    wide: int  # padded size
    first: Tensor  # (ANGLES, wide, wide): finest scale
    second: Tensor  # (ANGLES, wide, wide): next scale
    average_fine: Tensor  # (outputs, wide * wide)
    average_coarse: Tensor  # (outputs, wide * wide / 4)


def transform(pictures: Tensor) -> Tensor:
    """(n, channels, size, size) of floats to (n, channels * 81, size / 4, size / 4)."""
    count, channels, size, _ = pictures.shape
    bank = _bank(size)
    pad = (bank.wide - size) // 2
    flat = torch.nn.functional.pad(pictures.reshape(count * channels, 1, size, size), (pad,) * 4, mode="reflect")[:, 0]
    side = size // _STRIDE
    maps = _maps(flat, bank)
    return maps.reshape(count, channels * MAPS, side, side)


def _maps(flat: Tensor, bank: _Bank) -> Tensor:
    spectrum = torch.fft.fft2(flat)[:, None]
    fine = torch.fft.ifft2(spectrum * bank.first).abs()  # (n, angles, wide, wide)
    coarse = torch.fft.ifft2(_halved(spectrum * bank.second)).abs()  # (n, angles, wide / 2, wide / 2)
    found = [flat.flatten(1)[:, None] @ bank.average_fine.T, fine.flatten(2) @ bank.average_fine.T]
    found.append(coarse.flatten(2) @ bank.average_coarse.T)
    for angle in range(ANGLES):
        again = torch.fft.fft2(fine[:, angle])[:, None] * bank.second
        found.append(torch.fft.ifft2(_halved(again)).abs().flatten(2) @ bank.average_coarse.T)
    return torch.cat(found, 1)


def _halved(spectrum: Tensor) -> Tensor:
    """The spectrum of every second sample: the mean of the four quarters."""
    half = spectrum.shape[-1] // 2
    rows = spectrum[..., :half, :] + spectrum[..., half:, :]  # slices: many times faster than .mean over strides
    return (rows[..., :half] + rows[..., half:]) / 4


@cache
def _bank(size: int) -> _Bank:
    wide = ((size + _STRIDE) // _STRIDE + 1) * _STRIDE
    first, second = (
        torch.stack([_wavelet(wide, scale, (ANGLES / 2 - 1 - angle) * math.pi / ANGLES) for angle in range(ANGLES)])
        for scale in range(SCALES)
    )
    low = _gabor(wide, 0.8 * 2 ** (SCALES - 1), 0.0, 0.0, 1.0).real
    spectrum = torch.fft.fft2(low).real
    return _Bank(wide, first, second, _averaging(spectrum, size, 1), _averaging(spectrum, size, 2))


def _averaging(spectrum: Tensor, size: int, step: int) -> Tensor:
    """The matrix that averages maps sampled at every `step` and keeps every fourth place inside the padding."""
    wide = spectrum.shape[-1]
    side = wide // step
    folded = spectrum.reshape(step, side, step, side).sum((0, 2))
    impulses = torch.eye(side * side).reshape(-1, side, side)
    averaged = torch.fft.ifft2(torch.fft.fft2(impulses) * folded).real
    every = _STRIDE // step
    edge = (wide - size) // 2 // _STRIDE
    kept = averaged[:, ::every, ::every][:, edge : edge + size // _STRIDE, edge : edge + size // _STRIDE]
    matrix: Tensor = kept.reshape(side * side, -1).T.contiguous()
    return matrix


def _wavelet(wide: int, scale: int, angle: float) -> Tensor:
    """The spectrum of a Morlet wavelet: a Gabor filter less what makes its mean zero."""
    sigma, frequency, slant = 0.8 * 2**scale, 3 / 4 * math.pi / 2**scale, 4 / ANGLES
    gabor = _gabor(wide, sigma, angle, frequency, slant)
    envelope = _gabor(wide, sigma, angle, 0.0, slant)
    spectrum: Tensor = torch.fft.fft2(gabor - gabor.sum() / envelope.sum() * envelope).real
    return spectrum


def _gabor(wide: int, sigma: float, angle: float, frequency: float, slant: float) -> Tensor:
    """A Gabor filter in space, wrapped around the edges."""
    cos, sin = math.cos(angle), math.sin(angle)
    axis = torch.arange(-2 * wide, 3 * wide, dtype=torch.float64)
    x, y = torch.meshgrid(axis, axis, indexing="ij")
    along, across = cos * x + sin * y, -sin * x + cos * y
    envelope = -(along**2 + slant**2 * across**2) / (2 * sigma**2)
    wave: Tensor = torch.exp(torch.complex(envelope, frequency * along)) * slant / (2 * math.pi * sigma**2)
    wrapped: Tensor = wave.reshape(5, wide, 5, wide).sum((0, 2)).to(torch.complex64)
    return wrapped
