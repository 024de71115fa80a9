from __future__ import annotations

import json
import math
import sqlite3
from dataclasses import replace
from multiprocessing import get_context

import pytest

from catalog.errors import BudgetRefused, FormatError, NotFound, UsageError
from catalog.ledger import ORDERS, Charge, Contribution, Ledger, filtered_epsilon

CURVE = tuple(0.02 * order for order in ORDERS)


def charge(run: str, curve: tuple[float, ...] = CURVE, **changes: object) -> Charge:
    made = Charge(
        run=run,
        dataset="harbour",
        number=1,
        version="ab" * 32,
        unit="record",
        purpose="a test",
        event="{}",
        epsilon=1.5,
        delta=1e-5,
        audience="train-only",
        fingerprint="f",
        renyi={"record": curve, "contributor": tuple(math.inf for _ in ORDERS)},
    )
    return replace(made, **changes)


@pytest.fixture
def ledger(tmp_path):
    return Ledger(tmp_path / "ledger.sqlite")


def test_a_reserved_run_is_charged_before_it_is_settled(ledger):
    ledger.reserve(charge("one"))
    row = ledger.row("one")
    assert (row.run, row.epsilon, row.status, row.steps) == ("one", 1.5, "reserved", None)


def test_settling_records_the_end_and_refunds_nothing(ledger):
    ledger.set_budget("harbour", "record", 8, 1e-5)
    ledger.reserve(charge("one"))
    before = ledger.budget("harbour", "record")
    ledger.settle("one", "failed", 3)
    assert ledger.budget("harbour", "record") == before
    assert (ledger.row("one").status, ledger.row("one").steps) == ("failed", 3)


def test_a_settled_run_cannot_be_settled_as_something_else(ledger):
    ledger.reserve(charge("one"))
    ledger.settle("one", "done", 10)
    ledger.settle("one", "failed", 0)
    assert (ledger.row("one").status, ledger.row("one").steps) == ("done", 10)


def test_settling_an_unknown_run_says_so(ledger):
    with pytest.raises(NotFound, match="the ledger has no run nobody"):
        ledger.settle("nobody", "done", 1)


def test_a_run_over_the_budget_is_refused_with_the_figures_and_leaves_no_row(ledger):
    ledger.set_budget("harbour", "record", 3.5, 1e-5)
    ledger.reserve(charge("one"))
    count = 1
    while filtered_epsilon(tuple((count + 1) * value for value in CURVE), 1e-5) <= 3.5:
        ledger.reserve(charge(f"more{count}"))
        count += 1
    with pytest.raises(BudgetRefused) as refused:
        ledger.reserve(charge("one too many"))
    assert len(ledger.rows()) == count
    spent = filtered_epsilon(tuple(count * value for value in CURVE), 1e-5)
    over = filtered_epsilon(tuple((count + 1) * value for value in CURVE), 1e-5)
    assert f"{spent:.2f} is spent, and with this run it would be {over:.2f}" in str(refused.value)


def test_a_run_planned_for_another_delta_than_its_budget_is_told_so(ledger):
    ledger.set_budget("harbour", "record", 0.1, 1e-5)
    with pytest.raises(BudgetRefused, match=r"Plan with --delta 1e-05 as the budget has it\. Plan fewer"):
        ledger.reserve(charge("coarse", delta=1e-3))


def test_a_budget_spans_all_versions_of_a_dataset_and_no_other_dataset(ledger):
    ledger.set_budget("harbour", "record", 3, 1e-5)
    ledger.reserve(charge("one", number=1))
    ledger.reserve(charge("elsewhere", dataset="kitchen"))
    one = ledger.budget("harbour", "record").spent
    ledger.reserve(charge("two", number=2, version="cd" * 32))
    assert one == pytest.approx(filtered_epsilon(CURVE, 1e-5))
    assert ledger.budget("harbour", "record").spent == pytest.approx(
        filtered_epsilon(tuple(2 * value for value in CURVE), 1e-5)
    )


def test_a_run_that_promises_contributors_nothing_is_refused_under_a_contributor_budget(ledger):
    ledger.set_budget("harbour", "contributor", 100, 1e-5)
    with pytest.raises(BudgetRefused, match=r"of that this run promises nothing.* Train with --unit contributor"):
        ledger.reserve(charge("one"))


@pytest.mark.parametrize(
    ("sums", "expected"),
    [
        (tuple(0.0 for _ in ORDERS), 0.0),
        (tuple(math.inf for _ in ORDERS), math.inf),
        # Only order 2 is finite: its value and the price of one order's share of delta.
        ((0.5, *(math.inf for _ in ORDERS[1:])), 0.5 + math.log(len(ORDERS) / 1e-5)),
        ((*(math.inf for _ in ORDERS[1:]), 0.5), 0.5 + math.log(len(ORDERS) / 1e-5) / (ORDERS[-1] - 1)),
    ],
)
def test_the_filter_takes_its_best_order_at_its_share_of_delta(sums, expected):
    assert filtered_epsilon(sums, 1e-5) == pytest.approx(expected)


def test_changing_a_budget_takes_a_reason_and_is_counted(ledger):
    ledger.set_budget("harbour", "record", 3, 1e-5)
    with pytest.raises(UsageError, match="changing it needs a reason"):
        ledger.set_budget("harbour", "record", 5, 1e-5)
    ledger.set_budget("harbour", "record", 5, 1e-5, reason="the board agreed")
    budget = ledger.budget("harbour", "record")
    assert (budget.epsilon, budget.changes) == (5, 1)


@pytest.mark.parametrize(("epsilon", "delta"), [(0, 1e-5), (-1, 1e-5), (math.inf, 1e-5), (1, 0), (1, 1)])
def test_a_budget_without_sense_is_refused(ledger, epsilon, delta):
    with pytest.raises(UsageError, match="expected epsilon above 0"):
        ledger.set_budget("harbour", "record", epsilon, delta)


def test_a_budget_for_an_unknown_unit_is_refused(ledger):
    with pytest.raises(UsageError, match="expected unit record or contributor, found 'page'"):
        ledger.set_budget("harbour", "page", 1, 1e-5)


def test_without_a_budget_there_is_none_to_report(ledger):
    assert ledger.budget("harbour", "record") is None


def test_contributors_totals_add_up_over_runs_and_infinity_stays(ledger):
    ledger.reserve(charge("one"), [Contribution("ann", 2, 1.0, 1e-5), Contribution("ben", 9, math.inf, 1e-5)])
    ledger.reserve(charge("two"), [Contribution("ann", 1, 0.5, 1e-5), Contribution("ben", 1, 0.5, 1e-5)])
    with sqlite3.connect(ledger.path) as connection:
        totals = connection.execute("SELECT contributor, runs, records, epsilon FROM contributor_totals").fetchall()
    connection.close()
    assert totals == [("ann", 2, 3, 1.5), ("ben", 2, 10, None)]
    assert ledger.contributions("ben") == [
        ("one", Contribution("ben", 9, math.inf, 1e-5)),
        ("two", Contribution("ben", 1, 0.5, 1e-5)),
    ]
    assert [name for name, _ in ledger.contributions(run="two")] == ["two", "two"]


def test_spending_elsewhere_is_unknown_until_stated(ledger):
    assert ledger.elsewhere("harbour") == "unknown"
    ledger.state_elsewhere("harbour", "none: collected this year for this project")
    assert ledger.elsewhere("harbour") == "none: collected this year for this project"


def test_a_ledger_of_a_newer_format_is_refused(ledger):
    with sqlite3.connect(ledger.path) as connection:
        connection.execute("UPDATE meta SET format = 99")
    connection.close()
    with pytest.raises(FormatError, match="has format 99"):
        Ledger(ledger.path)


def test_a_file_that_is_no_ledger_is_refused(tmp_path):
    path = tmp_path / "ledger.sqlite"
    path.write_text("not a database, but long enough to look like one " * 20)
    with pytest.raises(FormatError, match="expected a privacy ledger"):
        Ledger(path)


def carried(ledger, path):
    path.write_text(json.dumps(ledger.carried("harbour")))
    return path


def test_what_an_export_carries_counts_in_a_fresh_workspace_once(ledger, tmp_path):
    ledger.set_budget("harbour", "record", 5, 1e-5)
    ledger.reserve(charge("one"), [Contribution("ann", 2, 1.0, 1e-5)])
    ledger.reserve(charge("two"))
    ledger.settle("two", "failed", 3)
    ledger.reserve(charge("another data set", dataset="kitchen"))
    path = carried(ledger, tmp_path / "spent.json")
    fresh = Ledger(tmp_path / "fresh.sqlite")
    assert fresh.elsewhere("harbour") == "unknown"
    assert fresh.take_over("harbour", path) == 2
    assert fresh.take_over("harbour", path) == 0
    assert fresh.rows() == ledger.rows("harbour")
    fresh.set_budget("harbour", "record", 5, 1e-5)
    assert fresh.budget("harbour", "record").spent == ledger.budget("harbour", "record").spent
    told = "2 runs taken over from an export are counted here; before those: unknown"
    assert fresh.elsewhere("harbour") == told
    assert "ann" not in path.read_text()


def test_infinite_charges_stay_infinite_on_their_way(ledger, tmp_path):
    ledger.reserve(charge("one"))
    fresh = Ledger(tmp_path / "fresh.sqlite")
    fresh.take_over("harbour", carried(ledger, tmp_path / "spent.json"))
    fresh.set_budget("harbour", "contributor", 100, 1e-5)
    assert fresh.budget("harbour", "contributor").spent == math.inf


@pytest.mark.parametrize("content", ["no json", "{}", '{"format": 1, "runs": [{}], "renyi": [], "elsewhere": ""}'])
def test_a_file_that_does_not_say_what_was_spent_is_refused(ledger, tmp_path, content):
    (tmp_path / "spent.json").write_text(content)
    with pytest.raises(FormatError, match="expected what an export says was spent"):
        ledger.take_over("harbour", tmp_path / "spent.json")
    assert ledger.rows() == []


def test_what_a_newer_program_says_was_spent_is_refused(ledger, tmp_path):
    content = json.loads(carried(ledger, tmp_path / "spent.json").read_text())
    (tmp_path / "spent.json").write_text(json.dumps({**content, "format": content["format"] + 1}))
    with pytest.raises(FormatError, match="has format 2, this program knows formats up to 1"):
        ledger.take_over("harbour", tmp_path / "spent.json")


def test_what_was_spent_on_another_data_set_is_refused(ledger, tmp_path):
    ledger.reserve(charge("one"))
    path = carried(ledger, tmp_path / "spent.json")
    with pytest.raises(UsageError, match="spent on 'harbour', not on 'kitchen'"):
        ledger.take_over("kitchen", path)


def _reserve_many(path, process, refused):
    ledger = Ledger(path)
    for number in range(13):
        try:
            ledger.reserve(charge(f"{process}-{number}"))
        except BudgetRefused:
            refused.put(1)


def test_reservations_from_four_processes_never_pass_the_budget(tmp_path):
    path = tmp_path / "ledger.sqlite"
    limit = filtered_epsilon(tuple(40.5 * value for value in CURVE), 1e-5)
    Ledger(path).set_budget("harbour", "record", limit, 1e-5)
    context = get_context("spawn")
    refused = context.Queue()
    processes = [context.Process(target=_reserve_many, args=(path, name, refused)) for name in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0, 0, 0]
    assert len(Ledger(path).rows()) == 40
    assert sum(refused.get() for _ in range(12)) == 12
    refused.close()
