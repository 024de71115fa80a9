"""TAB's measures and scores per kind, worked out by hand."""

from __future__ import annotations

import pytest

from catalog.values import Span
from privacy import Labelled, evaluate
from privacy.evaluation import Annotated, KindScore, Mention, kind_scores, tab_score

TEXT = "Mr Klein of Graz sued in 1991. Klein won."


def mention(words: str, entity: str, identifier: str, text: str = TEXT) -> Mention:
    return Mention("PERSON", text.index(words), text.index(words) + len(words), entity, identifier)


def spans(*words: str, kind: str = "PERSON", text: str = TEXT) -> list[Span]:
    return [Span(kind, text.index(one), text.index(one) + len(one), 1.0, "t") for one in words]


def test_an_entity_counts_only_when_all_its_mentions_are_covered() -> None:
    second = Mention("PERSON", TEXT.rindex("Klein"), TEXT.rindex("Klein") + 5, "e1", "DIRECT")
    gold = [Annotated(TEXT, ((mention("Mr Klein", "e1", "DIRECT"), second, mention("1991", "e2", "QUASI")),))]
    half = tab_score(gold, [spans("Klein", "1991")])
    assert (half.direct, half.quasi) == (0.0, 1.0)
    assert (round(half.recall, 3), half.precision) == (0.667, 1.0)
    both = tab_score(gold, [[*spans("Klein", "1991"), Span("PERSON", second.start, second.end, 1.0, "t")]])
    assert (both.direct, both.quasi, both.recall, both.f1) == (1.0, 1.0, 1.0, 1.0)


def test_precision_is_shared_between_annotators_and_no_mask_is_no_gold() -> None:
    gold = [Annotated(TEXT, ((mention("Graz", "e1", "QUASI"),), (mention("Graz", "e1", "NO_MASK"),)))]
    score = tab_score(gold, [spans("Graz")])
    assert (score.recall, score.precision) == (1.0, 0.5)


def test_titles_and_little_words_need_no_cover() -> None:
    text = "the Court of Graz"
    gold = [Annotated(text, ((mention("the Court of Graz", "e1", "QUASI", text),),))]
    assert tab_score(gold, [spans("Court", "Graz", text=text)]).quasi == 1.0


@pytest.mark.parametrize(("overlap", "right"), [(0.5, 1), (0.9, 0)])
def test_a_span_is_right_from_an_overlap_on(overlap: float, right: int) -> None:
    text = "John Smith, Jr came"
    scores = kind_scores(
        [spans("John Smith, Jr", text=text)], [spans("John Smith", text=text)], [text], overlap=overlap
    )
    assert scores == [KindScore("*", right, 1 - right, 1 - right), KindScore("PERSON", right, 1 - right, 1 - right)]


def test_kinds_are_mapped_and_neighbours_joined() -> None:
    text = "12 High Street, Graz"
    gold = [spans("12 High Street, Graz", kind="LOCATION", text=text)]
    found = [[*spans("12 High Street", kind="STREET_ADDRESS", text=text), *spans("Graz", kind="GPE", text=text)]]
    names = {"STREET_ADDRESS": "LOCATION", "GPE": "LOCATION"}
    assert kind_scores(gold, found, [text], names) == [KindScore("*", 1, 0, 0), KindScore("LOCATION", 1, 0, 0)]
    assert kind_scores(gold, found, [text], {**names, "GPE": ""}, 0.9)[0] == KindScore("*", 0, 1, 1)


def test_a_mode_is_scored_on_labels_of_ones_own() -> None:
    text = "Write to ada@example.org today"
    labelled = [Labelled(text, (Span("EMAIL_ADDRESS", 9, 24, 1.0, "label"),)), Labelled("nothing", ())]
    scores = evaluate(labelled, "patterns", names={"URL": ""})
    assert scores == [KindScore("*", 1, 0, 0), KindScore("EMAIL_ADDRESS", 1, 0, 0)]


def test_scores_are_precision_recall_and_f() -> None:
    score = KindScore("X", right=8, wrong=2, missed=4)
    assert (score.precision, round(score.recall, 3), round(score.f(), 3), round(score.f(1), 3)) == (
        0.8,
        0.667,
        0.69,
        0.727,
    )
    assert KindScore("X", 0, 0, 0).f() == 0.0
