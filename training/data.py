"""What training reads: a version's examples, cut into units of privacy."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from catalog.errors import UsageError

if TYPE_CHECKING:
    from training.plan import Plan, Role

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Owner:
    """Somebody who has a part in a record: a pseudonym, and the part."""

    unit: str = field(repr=False)
    role: Role = "author"


@dataclass(frozen=True, slots=True)
class Example:
    """One labelled record. `owners` are the people it is from or about: any number, in any role."""

    id: str
    label: str = field(repr=False)
    text: str = field(default="", repr=False)
    image: Any = field(default=None, repr=False)  # a Pillow picture or an array
    owners: tuple[Owner, ...] = field(default=(), repr=False)
    values: tuple[float, ...] = field(default=(), repr=False)  # of a table's row

    def of(self, roles: Sequence[Role]) -> tuple[str, ...]:
        """Who has a part in it in one of these roles, each once."""
        return tuple(sorted({owner.unit for owner in self.owners if owner.role in roles}))


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


def split(
    examples: Iterable[Example], plan: Plan, classes: Sequence[str], duplicates: Iterable[tuple[str, str]] = ()
) -> Split:
    """Divide a version by unit. Which side a unit falls on depends on its own id alone.

    Rows whose label is not one of the task's public classes are left out. `duplicates` are pairs
    of records that repeat each other.
    """
    known = set(classes)
    # The draw is by position: fix the order.
    chosen = sorted((one for one in examples if one.label in known), key=lambda one: one.id)
    if not chosen:
        raise UsageError(
            f"no row of {plan.dataset} has one of the task's {len(known)} classes as its label",
            cure="Name the labels that occur with the task's classes.",
            place=plan.dataset,
        )
    if plan.unit == "contributor":
        chosen = _owned(chosen, plan)
        _refuse_shared_clusters(chosen, plan, duplicates)
    train: list[Example] = []
    evaluation: list[Example] = []
    for example in chosen:
        (evaluation if _held_out(_group(example, plan), plan) else train).append(example)
    if not train:
        raise UsageError("no row is left to train on", cure="Hold out less.", place=plan.dataset)
    return Split(train, _units(train, plan), evaluation)


def _owned(examples: list[Example], plan: Plan) -> list[Example]:
    """The records with just one owner; refused where there are others and the plan leaves none out."""
    clear = [one for one in examples if len(one.of(plan.roles)) == 1]
    unclear = len(examples) - len(clear)
    if (unclear and plan.unowned == "refuse") or not clear:
        raise UsageError(
            f"{unclear} of {len(examples)} records have no owner or several, and the unit is the contributor",
            cure="Drop those records in the recipe, leave them out (unowned), or plan for unit record.",
            place=plan.dataset,
        )
    return clear


def _refuse_shared_clusters(examples: Sequence[Example], plan: Plan, duplicates: Iterable[tuple[str, str]]) -> None:
    """One person's words under another's name are not protected by what protects the other.

    They are never left out here: whether a record repeats another depends on that other one.
    """
    owners = {one.id: one.of(plan.roles)[0] for one in examples}
    clusters: dict[str, set[str]] = {}
    for record, keeper in duplicates:
        clusters.setdefault(keeper, set()).update(owners[one] for one in (record, keeper) if one in owners)
    shared = sum(len(found) > 1 for found in clusters.values())
    if shared:
        raise UsageError(
            f"{shared} clusters of duplicates hold records of several contributors, and the unit is the contributor",
            cure="Have the recipe drop duplicates, or plan for unit record.",
            place=plan.dataset,
        )


def _units(examples: Sequence[Example], plan: Plan) -> Units:
    if plan.unit == "record":
        positions = np.arange(len(examples), dtype=np.int64)
        return Units(tuple(one.id for one in examples), np.arange(len(examples) + 1, dtype=np.int64), positions)
    owned: dict[str, list[int]] = {}
    for position, example in enumerate(examples):
        owned.setdefault(example.of(plan.roles)[0], []).append(position)
    ids = tuple(sorted(owned))
    lengths = [len(owned[owner]) for owner in ids]
    return Units(
        ids,
        np.cumsum([0, *lengths], dtype=np.int64),
        np.array([position for owner in ids for position in owned[owner]], dtype=np.int64),
    )


def _group(example: Example, plan: Plan) -> str:
    """Records of one owner stay on one side, whatever the unit: else evaluation would flatter."""
    owners = example.of(plan.roles)
    return owners[0] if len(owners) == 1 else example.id


def _held_out(group: str, plan: Plan) -> bool:
    digest = hashlib.blake2b(group.encode(), key=plan.split.encode()[:64], digest_size=8, person=b"holdout").digest()
    return int.from_bytes(digest, "big") < plan.holdout * 2**64
