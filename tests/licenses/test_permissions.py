"""What licences permit: table tests from the legal codes."""

from __future__ import annotations

import pytest

from catalog.errors import UsageError
from licenses import explain, permits
from licenses.permissions import effect
from licenses.report import Explanation

YES, NO, UNKNOWN = "yes", "no", "unknown"


@pytest.mark.parametrize(
    ("licence", "train", "share", "redacted", "adapt", "commercial"),
    [
        ("CC0-1.0", YES, YES, YES, YES, YES),
        ("CC-BY-4.0", YES, YES, YES, YES, YES),
        ("CC-BY-SA-3.0", YES, YES, YES, YES, YES),
        ("CC-BY-NC-4.0", YES, YES, YES, YES, NO),
        ("CC-BY-ND-4.0", YES, YES, NO, YES, YES),
        ("CC-BY-ND-3.0", YES, YES, NO, NO, YES),
        ("CC-BY-NC-ND-3.0-DE", YES, YES, NO, NO, NO),
        ("LicenseRef-CC-BY-ND-unversioned", YES, YES, NO, NO, YES),
        ("LicenseRef-CC-SAMPLING-1.0", NO, NO, NO, NO, NO),
        ("LicenseRef-CC-SAMPLING-PLUS-1.0-DE", YES, YES, NO, NO, NO),
        ("LicenseRef-CC-DEVNATIONS-2.0", NO, NO, NO, NO, NO),
        ("CC-PDM-1.0", UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN),
        ("LicenseRef-all-rights-reserved", NO, NO, NO, NO, NO),
        ("LicenseRef-CC-unspecified", UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN),
        ("LicenseRef-other", UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN),
        ("MIT", YES, YES, YES, YES, YES),
        (None, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN),
    ],
)
def test_each_use_has_its_answer(
    licence: str | None, train: str, share: str, redacted: str, adapt: str, commercial: str
) -> None:
    uses = ("train", "share", "share redacted", "adapt", "commercial")
    assert [permits(licence, use).answer for use in uses] == [train, share, redacted, adapt, commercial]


@pytest.mark.parametrize(
    ("licence", "use", "section"),
    [
        ("CC-BY-4.0", "share", "2(a)(1)(A)"),
        ("CC-BY-NC-SA-4.0", "commercial", "1(k), 2(a)(1)"),
        ("CC-BY-NC-SA-3.0", "commercial", "4(c)"),
        ("CC-BY-SA-2.5", "share redacted", "3(d)"),
        ("CC-BY-ND-4.0", "share redacted", "2(a)(1)(B) and the last sentence of 3(a)(1)"),
    ],
)
def test_an_answer_cites_its_section(licence: str, use: str, section: str) -> None:
    assert permits(licence, use).section == section


@pytest.mark.parametrize(
    ("licence", "use", "condition"),
    [
        ("CC-BY-NC-4.0", "train", "noncommercial purpose (1(i), 2(a)(1))"),
        ("CC-BY-SA-4.0", "train", "share-alike, where a model counts as an adaptation"),
        ("CC-BY-SA-3.0", "share redacted", "share-alike (4(b))"),
        ("CC-BY-4.0", "share redacted", "say that it was modified (3(a)(1)(B))"),
        ("CC-BY-3.0-DE", "share", "the DE text governs: sections may differ"),
    ],
)
def test_a_yes_has_its_conditions(licence: str, use: str, condition: str) -> None:
    assert condition in permits(licence, use).conditions


def test_what_lawyers_contest_is_marked() -> None:
    assert permits("CC-BY-4.0", "train").mark == "contested"
    assert permits("CC-BY-4.0", "share").mark == "text"
    assert permits("CC-BY-ND-4.0", "share redacted").mark == "policy"


@pytest.mark.parametrize(
    ("licence", "transform", "adaptation", "permitted"),
    [
        ("CC-BY-ND-3.0", "re-encode", False, YES),
        ("CC-BY-ND-3.0", "extract-text", False, YES),
        ("CC-BY-ND-3.0", "redact", True, NO),
        ("CC-BY-ND-4.0", "truncate", False, YES),
        ("CC-BY-ND-3.0", "truncate", True, NO),
        ("CC-BY-3.0", "truncate", True, YES),
        ("LicenseRef-CC-BY-ND-unversioned", "truncate", True, NO),
        ("CC-BY-ND-4.0", "remove-paragraphs", True, NO),
        ("CC-BY-4.0", "redact", True, YES),
        ("CC-BY-4.0", "something new", True, YES),
        (None, "redact", True, UNKNOWN),
    ],
)
def test_a_transform_has_its_effect(licence: str | None, transform: str, adaptation: bool, permitted: str) -> None:
    found = effect(licence, transform)
    assert (found.adaptation, found.permitted) == (adaptation, permitted)


@pytest.mark.parametrize(
    ("licence", "transform", "permitted", "section"),
    [
        ("CC-BY-ND-4.0", "redact", YES, "2(a)(1)(B)"),
        ("CC-BY-ND-3.0", "redact", NO, "3: adaptations are not granted, see its closing paragraph"),
        ("CC-BY-ND-3.0", "re-encode", YES, "3, closing paragraph"),
        ("LicenseRef-all-rights-reserved", "re-encode", NO, ""),
    ],
)
def test_a_changed_copy_that_is_kept_may_be_made_where_4_0_grants_it(
    licence: str, transform: str, permitted: str, section: str
) -> None:
    found = effect(licence, transform, shared=False)
    assert (found.permitted, found.section) == (permitted, section)


@pytest.mark.parametrize("licence", ["CC-BY-4.0", "CC-BY-ND-3.0", "CC-BY-SA-2.0", "MIT", None])
@pytest.mark.parametrize("transform", ["re-encode", "extract-text", "truncate", "remove-paragraphs", "redact", "new"])
def test_every_effect_is_marked_and_explained(licence: str | None, transform: str) -> None:
    found = effect(licence, transform)
    assert found.mark in ("text", "contested", "policy")
    assert found.why


def test_an_unknown_use_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="train"):
        permits("CC-BY-4.0", "print")


def test_an_explanation_is_a_sentence_with_basis_and_section() -> None:
    found = explain("CC-BY-NC-ND-3.0-DE", "share redacted")
    assert isinstance(found, Explanation)
    assert found.text.startswith("CC-BY-NC-ND-3.0-DE, share redacted: no (basis: licence; section 3: adaptations")


@pytest.mark.parametrize(
    ("written", "licence"),
    [
        ("CC BY-SA 4.0", "CC-BY-SA-4.0"),
        ("cc-by-4.0", "CC-BY-4.0"),
        ("CC-BY-2.0-DE", "LicenseRef-CC-BY-2.0-DE"),
        ("LicenseRef-CC-BY-unversioned", "LicenseRef-CC-BY-unversioned"),
        ("http://creativecommons.org/licenses/by/3.0/", "CC-BY-3.0"),
    ],
)
def test_a_licence_is_understood_as_a_user_writes_it(written: str, licence: str) -> None:
    every = explain(written)
    assert isinstance(every, tuple)
    assert {each.licence for each in every} == {licence}
    assert len(every) == 5


def test_what_is_no_licence_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="expected a licence"):
        explain("the moon", "train")
