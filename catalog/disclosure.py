"""Hiding small counts: which cells of a table may be shown so that no small one can be worked out.

A cell under `LEAST` is hidden; so are further cells of the same total, until the hidden ones
cannot be told apart by taking the shown ones from the total.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence

LEAST = 10

Cell = tuple[int, ...]  # the parts of a cell that each have a total of their own, such as released and not released


def small(count: int) -> bool:
    """Too few to show. Nothing at all may be shown: it says nothing about anybody."""
    return 0 < count < LEAST


def hidden(cells: Sequence[Cell], already: Sequence[bool] = ()) -> list[bool]:
    """Which of these cells to hide, whose totals are known; `already` are hidden for another reason.

    >>> hidden([(3,), (40,), (25,), (0,)])
    [True, False, True, False]
    """
    hide = [any(map(small, cell)) or known for cell, known in zip(cells, already or [False] * len(cells), strict=True)]
    for index in sorted(range(len(cells)), key=lambda index: (sum(cells[index]), index)):
        if not any(hide) or _safe(cells, hide):
            break
        hide[index] = hide[index] or sum(cells[index]) > 0
    return hide


def hidden_in_groups(groups: Sequence[Hashable], cells: Sequence[Cell], already: Sequence[bool] = ()) -> list[bool]:
    """The same where each group's total is known too; a group whose total is hidden is hidden whole."""
    hide = list(already or [False] * len(cells))
    names = list(dict.fromkeys(groups))
    members = {name: [index for index, group in enumerate(groups) if group == name] for name in names}
    totals = [_sum([cells[index] for index in members[name]]) for name in names]
    whole = [all(hide[index] for index in members[name]) for name in names]
    for name, group_hidden in zip(names, hidden(totals, whole), strict=True):
        inside = members[name]
        told = hidden([cells[index] for index in inside], [hide[index] or group_hidden for index in inside])
        for index, one in zip(inside, told, strict=True):
            hide[index] = one
    return hide


def _safe(cells: Sequence[Cell], hide: Sequence[bool]) -> bool:
    """At least two are hidden, and what is hidden adds up to so much that it does not narrow a small one down."""
    chosen = [cell for cell, one in zip(cells, hide, strict=True) if one]
    return len(chosen) > 1 and all(part == 0 or part >= 2 * LEAST for part in _sum(chosen))


def _sum(cells: Sequence[Cell]) -> Cell:
    return tuple(map(sum, zip(*cells, strict=True)))
