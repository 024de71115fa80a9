"""Where onnxruntime has a GPU, text is read on it."""

from __future__ import annotations

import pytest

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
