"""What training reads: a cleared version as examples, cut into units of privacy."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt

from catalog import versions
from catalog.errors import UsageError

if TYPE_CHECKING:
    from training.plan import Plan

USE = "train"  # what the gate is asked for

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Example:
    """One labelled record. `owners` are pseudonyms of the people it is about or from."""

    id: str
    label: str = field(repr=False)
    text: str = field(default="", repr=False)
    image: Any = field(default=None, repr=False)  # a Pillow picture or an array
    owners: tuple[str, ...] = field(default=(), repr=False)
    values: tuple[float, ...] = field(default=(), repr=False)  # of a table's row


class Version(Protocol):
    """A frozen dataset version, as training needs it."""

    @property
    def name(self) -> str:
        """Such as harbour@1."""

    @property
    def hash(self) -> str:
        """The version hash."""

    @property
    def audience(self) -> str:
        """public or train-only."""

    def gate(self) -> None:
        """Raise GateRefused where the version may not be trained on."""

    def rows(self) -> Iterable[Example]:
        """Its examples."""

    def licences(self) -> dict[str, int]:
        """Records by licence."""


@dataclass(frozen=True, slots=True)
class CatalogVersion:
    """A version of the workspace's catalog, read through `datasets`."""

    opened: versions.Version

    @property
    def name(self) -> str:
        return self.opened.name

    @property
    def hash(self) -> str:
        return self.opened.manifest.hash

    @property
    def audience(self) -> str:
        return self.opened.manifest.audience

    def gate(self) -> None:
        self.opened.gate(USE)

    def rows(self) -> Iterator[Example]:
        for row in self.opened.to_dataset(USE):
            # Whose record it is: the contributor's, or where there is none its annotators'.
            annotators = tuple(sorted({vote["annotator"] for vote in row["annotations"] or () if vote["annotator"]}))
            yield Example(
                id=row["id"],
                label=row["label"] or "",
                text=row.get("text") or "",
                image=row.get("image"),
                owners=(row["contributor"],) if row["contributor"] else annotators,
            )

    def licences(self) -> dict[str, int]:
        counts = Counter(str(licence) for licence in self.opened.to_arrow(USE)["licence"].to_pylist())
        return dict(sorted(counts.items()))


@dataclass(frozen=True, slots=True)
class Units:
    """The units of privacy of a run: unit i owns rows[offsets[i]:offsets[i + 1]] of the examples."""

    ids: tuple[str, ...] = field(repr=False)
    offsets: Integers
    rows: Integers

    def __len__(self) -> int:
        return len(self.ids)

    def of(self, unit: int) -> Integers:
        """The rows of one unit."""
        return self.rows[self.offsets[unit] : self.offsets[unit + 1]]


@dataclass(frozen=True, slots=True)
class Split:
    """Examples to train on with their units, and others, disjoint by unit, to evaluate on."""

    train: list[Example] = field(repr=False)
    units: Units
    evaluation: list[Example] = field(repr=False)


def split(examples: Iterable[Example], plan: Plan, classes: Sequence[str]) -> Split:
    """Divide a version by unit. Which side a unit falls on depends on its own id alone.

    Rows whose label is not one of the task's public classes are left out.
    """
    known = set(classes)
    train: list[Example] = []
    evaluation: list[Example] = []
    for example in sorted(examples, key=lambda one: one.id):  # the draw is by position: fix the order
        if example.label in known:
            (evaluation if _held_out(_group(example), plan) else train).append(example)
    if not train:
        raise UsageError(
            f"no row of {plan.dataset} has one of the task's {len(known)} classes as its label",
            cure="Name the labels that occur with the task's classes.",
            place=plan.dataset,
        )
    return Split(train, _units(train, plan), evaluation)


def _units(examples: Sequence[Example], plan: Plan) -> Units:
    if plan.unit == "record":
        positions = np.arange(len(examples), dtype=np.int64)
        return Units(tuple(one.id for one in examples), np.arange(len(examples) + 1, dtype=np.int64), positions)
    unclear = sum(len(one.owners) != 1 for one in examples)
    if unclear:
        raise UsageError(
            f"{unclear} of {len(examples)} records have no owner or several, and the unit is the contributor",
            cure="Drop those records in the recipe, or plan for unit record.",
            place=plan.dataset,
        )
    owned: dict[str, list[int]] = {}
    for position, example in enumerate(examples):
        owned.setdefault(example.owners[0], []).append(position)
    ids = tuple(sorted(owned))
    lengths = [len(owned[owner]) for owner in ids]
    return Units(
        ids,
        np.cumsum([0, *lengths], dtype=np.int64),
        np.array([position for owner in ids for position in owned[owner]], dtype=np.int64),
    )


def _group(example: Example) -> str:
    """Records of one owner stay on one side, whatever the unit: else evaluation would flatter."""
    return example.owners[0] if len(example.owners) == 1 else example.id


def _held_out(group: str, plan: Plan) -> bool:
    digest = hashlib.blake2b(group.encode(), key=plan.split.encode()[:64], digest_size=8, person=b"holdout").digest()
    return int.from_bytes(digest, "big") < plan.holdout * 2**64
