"""The task of the how-to page is trained as the page says."""

from __future__ import annotations

import re
from pathlib import Path

import training
from training import runs, tasks

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "train-within-a-budget.md"


def test_the_task_of_the_page_is_twenty_lines_and_trains_audits_and_predicts(made, house, tmp_path):
    code, calls = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    (tmp_path / "lengths.py").write_text(code)
    kind = tasks.read(tmp_path / "lengths.py")
    lines = [line for line in code.splitlines() if line.strip()]
    assert (kind.kind, len(lines) <= 20) == ("lengths", True)
    # The page's own calls, on a version in memory in place of a workspace's.
    names = {"training": training, "Lengths": kind, "version_hash": made.hash}
    calls = calls.replace('"harbour@1"', '"made@1"').replace("training.fit(plan, task, ", "fit(plan, task, ")
    calls = calls.replace('("short", "long")', '("harbour", "kitchen")').replace("import training\n", "")
    names["fit"] = lambda plan, task, _, **rest: runs.fit_version(plan, task, made, house, **rest)
    exec(calls.replace("training.predict", "found = training.predict"), names)
    assert names["fitted"].audit.canaries == 200
    assert [one.label in ("harbour", "kitchen") for one in names["found"]] == [True]
