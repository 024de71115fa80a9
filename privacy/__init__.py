"""Where personal data is in texts and pictures, taking it out, and measuring what is left."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from privacy.detection import detect as detect
    from privacy.detection import detect_many as detect_many
    from privacy.engine import Engine as Engine
    from privacy.engine import Scan as Scan
    from privacy.evaluation import evaluate as evaluate
    from privacy.labelled import Labelled as Labelled
    from privacy.masking import mask as mask
    from privacy.pictures.looks import image_fingerprint as image_fingerprint
    from privacy.pictures.metadata import read_metadata as read_metadata
    from privacy.pictures.recall import image_recall as image_recall
    from privacy.pictures.recall import image_thresholds as image_thresholds
    from privacy.pictures.recall import measure_recall as measure_recall
    from privacy.pictures.recall import read_labels as read_labels
    from privacy.pictures.redact import inspect_image as inspect_image
    from privacy.pictures.redact import redact_image as redact_image
    from privacy.pictures.redact import scan_image as scan_image
    from privacy.pictures.sheet import before_after as before_after
    from privacy.pictures.values import ImageInspection as ImageInspection
    from privacy.pictures.values import ImageLimits as ImageLimits
    from privacy.pictures.values import ImageOptions as ImageOptions
    from privacy.pictures.values import ImageRedaction as ImageRedaction
    from privacy.pictures.values import ImageScan as ImageScan
    from privacy.pictures.values import PictureMetadata as PictureMetadata
    from privacy.redaction import DEFAULT_RULES as DEFAULT_RULES
    from privacy.redaction import Redacted as Redacted
    from privacy.redaction import Redaction as Redaction
    from privacy.redaction import redact as redact
    from privacy.redaction import taken_out as taken_out

# Public name -> the module that holds it (never of the same name: a submodule would hide the function).
_NAMES = {
    "DEFAULT_RULES": "privacy.redaction",
    "Engine": "privacy.engine",
    "ImageInspection": "privacy.pictures.values",
    "ImageLimits": "privacy.pictures.values",
    "ImageOptions": "privacy.pictures.values",
    "ImageRedaction": "privacy.pictures.values",
    "ImageScan": "privacy.pictures.values",
    "PictureMetadata": "privacy.pictures.values",
    "Labelled": "privacy.labelled",
    "Redacted": "privacy.redaction",
    "Redaction": "privacy.redaction",
    "Scan": "privacy.engine",
    "before_after": "privacy.pictures.sheet",
    "detect": "privacy.detection",
    "detect_many": "privacy.detection",
    "evaluate": "privacy.evaluation",
    "image_fingerprint": "privacy.pictures.looks",
    "image_recall": "privacy.pictures.recall",
    "image_thresholds": "privacy.pictures.recall",
    "inspect_image": "privacy.pictures.redact",
    "mask": "privacy.masking",
    "measure_recall": "privacy.pictures.recall",
    "read_metadata": "privacy.pictures.metadata",
    "read_labels": "privacy.pictures.recall",
    "redact": "privacy.redaction",
    "redact_image": "privacy.pictures.redact",
    "scan_image": "privacy.pictures.redact",
    "taken_out": "privacy.redaction",
}

__all__ = [
    "DEFAULT_RULES", "Engine", "ImageInspection", "ImageLimits", "ImageOptions", "ImageRedaction", "ImageScan",
    "Labelled", "PictureMetadata", "Redacted", "Redaction", "Scan", "before_after", "detect", "detect_many",
    "evaluate", "image_fingerprint", "image_recall", "image_thresholds", "inspect_image", "mask", "measure_recall",
    "read_labels", "read_metadata", "redact", "redact_image", "scan_image", "taken_out",
]  # fmt: skip


def __getattr__(name: str) -> object:
    if name not in _NAMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_NAMES[name]), name)
