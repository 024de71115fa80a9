from __future__ import annotations

import doctest
import itertools
import random
from collections import Counter
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from catalog import disclosure
from catalog.disclosure import hidden, hidden_in_groups
from catalog.public import _hidden

Rows = list[dict[str, Any]]


def test_the_example_runs() -> None:
    assert doctest.testmod(disclosure).failed == 0


@pytest.mark.parametrize(
    ("cells", "hide"),
    [
        ([], []),
        ([(10,), (500,)], [False, False]),  # near miss: ten may be shown
        ([(0,), (500,)], [False, False]),  # nobody is nobody
        ([(1,), (500,)], [True, True]),  # one person is the fewest there can be
        ([(9,), (500,), (30,)], [True, False, True]),  # the total would give the nine away
        ([(9,), (11,), (500,)], [True, True, False]),  # together just enough
        ([(9,), (10,), (500,)], [True, True, True]),
        ([(9, 0), (30, 0), (500, 500)], [True, True, False]),  # what nobody has needs no company
        ([(9,), (8,), (500,)], [True, True, True]),  # together too few
        ([(15,), (9,), (8,), (500,)], [True, True, True, False]),
        ([(100, 3), (50, 50), (90, 0)], [True, True, True]),  # too few of one part; the others only together
        ([(100, 3), (50, 50), (90, 60)], [True, True, False]),
    ],
)
def test_a_small_count_is_hidden_and_so_is_what_would_give_it_away(
    cells: list[tuple[int, ...]], hide: list[bool]
) -> None:
    assert hidden(cells) == hide


def test_a_group_whose_total_is_hidden_is_hidden_whole() -> None:
    groups = ["keep", "keep", "hold", "drop", "drop"]
    assert hidden_in_groups(groups, [(900,), (300,), (4,), (20,), (21,)]) == [False, False, True, True, True]
    assert hidden_in_groups(groups, [(900,), (300,), (40,), (20,), (21,)]) == [False] * 5


def invented(rng: random.Random) -> tuple[Callable[[str], Rows], Counter[str], list[dict[str, Any]]]:
    """Records at random, and the counts that the catalog takes of them."""
    weights = [rng.choice([0, 0.004, 0.02, 0.2, 1]) or 0.001 for _ in range(4)]
    scanned = rng.choice([0, 0.01, 0.5, 0.99])  # of those that are dropped
    some = []
    for _ in range(rng.choice([30, 200, 900])):
        image = rng.random() < weights[0]
        action = rng.choices(["keep", "redact", "hold", "drop"], [1, *weights[1:]])[0]
        examined = action != "drop" or rng.random() < scanned
        some.append({
            "action": action,
            "status": "ok" if examined else None,
            "mode": ("all" if image else "strict") if examined else None,
            "modality": "image" if image else "text",
            "language": None if image else rng.choices(["en", "de", "fr"], weights[1:])[0],
            "media_type": rng.choice(["image/png", "image/jpeg"]) if image else "text/html",
            "host": rng.choices(["a.example", "b.example", "c.example", ""], weights)[0],
            "from_characters": None if image or rng.random() < 0.01 else rng.choices([32, 64, 128], weights[1:])[0],
            "licence": rng.choices(["CC-BY-4.0", "CC0-1.0", None], weights[1:])[0],
            "licence_basis": "licence",
        })  # fmt: skip

    def counted(name: str) -> Rows:
        columns = {
            "licence_mix": ("action", "licence", "licence_basis"),
            "host_mix": ("host",),
            "composition": ("modality", "language", "media_type"),
            "length_mix": ("from_characters",),
            "privacy_mix": ("status", "mode"),
        }
        if name not in columns:
            return []
        needed = {"length_mix": "from_characters", "privacy_mix": "mode"}.get(name, "action")
        there = [one for one in some if one[needed] is not None]
        every = Counter(tuple(one[column] for column in columns[name]) for one in there)
        stays = Counter(
            tuple(one[column] for column in columns[name]) for one in there if one["action"] in ("keep", "redact")
        )
        return [
            {**dict(zip(columns[name], key, strict=True)), "records": count, "released": stays[key], "hosts": 1}
            for key, count in every.items()
        ]

    return counted, Counter(one["action"] for one in some), some


def _kinds(some: Rows) -> Iterator[dict[str, Any]]:
    """Every way in which the rows of the tables may meet in one record."""
    by_table = (("action",), ("modality", "language", "media_type"), ("host",), ("from_characters",),
                ("licence", "licence_basis"), ("status", "mode"))  # fmt: skip
    values = [list(dict.fromkeys(tuple(one[name] for name in names) for one in some)) for names in by_table]
    judged = {(one["action"], one["licence"]) for one in some}
    for chosen in itertools.product(*values):
        kind = {name: value for names, values in zip(by_table, chosen, strict=True)
                for name, value in zip(names, values, strict=True)}  # fmt: skip
        if (kind["action"], kind["licence"]) not in judged or (kind["modality"], kind["from_characters"]) in PICTURES:
            continue
        if kind["mode"] in EXAMINED[kind["modality"]] or (kind["mode"] is None and kind["action"] in ("hold", "drop")):
            yield kind


EXAMINED = {"text": ("strict",), "image": ("all",)}
PICTURES = {("image", length) for length in (32, 64, 128)}  # pictures have no characters


@pytest.mark.parametrize(
    ("held", "dropped", "dropped_examined", "shown"),
    [(3, 50, 0, False), (30, 50, 0, True), (0, 50, 3, False), (30, 20, 17, False), (30, 0, 0, True)],
)
def test_the_number_of_the_examined_is_hidden_where_it_tells_of_few(
    held: int, dropped: int, dropped_examined: int, shown: bool
) -> None:
    tables = {
        "composition": [{"modality": "text", "language": "en", "media_type": "text/html",
                         "records": 100 + held + dropped, "released": 100}],
        "privacy_mix": [{"status": "ok", "mode": "strict", "records": 100 + held + dropped_examined}],
    }  # fmt: skip
    manifest: Any = SimpleNamespace(
        counts={"keep": 60, "redact": 40, "hold": held, "drop": dropped}, uses=(), created_at="",
        **dict.fromkeys(("name", "dataset", "number", "hash", "amendment", "audience", "as_of"), ""),
        code_version="", recipe_fingerprint="",
    )  # fmt: skip
    told = dict(_hidden(manifest, lambda name: tables.get(name, [])))
    assert [row["records"] is not None for row in told["privacy_mix"]] == [shown]


@pytest.mark.parametrize("seed", range(12))
def test_no_small_count_can_be_worked_out_from_all_tables_together(seed: int) -> None:
    optimize = pytest.importorskip("scipy.optimize", reason="the attack needs scipy's linear programs")
    counted, actions, some = invented(random.Random(seed))
    manifest: Any = SimpleNamespace(
        counts=dict(actions), **dict.fromkeys(("name", "dataset", "number", "hash", "amendment", "audience"), ""),
        uses=(), as_of="", created_at="", code_version="", recipe_fingerprint="",
    )  # fmt: skip
    shown = dict(_hidden(manifest, counted))
    # What somebody knows who sees the file: which rows there are in each table, and the sums it shows.
    kinds = list(_kinds(some))
    names = list(kinds[0])
    truth = Counter(tuple(one[name] for name in names) for one in some)
    lines: list[list[float]] = []
    sums: list[int] = []
    secrets: list[tuple[list[float], int]] = []

    def tell(chosen: Callable[[dict[str, Any]], bool], value: int | None) -> None:
        line = [float(chosen(kind)) for kind in kinds]
        if value is not None:
            lines.append(line)
            sums.append(value)
            return
        true = sum(truth[tuple(kind.values())] for kind in kinds if chosen(kind))
        if disclosure.small(true):
            secrets.append((line, true))

    def stays(kind: dict[str, Any]) -> bool:
        return kind["action"] in ("keep", "redact")

    version = shown["versions"][0]
    tell(lambda kind: True, version["records"])
    for name, action in (("kept", "keep"), ("redacted", "redact"), ("held", "hold"), ("dropped", "drop")):
        tell(lambda kind, action=action: kind["action"] == action, version[name])
    for table in ("licence_mix", "composition", "length_mix", "host_mix", "privacy_mix"):
        for row in shown[table]:
            if row.get("host", "") is None:
                continue
            of = {name: value for name, value in row.items() if name not in ("records", "released", "hosts")}
            tell(lambda kind, of=of: of.items() <= kind.items(), row["records"])
            if table not in ("licence_mix", "privacy_mix"):
                tell(lambda kind, of=of: of.items() <= kind.items() and stays(kind), row["released"])
                if row["records"] is not None and row["released"] is None:
                    tell(lambda kind, of=of: of.items() <= kind.items() and not stays(kind), None)
    for of in ({}, *({"modality": name} for name in EXAMINED)):
        tell(lambda kind, of=of: of.items() <= kind.items() and kind["mode"] is not None and not stays(kind), None)
        tell(lambda kind, of=of: of.items() <= kind.items() and kind["mode"] is None, None)
    for line, true in secrets:
        ends = [
            optimize.linprog([sign * one for one in line], A_eq=lines or None, b_eq=sums or None, bounds=(0, 10_000))
            for sign in (1, -1)
        ]
        assert [end.status for end in ends] == [0, 0]
        assert -ends[1].fun - ends[0].fun > 3, (true, ends[0].fun, -ends[1].fun)
