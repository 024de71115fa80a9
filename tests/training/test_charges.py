"""What a run charges the people whose records it trains on."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from catalog import keys
from catalog.errors import BudgetRefused
from training import accounting, charges, data, reservations, runs, tasks
from training.data import Owner

TASK = tasks.named("text", classes=("harbour", "kitchen"), buckets=64, tokens=8)


def fit(plan, made, house):
    return runs.fit_version(plan, TASK, made, house, physical_batch=64, checkpoint_every=4)


def test_contributors_are_charged_by_how_many_records_they_have(plan, made, house, ledger):
    owners = ["ann", "ann", "ben", *["cat"] * 9]
    examples = [
        replace(example, owners=(Owner(owners[place]),)) if place < len(owners) else example
        for place, example in enumerate(made.examples)
    ]
    fit(replace(plan, holdout=0.0), replace(made, examples=tuple(examples)), house)
    charged = {one.contributor: (one.records, one.epsilon) for _, one in ledger.contributions()}
    one = accounting.cost(plan).pld
    assert charged["ben"] == (1, one)
    assert charged["cat"] == (9, float("inf"))
    assert charged["ann"][0] == 2
    assert 1.5 * one < charged["ann"][1] < 3 * one


def test_an_annotator_is_charged_for_all_the_people_whose_records_they_labelled(plan, house, ledger, people):
    few, many = {0, 6, 12}, set(range(100, 160))  # places: records of persons 0, 6 and 12; of sixty others
    examples = [
        replace(
            one,
            owners=(
                *one.owners,
                *((Owner("few", "annotator"),) if place in few else ()),
                *((Owner("many", "annotator"),) if place in many else ()),
            ),
        )
        for place, one in enumerate(people.examples)
    ]
    plan = replace(plan, unit="contributor", records_per_unit=2, holdout=0.0, delta=1e-3)
    fitted = fit(plan, replace(people, examples=tuple(examples)), house)
    charged = {one.contributor: one for _, one in ledger.contributions()}
    assert charged["person0"].epsilon == fitted.epsilon
    assert charged["few"].records == 3
    assert 2 * fitted.epsilon < charged["few"].epsilon < 5 * fitted.epsilon
    assert (charged["many"].records, charged["many"].epsilon) == (60, float("inf"))


def _charge(plan, made):
    parts = data.split(made.rows(), plan, TASK.classes)
    return charges.charge("r", plan, made, "f", parts)[0].renyi["contributor"]


@pytest.mark.parametrize(
    ("owners", "given", "counts"),
    [
        (("{n} author",), {}, True),
        (("{n} author", "vote{n} annotator"), {}, True),
        (("vote{n} annotator",), {}, False),  # nobody knows whose records these are
        (("{n} author", "one annotator"), {}, False),
        (("{half} author",), {}, False),
        (("{half} author", "one annotator"), {"unit": "contributor"}, True),
        (("{n} author", "vote{half} annotator"), {"unit": "contributor", "roles": ("annotator",)}, True),
        (("{half} author", "vote{n} annotator"), {"unit": "contributor", "roles": ("annotator",)}, False),
        (("vote{half} annotator",), {"unit": "contributor", "roles": ("annotator",)}, False),
    ],
)
def test_the_budget_for_contributors_counts_on_a_run_only_where_each_author_is_known_and_in_one_unit(
    plan, made, owners, given, counts
):
    examples = tuple(
        replace(one, owners=tuple(Owner(*name.format(n=place, half=place // 2).split()) for name in owners))
        for place, one in enumerate(made.examples)
    )
    charged = _charge(replace(plan, holdout=0.0, **given), replace(made, examples=examples))
    assert [math.isfinite(value) for value in charged] == [counts] * len(charged)


def test_a_contributor_run_charges_each_the_runs_epsilon(plan, house, ledger, people):
    fitted = fit(replace(plan, unit="contributor", records_per_unit=4, delta=1e-3, holdout=0.2), people, house)
    charges = ledger.contributions()
    assert {one.epsilon for _, one in charges} == {fitted.epsilon}
    assert {one.records for _, one in charges} == {6}
    assert 70 <= len(charges) <= 90


def test_a_run_over_the_budget_is_refused_and_leaves_nothing(plan, made, house, ledger):
    ledger.set_budget("made", "record", 1.0, 1e-5)
    with pytest.raises(BudgetRefused, match="the budget for unit record is epsilon 1 at delta 1e-05"):
        fit(plan, made, house)
    assert ledger.rows() == []
    assert list((keys.key_folder(house) / reservations.SECRETS).iterdir()) == []
    assert list(house.models.iterdir()) == []
