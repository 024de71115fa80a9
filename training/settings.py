"""How a run computes, as opposed to what it promises: none of this enters the accounting."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Literal

from catalog.errors import UsageError


@dataclass(frozen=True, slots=True)
class Settings:
    """Epsilon is the same whatever stands here."""

    device: str = "auto"  # auto, cpu, cuda or cuda:1
    physical_batch: int | Literal["auto"] = "auto"  # rows computed at once; auto: by an estimate of memory
    mixed_precision: bool = False  # bfloat16 forward and backward; clipping and sums stay in single precision
    canaries: int = 0  # made-up records for an audit; they cost some accuracy, no privacy
    checkpoint_every: int = 50
    only_resume: bool = False  # refuse to begin (and pay for) a new run
    tensorboard: bool = False  # write event files beside training.csv
    twin: bool = False  # also measure a model without privacy: on public data alone

    def __post_init__(self) -> None:
        size = self.physical_batch
        if size != "auto" and (not isinstance(size, int) or size < 1):
            raise UsageError(f"expected auto or a number above 0, found {size!r}", place="physical batch")
        if self.checkpoint_every < 1:
            raise UsageError(f"expected at least 1, found {self.checkpoint_every}", place="checkpoint_every")

    @classmethod
    def of(cls, given: dict[str, Any]) -> Settings:
        """Settings from keyword arguments."""
        known = {field.name for field in fields(cls)}
        if unknown := sorted(set(given) - known):
            raise UsageError(f"no setting {unknown[0]!r}; there are: {', '.join(sorted(known))}", place="fit")
        return cls(**given)
