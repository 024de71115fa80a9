"""How the text detector is run: on a GPU where onnxruntime has one, on pixels prepared as RapidOCR would."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from privacy.pictures.detectors import text


@pytest.mark.parametrize(
    ("providers", "gpu", "batch"),
    [
        (["CPUExecutionProvider"], False, 6),
        (["AzureExecutionProvider", "CPUExecutionProvider"], False, 6),
        (["CUDAExecutionProvider", "CPUExecutionProvider"], True, 64),
    ],
)
def test_text_is_read_in_large_batches_on_a_gpu(
    providers: list[str], gpu: bool, batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("onnxruntime.get_available_providers", lambda: providers)
    chosen = text._options()
    assert (chosen["EngineConfig.onnxruntime.use_cuda"], chosen["Rec.rec_batch_num"]) == (gpu, batch)


@pytest.mark.parametrize("size", [(832, 624), (15, 700), (64, 96)])
def test_pixels_are_prepared_as_rapidocr_prepares_them(size: tuple[int, int]) -> None:
    from rapidocr.ch_ppocr_det.utils import DetPreProcess

    theirs = DetPreProcess(text.LARGE, "max", [0.5, 0.5, 0.5], [0.5, 0.5, 0.5])
    pixels = np.asarray(Image.effect_noise(size, 80).convert("RGB"))

    expected = theirs(pixels)

    prepared = text._prepared(pixels)
    assert (prepared.shape, prepared.dtype) == ((1, 3, *prepared.shape[2:]), np.float32)
    if expected is None:  # too narrow for them
        assert min(prepared.shape[2:]) == text.STEP
    else:
        np.testing.assert_allclose(prepared, expected, atol=1e-5)
