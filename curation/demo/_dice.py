"""Choices that come out the same on every machine and every version of Python."""

from __future__ import annotations

import random
import tomllib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any, TypeVar

T = TypeVar("T")

_PLACES = ("boat", "pier", "day", "moment", "year", "person")


class Dice:
    """Draws from one seed. Only `random()` is used: of all of `random` it alone is promised never to change."""

    def __init__(self, seed: str) -> None:
        self._random = random.Random(int.from_bytes(seed.encode()))  # noqa: S311 - a demo, not a secret

    def below(self, count: int) -> int:
        return int(self._random.random() * count)

    def chance(self, share: float) -> bool:
        return self._random.random() < share

    def pick(self, things: Sequence[T]) -> T:
        return things[self.below(len(things))]

    def some(self, things: Sequence[T], count: int) -> list[T]:
        """So many different ones, in drawn order."""
        left = list(things)
        return [left.pop(self.below(len(left))) for _ in range(min(count, len(left)))]


@cache
def stock(name: str) -> dict[str, Any]:
    """One file of texts, by its name without ending."""
    return tomllib.loads(files("curation.demo").joinpath("stock", f"{name}.toml").read_text("utf-8"))


def fill(text: str, dice: Dice) -> str:
    """Put a boat, a day and the like into their slots."""
    words = stock("words")
    for slot in _PLACES:
        if f"{{{slot}}}" in text:
            text = text.replace(f"{{{slot}}}", dice.pick(words[slot]))
    return text[:1].upper() + text[1:]


def contact(sentences: Sequence[str], dice: Dice) -> str:
    """A sentence with personal data of nobody: reserved numbers, example.com, invented names."""
    words = stock("words")
    name = dice.pick(words["person"])
    return dice.pick(sentences).format(
        name=name,
        mail=f"{name.lower().replace(' ', '.')}@example.com",
        phone=dice.pick((f"555-01{dice.below(100):02}", f"020 7946 0{dice.below(1000):03}")),
        iban=dice.pick(words["iban"]),
        card=dice.pick(words["card"]),
        octet=1 + dice.below(254),
    )
