"""The presets name signals that exist, and carry the published thresholds with their sources."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from curation.signals import checks

FOLDER = Path(__file__).parents[2] / "curation" / "recipes"
PRESETS = sorted(path.stem for path in FOLDER.glob("*.toml"))


def rules(name: str) -> list[dict[str, Any]]:
    return list(tomllib.loads((FOLDER / f"{name}.toml").read_text())["rule"])


@pytest.mark.parametrize("name", ["c4", "fineweb", "gopher", "hygiene", "photos"])
def test_every_rule_of_a_preset_reads_a_signal_that_is_reported(name: str) -> None:
    known = {signal for modality in ("text", "image") for check in checks(modality) for signal in check.reports}
    assert {rule["signal"] for rule in rules(name)} <= known


@pytest.mark.parametrize("name", ["c4", "fineweb", "gopher", "hygiene", "photos"])
def test_every_rule_of_a_preset_has_a_bound_an_action_and_a_source(name: str) -> None:
    for rule in rules(name):
        assert set(rule) <= {"id", "signal", "min", "max", "action", "source", "modality", "languages"}
        assert {"min", "max"} & set(rule)
        assert rule["action"] in {"drop", "flag"}
        assert rule["source"]


def test_a_rule_on_a_picture_signal_looks_at_pictures() -> None:
    for name in PRESETS:
        for rule in rules(name):
            assert (rule.get("modality") == "image") == rule["signal"].startswith("image_")


def test_reason_ids_are_used_once() -> None:
    ids = [rule["id"] for name in PRESETS for rule in rules(name)]
    assert len(ids) == len(set(ids))


def test_gopher_carries_table_a1_and_the_quality_rules() -> None:
    bounds = {rule["signal"]: (rule.get("min"), rule.get("max")) for rule in rules("gopher")}
    assert bounds == {
        "gopher_words": (50, 100000),
        "gopher_mean_word_length": (3, 10),
        "gopher_hash_ratio": (None, 0.1),
        "gopher_ellipsis_ratio": (None, 0.1),
        "gopher_bullet_lines": (None, 0.9),
        "gopher_ellipsis_lines": (None, 0.3),
        "gopher_alpha_words": (0.8, None),
        "gopher_stop_words": (2, None),
        "gopher_dup_lines": (None, 0.3),
        "gopher_dup_paragraphs": (None, 0.3),
        "gopher_dup_line_chars": (None, 0.2),
        "gopher_dup_paragraph_chars": (None, 0.2),
        "gopher_top_2gram_chars": (None, 0.2),
        "gopher_top_3gram_chars": (None, 0.18),
        "gopher_top_4gram_chars": (None, 0.16),
        "gopher_dup_5gram_chars": (None, 0.15),
        "gopher_dup_6gram_chars": (None, 0.14),
        "gopher_dup_7gram_chars": (None, 0.13),
        "gopher_dup_8gram_chars": (None, 0.12),
        "gopher_dup_9gram_chars": (None, 0.11),
        "gopher_dup_10gram_chars": (None, 0.1),
    }


@pytest.mark.parametrize("name", ["hygiene", "photos"])
def test_what_no_paper_measured_only_flags(name: str) -> None:
    assert {rule["id"] for rule in rules(name) if rule["action"] == "drop"} <= {"picture-unreadable"}
