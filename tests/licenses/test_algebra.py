"""The algebra of licences: single cases from the legal codes, and properties that always hold."""

from __future__ import annotations

import re
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.errors import UsageError
from licenses import combine, effect, ids, permits
from licenses.ids import Tool, tool_of, tools
from licenses.permissions import USES

LICENCES = [*sorted({tool.id for tool in tools()}), "MIT", "Apache-2.0", "GPL-3.0-only", "ODbL-1.0", "PDDL-1.0"]
some = st.lists(st.sampled_from(LICENCES), min_size=1, max_size=4)


@pytest.mark.parametrize(
    ("licences", "outgoing"),
    [
        (["CC-BY-SA-3.0", "CC-BY-SA-4.0"], "CC-BY-SA-4.0"),
        (["CC-BY-SA-2.0", "CC-BY-SA-3.0"], "CC-BY-SA-3.0"),
        (["CC-BY-SA-3.0", "CC-BY-SA-3.0-DE"], "CC-BY-SA-3.0-DE"),
        (["CC-BY-SA-3.0-DE", "CC-BY-SA-3.0-AT"], "CC-BY-SA-4.0"),
        (["CC-BY-4.0", "CC-BY-SA-3.0"], "CC-BY-SA-4.0"),
        (["CC-BY-3.0", "CC-BY-4.0"], "CC-BY-4.0"),
        (["CC-BY-3.0", "CC-BY-NC-4.0"], "CC-BY-NC-4.0"),
        (["CC-BY-NC-4.0", "CC-BY-NC-SA-4.0"], "CC-BY-NC-SA-4.0"),
        (["CC0-1.0", "CC-BY-3.0-DE"], "CC-BY-3.0-DE"),
        (["CC-BY-SA-4.0", "GPL-3.0-only"], "GPL-3.0-only"),
        (["MIT", "Apache-2.0"], "Apache-2.0"),
        (["CC0-1.0", "MIT"], "MIT"),
        (["MIT", "CC-BY-SA-4.0"], "CC-BY-SA-4.0"),
        (["CC-BY-SA-1.0"], "CC-BY-SA-1.0"),
        (["CC-BY-SA-3.0"], "CC-BY-SA-3.0"),
        (["LicenseRef-CC-NC-1.0"], "LicenseRef-CC-NC-1.0"),
    ],
)
def test_an_adaptation_goes_out_under_one_licence(licences: list[str], outgoing: str) -> None:
    assert combine(licences, "adaptation").licence == outgoing


@pytest.mark.parametrize(
    ("licences", "named"),
    [
        (["CC-BY-SA-1.0", "CC-BY-SA-2.0"], "CC-BY-SA-1.0 and CC-BY-SA-2.0 .*4\\(b\\)"),
        (["CC-BY-SA-4.0", "CC-BY-NC-4.0"], "CC-BY-NC-4.0 and CC-BY-SA-4.0 .*3\\(b\\)\\(1\\)"),
        (["CC-BY-SA-4.0", "CC-BY-NC-SA-4.0"], "CC-BY-NC-SA-4.0 and CC-BY-SA-4.0"),
        (["CC-BY-SA-3.0", "GPL-3.0-only"], "CC-BY-SA-3.0 and GPL-3.0-only"),
        (["CC-BY-4.0", "CC-BY-ND-4.0"], "CC-BY-ND-4.0 .*3\\(a\\)\\(1\\)"),
        (["LicenseRef-CC-NC-1.0", "CC-BY-4.0"], "CC-BY-4.0 and LicenseRef-CC-NC-1.0"),
        (["LicenseRef-CC-SAMPLING-1.0"], "LicenseRef-CC-SAMPLING-1.0"),
        (["LicenseRef-all-rights-reserved"], "no licence is granted"),
    ],
)
def test_a_refusal_names_the_licences_and_the_section(licences: list[str], named: str) -> None:
    outcome = combine(licences, "adaptation")
    assert outcome.licence is None
    assert re.search(named, outcome.refusal), outcome.refusal


@pytest.mark.parametrize(
    ("licences", "licence", "conditions"),
    [
        (["CC-BY-4.0", "CC-BY-4.0"], "CC-BY-4.0", ()),
        (["CC-BY-4.0", "CC-BY-ND-3.0"], "other", ()),
        (["CC-BY-SA-1.0", "CC-BY-NC-4.0"], "other", ("the whole only for a noncommercial purpose",)),
        (["CC-BY-4.0", "LicenseRef-CC-SAMPLING-1.0"], None, ()),
        (["CC-BY-4.0", "CC-PDM-1.0"], None, ()),
        (["CC-BY-4.0", None], None, ()),
        ([], None, ()),
    ],
)
def test_a_collection_leaves_every_item_its_licence(
    licences: list[str | None], licence: str | None, conditions: tuple[str, ...]
) -> None:
    outcome = combine(licences, "collection")
    assert (outcome.licence, outcome.conditions) == (licence, conditions)
    assert set(outcome.licences) == {each for each in licences if each}


@given(some, st.randoms())
def test_order_and_repetition_do_not_matter(licences: list[str], shuffler: object) -> None:
    mixed = licences * 2
    shuffler.shuffle(mixed)  # type: ignore[attr-defined]
    for how in ("collection", "adaptation"):
        assert combine(mixed, how) == combine(licences, how)  # type: ignore[arg-type]


@given(some)
def test_nd_absorbs_every_adaptation(licences: list[str]) -> None:
    assert combine([*licences, "CC-BY-ND-4.0"], "adaptation").licence is None


@given(st.lists(st.sampled_from(LICENCES), min_size=1, max_size=3))
def test_share_alike_1_0_takes_only_what_may_become_it(licences: list[str]) -> None:
    assert combine([*licences, "CC-BY-SA-1.0"], "adaptation").licence in (None, "CC-BY-SA-1.0")


@given(some, st.sampled_from(LICENCES), st.sampled_from(["collection", "adaptation"]))
def test_what_is_refused_stays_refused_whatever_is_added(
    licences: list[str], more: str, how: Literal["collection"]
) -> None:
    if combine(licences, how).licence is None:
        assert combine([*licences, more], how).licence is None


@given(some)
def test_a_collections_conditions_grow_with_its_items(licences: list[str]) -> None:
    outcome = combine(licences, "collection")
    if outcome.licence is not None:
        alone = {condition for licence in licences for condition in combine([licence]).conditions}
        assert set(outcome.conditions) == alone


@given(st.sampled_from(LICENCES))
def test_an_adaptation_may_not_do_more_than_its_material_may(licence: str) -> None:
    shared, made = effect(licence, "redact"), effect(licence, "redact", shared=False)
    assert (shared.permitted == "yes") <= (made.permitted == "yes")
    assert (permits(licence, "share redacted").answer == "yes") <= (permits(licence, "share").answer == "yes")
    assert (permits(licence, "commercial").answer == "yes") <= (permits(licence, "share").answer == "yes")


@given(some)
def test_no_condition_is_lost_on_the_way_out(licences: list[str]) -> None:
    outcome = combine(licences, "adaptation").licence
    tool = tool_of(outcome)
    if tool is not None:
        for licence in licences:
            given_tool = tool_of(licence)
            assert given_tool is None or given_tool.elements - {"by"} <= tool.elements


@given(st.sampled_from(sorted(tools(), key=lambda tool: tool.id)))
def test_one_work_redacted_keeps_its_licence_where_it_may_go_out_at_all(tool: Tool) -> None:
    outcome = combine([tool.id], "adaptation")
    assert outcome.licence == (tool.id if permits(tool.id, "share redacted").answer == "yes" else None)


@given(st.sampled_from([*LICENCES, ids.PUBLIC_DOMAIN, ids.ALL_RIGHTS_RESERVED, "LicenseRef-x"]), st.sampled_from(USES))
def test_every_answer_says_on_what_it_rests(licence: str, use: str) -> None:
    permission = permits(licence, use)
    assert permission.basis in ("licence", "unknown")
    assert (permission.answer == "yes") <= (permission.basis == "licence" and bool(permission.section))


def test_an_outcome_is_a_sentence() -> None:
    assert combine(["CC0-1.0", "CC-BY-4.0"], "adaptation").text == (
        "CC-BY-4.0, from CC-BY-4.0, CC0-1.0. Conditions: attribution; say that it was modified."
    )
    assert combine(["CC-BY-4.0", None]).text == "Refused: a licence is unknown, and unknown is never permission."


def test_a_third_way_to_combine_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="collection"):
        combine(["MIT"], "mixture")  # type: ignore[arg-type]
