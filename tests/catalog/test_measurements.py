from __future__ import annotations

import json
from dataclasses import replace

import pytest

from catalog import cards, manifests, measurements
from catalog.errors import FormatError, UsageError
from catalog.measurements import Measurement
from catalog.publish import publish
from catalog.queries import query
from catalog.workspace import Workspace

LEAKS = Measurement("leaks", "EMAIL_ADDRESS", 0.012, 0.004, 0.031, 500, "strings planted, patterns only", "2026-03-04")
PLAIN = Measurement("agreement", "krippendorff-alpha", 0.81, None, None, None, "nominal, two annotators", "2026-03-05")


def test_figures_are_read_back_by_topic_and_a_topic_is_replaced(workspace: Workspace) -> None:
    measurements.save(workspace, "harbour@1", "leaks", [LEAKS, replace(LEAKS, name="PERSON")])
    measurements.save(workspace, "harbour@1", "agreement", [PLAIN])
    measurements.save(workspace, "harbour@1", "leaks", [LEAKS])
    assert measurements.load(workspace, "harbour@1") == [PLAIN, LEAKS]
    assert measurements.load(workspace, "harbour@2") == []


@pytest.mark.parametrize(
    ("topic", "one", "said"),
    [
        ("../leaks", LEAKS, "a topic is lower-case letters"),
        ("recall", LEAKS, "expected a measurement of topic 'recall', found 'leaks'"),
        ("leaks", replace(LEAKS, value=float("nan")), "expected finite numbers"),
        ("leaks", replace(LEAKS, high=float("inf")), "expected finite numbers"),
    ],
)
def test_what_does_not_fit_is_refused(workspace: Workspace, topic: str, one: Measurement, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        measurements.save(workspace, "harbour@1", topic, [one])
    assert measurements.load(workspace, "harbour@1") == []


@pytest.mark.parametrize(
    ("text", "said"),
    [("[]", "something else"), ("{}", "something else"), (json.dumps({"format": 9}), "has format 9")],
)
def test_a_file_that_holds_none_is_told(workspace: Workspace, text: str, said: str) -> None:
    measurements.save(workspace, "harbour@1", "leaks", [LEAKS])
    (workspace.root / "measurements" / "harbour@1" / "leaks.json").write_text(text)
    with pytest.raises(FormatError, match=said):
        measurements.load(workspace, "harbour@1")


def test_they_are_in_the_catalog_and_on_both_cards(harbour: Workspace) -> None:
    measurements.save(harbour, "harbour@1", "leaks", [LEAKS])
    measurements.save(harbour, "harbour@1", "agreement", [PLAIN])
    publish(harbour)
    rows = query(harbour, "SELECT * EXCLUDE measured_at, measured_at::VARCHAR FROM measurements ORDER BY topic")
    assert rows.fetchall() == [
        ("harbour@1", "agreement", "krippendorff-alpha", 0.81, None, None, None, PLAIN.method, "2026-03-05"),
        ("harbour@1", "leaks", "EMAIL_ADDRESS", 0.012, 0.004, 0.031, 500, LEAKS.method, "2026-03-04"),
    ]
    manifest = manifests.find(harbour, "harbour@1")
    readme = cards.write(harbour, manifest)
    line = "| leaks | EMAIL_ADDRESS | 0.012 | 0.004 to 0.031 | 500 | strings planted, patterns only, 2026-03-04 |"
    assert line in readme.read_text("utf-8")
    html = readme.with_name("card.html").read_text("utf-8")
    assert "Measured on this version" in html
    assert "krippendorff-alpha" in html
    assert cards.verify(harbour, manifest) == []


def test_a_card_without_any_has_no_such_section(harbour: Workspace) -> None:
    readme = cards.write(harbour, manifests.find(harbour, "harbour@2"))
    assert "## Measured" not in readme.read_text("utf-8")
    assert "Measured on this version" not in readme.with_name("card.html").read_text("utf-8")
