"""Where personal data is in texts and pictures, taking it out, and measuring what is left."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from privacy.detection import detect as detect
    from privacy.detection import detect_many as detect_many
    from privacy.engine import Engine as Engine
    from privacy.engine import Scan as Scan
    from privacy.masking import mask as mask
    from privacy.redaction import DEFAULT_RULES as DEFAULT_RULES
    from privacy.redaction import Redacted as Redacted
    from privacy.redaction import Redaction as Redaction
    from privacy.redaction import redact as redact

# Public name -> the module that holds it (never of the same name: a submodule would hide the function).
_NAMES = {
    "DEFAULT_RULES": "privacy.redaction",
    "Engine": "privacy.engine",
    "Redacted": "privacy.redaction",
    "Redaction": "privacy.redaction",
    "Scan": "privacy.engine",
    "detect": "privacy.detection",
    "detect_many": "privacy.detection",
    "mask": "privacy.masking",
    "redact": "privacy.redaction",
}

__all__ = [
    "DEFAULT_RULES", "Engine", "Redacted", "Redaction", "Scan", "detect", "detect_many", "mask", "redact",
]  # fmt: skip


def __getattr__(name: str) -> object:
    if name not in _NAMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_NAMES[name]), name)
