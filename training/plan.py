"""The plan of a private run: frozen, public, and the only thing that loader, noise and
accounting are built from."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from catalog.errors import FormatError, UsageError

FORMAT = 1

Unit = Literal["record", "contributor"]
Role = Literal["author", "annotator", "depicted"]  # how somebody belongs to a record
ROLES: tuple[Role, ...] = ("author", "annotator", "depicted")


@dataclass(frozen=True, slots=True)
class Optimizer:
    """What turns a noisy mean gradient into a step. Costs no privacy: it sees nothing else."""

    name: Literal["sgd", "adam"] = "sgd"
    learning_rate: float = 1.0
    momentum: float = 0.9
    weight_decay: float = 0.0
    decay: float = 0.0  # share of the steps, the last ones, over which the step size falls to zero
    average: float = 0.0  # decay of an exponential moving average of the weights; 0: none

    def __post_init__(self) -> None:
        for name in ("decay", "average"):
            if not 0 <= getattr(self, name) <= 1:
                raise UsageError(
                    f"expected a share from 0 to 1, found {getattr(self, name)!r}", place=f"optimizer, {name}"
                )

    def rate(self, step: int, steps: int) -> float:
        """The step size of a step, from 0."""
        falling = self.decay * steps
        return self.learning_rate * (min(1.0, (steps - step) / falling) if falling else 1.0)


@dataclass(frozen=True, slots=True)
class Plan:
    """All public constants of a private run. None of them may be computed from the members.

    `sampling_rate`, `steps` and `divisor` are stated, not derived from the length of the
    data: under add-or-remove-one neighbours that length is itself protected.
    """

    dataset: str  # the version, such as "harbour@1"
    version: str  # its hash: a run on anything else is refused
    purpose: str
    sampling_rate: float  # probability that a unit takes part in a step
    steps: int
    noise_multiplier: float  # noise standard deviation over the clip norm
    delta: float
    divisor: float  # the noisy sum of each step is divided by this, whatever was drawn
    clip: float = 1.0
    unit: Unit = "record"
    records_per_unit: int = 1  # records of a contributor used per step, at most
    # Whom unit contributor protects. A record that none of them or several have a part in is refused,
    # or left out: either way it is told from that record alone.
    roles: tuple[Role, ...] = ("author",)
    unowned: Literal["refuse", "leave out"] = "refuse"
    optimizer: Optimizer = field(default_factory=Optimizer)
    holdout: float = 0.1  # share of units kept out, for evaluation that epsilon does not cover
    split: str = "cleartitle"  # public name of the split
    initialisation: int = 0  # public seed of the initial weights
    relation: Literal["add-or-remove-one"] = "add-or-remove-one"
    sampler: Literal["poisson"] = "poisson"
    accountant: Literal["pld"] = "pld"

    def __post_init__(self) -> None:
        for name, holds, expected in (
            ("dataset", bool(self.dataset), "the name of a version"),
            ("version", bool(self.version), "the hash of that version"),
            ("purpose", bool(self.purpose.strip()), "a sentence: what the model is for"),
            ("sampling_rate", 0 < self.sampling_rate <= 1, "a probability above 0, up to 1"),
            ("steps", self.steps >= 1, "at least 1"),
            ("noise_multiplier", _positive(self.noise_multiplier), "a number above 0"),
            ("delta", 0 < self.delta < 1, "a number above 0 and below 1"),
            ("divisor", _positive(self.divisor), "a number above 0"),
            ("clip", _positive(self.clip), "a number above 0"),
            ("unit", self.unit in ("record", "contributor"), "record or contributor"),
            ("records_per_unit", self.records_per_unit >= 1, "at least 1"),
            ("roles", bool(self.roles) and set(self.roles) <= set(ROLES), f"some of {', '.join(ROLES)}"),
            ("unowned", self.unowned in ("refuse", "leave out"), "refuse or leave out"),
            ("holdout", 0 <= self.holdout < 1, "a share from 0, below 1"),
            ("relation", self.relation == "add-or-remove-one", "add-or-remove-one"),
            ("sampler", self.sampler == "poisson", "poisson"),
            ("accountant", self.accountant == "pld", "pld"),
        ):
            if not holds:
                raise UsageError(f"expected {expected}, found {getattr(self, name)!r}", place=f"plan, {name}")
        if self.unit == "record" and self.records_per_unit != 1:
            raise UsageError(
                f"expected 1 for unit record, found {self.records_per_unit}",
                cure='Set unit = "contributor", or leave records_per_unit out.',
                place="plan, records_per_unit",
            )

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the plan: everything in it is public."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()

    def to_json(self) -> dict[str, Any]:
        """The plan as written beside a model."""
        return {"format": FORMAT, **asdict(self)}

    @classmethod
    def from_json(cls, found: dict[str, Any]) -> Plan:
        """A plan read back; refuses what this program does not know."""
        values = dict(found)
        try:
            if (number := values.pop("format")) > FORMAT:
                raise FormatError(f"has format {number}, this program knows {FORMAT}", cure="Update cleartitle.")
            values["roles"] = tuple(values.get("roles", ("author",)))  # plans written before there were roles
            return cls(**{**values, "optimizer": Optimizer(**values["optimizer"])})
        except (KeyError, TypeError) as error:
            raise FormatError("expected a plan as training wrote it, found something else") from error


def draft(
    dataset: str,
    version: str,
    *,
    epsilon: float,
    purpose: str,
    population: int,
    batch: int,
    steps: int,
    delta: float | None = None,
    **rest: Any,
) -> Plan:
    """A plan for a target epsilon: the noise is calibrated by PLD.

    `population` is the number of units as the owner declares it in public, and `batch` the
    expected number of them in a step. delta defaults to a tenth of 1/population.
    """
    from training import accounting

    if population < 1 or not 0 < batch <= population:
        raise UsageError(
            f"expected a batch from 1 to the population, found {batch} of {population}", place="plan, batch"
        )
    rate = batch / population
    delta = delta if delta is not None else 10 ** math.floor(math.log10(0.1 / population))
    noise = accounting.calibrate(epsilon, delta, rate, steps)
    return Plan(
        dataset=dataset,
        version=version,
        purpose=purpose,
        sampling_rate=rate,
        steps=steps,
        noise_multiplier=noise,
        delta=delta,
        divisor=float(batch),
        **rest,
    )


def _positive(value: float) -> bool:
    return math.isfinite(value) and value > 0
