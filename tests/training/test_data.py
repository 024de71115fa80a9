from __future__ import annotations

from dataclasses import replace

import pytest

from catalog.errors import UsageError
from training import data
from training.data import Example, Owner

CLASSES = ("harbour", "kitchen")


def test_the_same_unit_falls_on_the_same_side_whatever_else_is_in_the_data(made, plan):
    whole = data.split(made.rows(), plan, CLASSES)
    part = data.split(made.examples[100:], plan, CLASSES)
    held = {example.id for example in whole.evaluation}
    assert {example.id for example in part.evaluation} == held & {example.id for example in made.examples[100:]}
    assert {example.id for example in part.train}.isdisjoint(held)


def test_about_the_planned_share_is_held_out_and_another_split_holds_out_others(made, plan):
    one = data.split(made.rows(), replace(plan, holdout=0.3), CLASSES)
    other = data.split(made.rows(), replace(plan, holdout=0.3, split="another"), CLASSES)
    assert len(one.evaluation) == pytest.approx(180, abs=35)
    assert {example.id for example in one.evaluation} != {example.id for example in other.evaluation}
    assert data.split(made.rows(), replace(plan, holdout=0.0), CLASSES).evaluation == []


def test_all_records_of_a_contributor_are_on_one_side(people, plan):
    parts = data.split(people.rows(), plan, CLASSES)
    trained = {example.owners for example in parts.train}
    assert trained.isdisjoint({example.owners for example in parts.evaluation})


def test_the_order_in_which_rows_come_does_not_matter(made, plan):
    forward = data.split(made.rows(), plan, CLASSES)
    backward = data.split(reversed(made.examples), plan, CLASSES)
    assert forward.units.ids == backward.units.ids
    assert forward.train == backward.train


def test_contributor_units_hold_all_their_records_and_nobody_elses(people, plan):
    parts = data.split(people.rows(), replace(plan, unit="contributor"), CLASSES)
    for unit, owner in enumerate(parts.units.ids):
        assert [parts.train[row].owners for row in parts.units.of(unit)] == [(Owner(owner),)] * 6


@pytest.mark.parametrize("owners", [(), (Owner("ann"), Owner("ben")), (Owner("ann", "annotator"),)])
def test_a_contributor_plan_refuses_records_with_no_owner_or_several(people, plan, owners):
    examples = [replace(people.examples[0], owners=owners), *people.examples[1:]]
    plan = replace(plan, unit="contributor", holdout=0.0)
    with pytest.raises(UsageError, match="1 of 600 records have no owner or several"):
        data.split(examples, plan, CLASSES)


def test_records_without_one_owner_are_left_out_where_the_plan_says_so(people, plan):
    both = replace(people.examples[0], owners=(Owner("person0"), Owner("person1")))
    nobodys = replace(people.examples[1], owners=())
    plan = replace(plan, unit="contributor", holdout=0.0, unowned="leave out")
    parts = data.split([both, nobodys, *people.examples[2:]], plan, CLASSES)
    assert len(parts.train) == 598
    assert {one.id for one in (both, nobodys)}.isdisjoint(one.id for one in parts.train)


def test_a_plan_that_leaves_everything_out_is_refused(made, plan):
    with pytest.raises(UsageError, match="600 of 600 records have no owner"):
        data.split(made.rows(), replace(plan, unit="contributor", unowned="leave out"), CLASSES)


def test_the_plans_roles_say_whose_a_record_is(people, plan):
    voted = [
        replace(one, owners=(*one.owners, Owner(f"clerk{place % 3}", "annotator")))
        for place, one in enumerate(people.examples)
    ]
    plan = replace(plan, unit="contributor", holdout=0.0)
    by_author = data.split(voted, plan, CLASSES).units.ids
    by_annotator = data.split(voted, replace(plan, roles=("annotator",)), CLASSES).units.ids
    assert (len(by_author), by_annotator) == (100, ("clerk0", "clerk1", "clerk2"))
    with pytest.raises(UsageError, match="600 of 600 records have no owner or several"):
        data.split(voted, replace(plan, roles=("author", "annotator")), CLASSES)


def test_somebody_in_two_roles_of_one_record_is_one_owner(people, plan):
    examples = [replace(one, owners=(*one.owners, Owner(one.owners[0].unit, "depicted"))) for one in people.examples]
    plan = replace(plan, unit="contributor", holdout=0.0, roles=("author", "depicted"))
    assert len(data.split(examples, plan, CLASSES).units) == 100


def of(examples, person):
    return [one.id for one in examples if one.owners == (Owner(person),)]


@pytest.mark.parametrize(
    ("pairs", "refused"),
    [
        (lambda one, other: [(one[0], other[0])], 1),  # one person repeats another
        (lambda one, other: [(one[0], "gone"), (other[0], "gone")], 1),  # both repeat a record that is not here
        (lambda one, other: [(one[0], other[0]), (one[1], other[1])], 2),
        (lambda one, other: [(one[0], one[1])], 0),  # somebody repeats themselves
        (lambda one, other: [(one[0], "gone"), ("lost", other[0])], 0),
    ],
)
def test_duplicates_across_contributors_are_refused_and_within_one_are_not(people, plan, pairs, refused):
    plan = replace(plan, unit="contributor", holdout=0.0)
    found = pairs(of(people.examples, "person1"), of(people.examples, "person2"))
    if not refused:
        assert len(data.split(people.rows(), plan, CLASSES, found).train) == 600
        return
    with pytest.raises(UsageError, match=f"{refused} clusters of duplicates hold records of several contributors"):
        data.split(people.rows(), plan, CLASSES, found)
    data.split(people.rows(), replace(plan, unit="record"), CLASSES, found)  # a record plan protects records


def test_rows_with_other_labels_are_left_out(made, plan):
    parts = data.split([*made.rows(), Example("x", "garden")], replace(plan, holdout=0.0), CLASSES)
    assert parts.train == list(made.examples)


def test_classes_that_do_not_occur_are_refused_with_the_cure(made, plan):
    with pytest.raises(UsageError, match="no row of made@1 has one of the task's 1 classes"):
        data.split(made.rows(), plan, ("garden",))


def test_an_example_shows_nothing_of_a_person_in_its_repr():
    example = Example("1", "ill", text="her address", owners=(Owner("ann"),), values=(1.5,))
    assert repr(example) == "Example(id='1')"
