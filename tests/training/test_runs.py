from __future__ import annotations


def test_first(made, plan, house):
    from training import task
    from training.runs import fit_version

    f = fit_version(plan, task("text", classes=("harbour", "kitchen"), buckets=512), made, house)
    print(f, (f.folder / "README.md").read_text())
