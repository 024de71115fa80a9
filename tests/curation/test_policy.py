"""The policy: facts in, one decision with its reasons out, or the next thing that is needed."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path

import pytest

import licenses
from catalog.values import Consent, Preference, Reason
from curation.policy import Facts, Review, decide
from curation.recipe import Recipe, parse

NOW = dt.datetime(2026, 11, 21)
ACCEPTED = Review("accept", frozenset({"nd-needs-redaction"}))
BY, ND = "CC-BY-4.0", "CC-BY-ND-4.0"


def recipe(**changes: object) -> Recipe:
    table: dict[str, object] = {"dataset": "harbour", "source": [{"path": "x"}], "quality": {"presets": []}, **changes}
    return parse(table, Path("recipe.toml"))


def facts(licence: str | None = None, **changes: object) -> Facts:
    done = Facts(
        modality="text",
        verdict=licenses.Verdict(licence=licence, point="release" if licence else "none"),
        duplicate_of="",
        privacy="ok",
        content="ok",
        verbatim="ok",
    )
    return dataclasses.replace(done, **changes)


def outcome(found: Facts, given: Recipe | None = None) -> tuple[str, list[str]]:
    given = given or recipe()
    judged = decide(found, given, given.rules, NOW)
    assert judged.needs is None
    return judged.decision.action, [reason.id for reason in judged.decision.reasons]


def consent(**changes: object) -> Consent:
    return dataclasses.replace(Consent(("train", "share")), **changes)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (facts(BY), ("keep", [])),
        (facts(BY, redacted=frozenset({"PERSON"})), ("redact", [])),
        (facts(), ("drop", ["licence-unknown"])),
        (facts(problem="truncated"), ("drop", ["unreadable"])),
        (facts(ND), ("keep", [])),
        (facts(ND, redacted=frozenset({"PERSON"})), ("hold", ["nd-needs-redaction"])),
        (facts("CC-BY-ND-3.0", transforms=("extract-text",)), ("keep", [])),
        (facts("CC-BY-ND-3.0", transforms=("truncate",)), ("hold", ["transform-forbidden"])),
        (facts(ND, transforms=("truncate",)), ("keep", [])),
        (facts("CC-BY-3.0", transforms=("truncate",)), ("keep", [])),
        (facts("LicenseRef-CC-SAMPLING-1.0"), ("drop", ["licence-forbids-train", "licence-forbids-share-redacted"])),
        (facts(BY, privacy="language-unsupported"), ("hold", ["privacy-not-examined"])),
        (facts(BY, content="source-gone"), ("hold", ["source-gone"])),
        (facts(BY, duplicate_of="k", similarity=1.0), ("drop", ["duplicate-exact"])),
        (facts(BY, duplicate_of="k", similarity=0.9), ("drop", ["duplicate-near"])),
        (facts(contributor="p", consent=consent()), ("keep", [])),
        (facts(contributor="p"), ("hold", ["consent-missing"])),
        (facts(consent=consent(scope=("train",))), ("drop", ["consent-scope"])),
        (facts(consent=consent(expires=NOW - dt.timedelta(days=1))), ("drop", ["consent-expired"])),
        (facts(consent=consent(expires=NOW + dt.timedelta(days=1))), ("keep", [])),
        (facts(consent=consent(withdrawn=NOW)), ("drop", ["consent-withdrawn"])),
        (facts(BY, preferences=(Preference("train-ai", "reserved", "robots_meta"),)), ("drop", ["optout-train-ai"])),
        (facts(BY, preferences=(Preference("crawl", "reserved", "robots_txt"),)), ("keep", [])),
    ],
)
def test_one_fact_one_outcome(found: Facts, expected: tuple[str, list[str]]) -> None:
    assert outcome(found) == expected


PDM = licenses.Verdict("CC-PDM-1.0", "review", (Reason("public-domain-claimed"),))
LOOKED = Review("accept", frozenset({"source-review"}))
REFUSED = Review("refuse", frozenset())
DOUBTED = licenses.Verdict(BY, "review", (Reason("licence-conflict"),))
MUSEUM: dict[str, object] = {"licenses": {"trusted_public_domain": ["museum.example"]}}
MAX: dict[str, object] = {"quality": {"presets": [], "rule": [{"id": "long", "signal": "words", "max": 50}]}}
ENGLISH: dict[str, object] = {"quality": {"presets": [], "languages": ["en"], "language_confidence": 0.5}}
METADATA: dict[str, object] = {"privacy": {"images": "metadata"}}
REMOVE: dict[str, object] = {"paragraphs": {"action": "remove"}}
OWN: dict[str, object] = {"author_named": True, "signals": {"first_person": 0.01}, "kinds": frozenset({"HEALTH"})}


def uses(*named: str) -> dict[str, object]:
    return {"uses": list(named)}


def reserves(what: str) -> tuple[Preference, ...]:
    return (Preference(what, "reserved", "robots_meta"),)


# For each line of the policy what makes it speak, and beside it what only just does not.
LINES: list[tuple[Facts, dict[str, object], tuple[str, list[str]]]] = [
    (facts(problem="erased"), {}, ("drop", ["erased"])),
    (facts(problem="suppressed"), {}, ("drop", ["suppressed"])),
    (facts(BY, suppressed="host"), {}, ("drop", ["suppressed"])),
    # consent
    (facts(consent=consent(granted_at=NOW + dt.timedelta(days=1))), {}, ("drop", ["consent-not-yet"])),
    (facts(consent=consent(granted_at=NOW + dt.timedelta(hours=10))), {}, ("keep", [])),
    (facts(consent=consent(withdrawn=NOW + dt.timedelta(hours=10))), {}, ("drop", ["consent-withdrawn"])),
    (facts(consent=consent(withdrawn=NOW + dt.timedelta(days=1))), {}, ("keep", [])),
    (facts(consent=consent(expires=NOW)), {}, ("drop", ["consent-expired"])),
    (facts(consent=consent(expires=NOW + dt.timedelta(hours=1))), {}, ("keep", [])),
    (facts(consent=consent(scope=("share",))), uses("train"), ("drop", ["consent-scope"])),
    (facts(consent=consent(scope=("share",))), uses("share redacted"), ("keep", [])),
    (facts(consent=consent(scope=("share redacted",))), uses("share"), ("drop", ["consent-scope"])),
    (facts(consent=consent(scope=("share redacted",))), uses("share redacted"), ("keep", [])),
    # licence
    (facts(), {"licenses": {"unknown": "hold"}}, ("hold", ["licence-unknown"])),
    (facts("CC-PDM-1.0"), uses("train"), ("hold", ["licence-unclear"])),
    (facts("CC-PDM-1.0"), {**uses("train"), "licenses": {"review": "drop"}}, ("drop", ["licence-unclear"])),
    (facts(verdict=PDM, host="museum.example"), MUSEUM, ("keep", [])),
    (facts(verdict=PDM, host="pier.example"), MUSEUM | uses("train"), ("hold", ["licence-unclear", "licence-review"])),
    (facts(verdict=DOUBTED), {}, ("hold", ["licence-review"])),
    (facts(verdict=DOUBTED, host="museum.example"), MUSEUM, ("hold", ["licence-review"])),
    (facts("CC-BY-NC-4.0"), uses("commercial"), ("drop", ["licence-forbids-commercial"])),
    (facts("CC-BY-NC-4.0"), uses("adapt"), ("keep", [])),
    (facts("CC-BY-3.0"), {"licenses": {"accept": ["CC0-*", "CC-BY-4.0"]}}, ("drop", ["licence-not-accepted"])),
    (facts(BY), {"licenses": {"accept": ["CC0-*", "CC-BY-4.0"]}}, ("keep", [])),
    # what reading did
    (facts(ND, transforms=("remove-paragraphs",)), {}, ("hold", ["transform-forbidden"])),
    (facts(ND, transforms=("remove-paragraphs",)), uses("train"), ("keep", [])),
    (
        facts("LicenseRef-CC-SAMPLING-1.0", transforms=("extract-text",)),
        uses("train"),
        ("drop", ["licence-forbids-train"]),
    ),
    # reservations
    *(
        (facts(BY, preferences=reserves("tdm")), uses(use), ("drop", ["optout-tdm"]))
        for use in ("share", "share redacted", "adapt", "commercial")
    ),
    (facts(BY, preferences=reserves("train-ai")), uses("train"), ("drop", ["optout-train-ai"])),
    (facts(BY, preferences=reserves("tdm")), uses("train"), ("drop", ["optout-tdm", "optout-train-ai"])),
    (facts(BY, preferences=reserves("ai-use")), uses("train"), ("drop", ["optout-ai-use", "optout-train-ai"])),
    (facts(BY, preferences=reserves("train-ai")), uses("share", "adapt", "commercial"), ("keep", [])),
    (facts(BY, modality="image", preferences=reserves("train-ai-images")), uses("share"), ("keep", [])),
    # language and quality
    (facts(BY, language="de", language_confidence=0.5), ENGLISH, ("drop", ["language"])),
    (facts(BY, language="de", language_confidence=0.49), ENGLISH, ("keep", [])),
    (facts(BY, language="en", language_confidence=0.5), ENGLISH, ("keep", [])),
    (facts(BY, language=None, language_confidence=0.5), ENGLISH, ("keep", [])),
    (facts(BY, signals={"words": 50.001}), MAX, ("drop", ["long"])),
    (facts(BY, signals={"words": 50.0000001}), MAX, ("keep", [])),
    (facts(BY, signals={"words": 51.0}, modality="image"), MAX, ("keep", [])),
    # benchmarks and lines of the site
    (facts(BY, overlaps=("quiz:1",)), {}, ("drop", ["benchmark-overlap"])),
    (facts(BY, overlaps=("quiz:1",)), {"decontaminate": {"action": "flag"}}, ("keep", ["benchmark-overlap"])),
    (facts(BY, paragraphs=2, repeated=2), REMOVE, ("drop", ["site-paragraphs-only"])),
    (facts(BY, paragraphs=2, repeated=1), REMOVE, ("keep", ["site-paragraphs"])),
    (facts(ND, paragraphs=2, repeated=2), REMOVE, ("keep", ["site-paragraphs"])),  # nothing is taken out of it
    (facts(BY, paragraphs=2, repeated=2), {"paragraphs": {"action": "flag"}}, ("keep", ["site-paragraphs"])),
    # duplicates
    (facts(BY, duplicate_of=None), {"duplicates": {"enabled": False}}, ("keep", [])),
    # personal data
    (facts(BY, privacy="crashed", modality="image"), METADATA, ("hold", ["privacy-not-examined"])),
    (facts(BY, **OWN), {}, ("hold", ["named-author"])),
    (facts(BY, **OWN), {"licenses": {"named_author": "flag"}}, ("keep", ["named-author"])),
    (facts(BY, **OWN | {"author_named": False}), {}, ("keep", [])),
    (facts(BY, **OWN | {"signals": {"first_person": 0.009}}), {}, ("keep", [])),
    (facts(BY, **OWN | {"signals": {}}), {}, ("keep", [])),
    (facts(BY, **OWN | {"kinds": frozenset({"LOCATION"})}), {}, ("keep", [])),
    # a person's word
    (facts(BY, review_asked=True, review=REFUSED), {}, ("drop", ["source-review", "review-refused"])),
    (facts(BY, review=REFUSED), {}, ("keep", [])),
    (
        facts(BY, review_asked=True, redacted=frozenset({"PERSON"}), review=LOOKED),
        {},
        ("redact", ["source-review", "review-accepted"]),  # accepted, and yet not as it is
    ),
]


@pytest.mark.parametrize(("found", "changes", "expected"), LINES)
def test_each_line_speaks_where_it_should_and_only_there(
    found: Facts, changes: dict[str, object], expected: tuple[str, list[str]]
) -> None:
    assert outcome(found, recipe(**changes)) == expected


@pytest.mark.parametrize(
    ("found", "basis"),
    [
        (facts(BY), "licence"),
        (facts(BY, consent=consent()), "licence"),
        (facts(consent=consent()), "consent"),
        (facts("CC-PDM-1.0"), "unknown"),
        (facts(), "unknown"),
    ],
)
def test_a_record_says_why_it_may_be_used(found: Facts, basis: str) -> None:
    assert decide(found, recipe(), (), NOW).basis == basis


def test_what_is_missing_is_asked_for_in_the_order_in_which_it_can_be_given() -> None:
    found = facts(BY, duplicate_of=None, privacy=None, content=None)
    asked = []
    for given in ({"duplicate_of": ""}, {"privacy": "ok"}, {"content": "ok"}, {}):
        judged = decide(found, recipe(), (), NOW)
        asked.append(judged.needs)
        found = dataclasses.replace(found, **given)
    assert asked == ["duplicates", "privacy", "content", None]


def test_a_record_that_is_dropped_anyway_needs_nothing() -> None:
    assert decide(facts(duplicate_of=None, privacy=None), recipe(), (), NOW).needs is None


@pytest.mark.parametrize(("value", "expected"), [(49.0, "drop"), (50.0, "keep"), (None, "keep")])
def test_a_rule_fires_below_its_minimum_and_never_on_what_was_not_measured(value: float | None, expected: str) -> None:
    given = recipe(quality={"presets": [], "rule": [{"id": "too-short", "signal": "words", "min": 50}]})
    assert outcome(facts(BY, signals={"words": value}), given)[0] == expected


@pytest.mark.parametrize(("language", "expected"), [("en", "drop"), (None, "drop"), ("de", "keep")])
def test_a_rule_for_some_languages_leaves_the_others_alone(language: str | None, expected: str) -> None:
    rule = {"id": "stop-words", "signal": "words", "min": 2, "languages": ["en"]}
    given = recipe(quality={"presets": [], "rule": [rule]})
    found = facts(BY, signals={"words": 0.0}, language=language, language_confidence=0.9)
    assert outcome(found, given)[0] == expected
    assert outcome(dataclasses.replace(found, language_confidence=0.1), given)[0] == "drop"  # it may be any


def test_a_reason_carries_rule_value_and_threshold() -> None:
    given = recipe(quality={"presets": [], "rule": [{"id": "too-short", "signal": "words", "min": 50}]})
    judged = decide(facts(BY, signals={"words": 7.0}), given, given.rules, NOW)
    (reason,) = judged.decision.reasons
    assert (reason.id, reason.rule, reason.value, reason.threshold) == ("too-short", "words", "7", ">= 50")


@pytest.mark.parametrize(("review", "expected"), [("", "hold"), ("accept", "keep"), ("refuse", "drop")])
def test_a_persons_answer_settles_what_is_held(review: str, expected: str) -> None:
    said = Review(review, frozenset({"nd-needs-redaction"})) if review else None
    assert outcome(facts(ND, redacted=frozenset({"PERSON"}), review=said))[0] == expected


def test_an_answer_settles_only_the_reasons_it_was_given_to() -> None:
    said = Review("accept", frozenset({"licence-review"}))
    assert outcome(facts(ND, redacted=frozenset({"PERSON"}), review=said))[0] == "hold"
    assert outcome(facts(BY, privacy="scan-failed", review=said))[0] == "hold"


def test_a_source_that_a_person_looks_through_is_held_until_they_accepted_each_record() -> None:
    assert outcome(facts(BY, review_asked=True)) == ("hold", ["source-review"])
    accepted = Review("accept", frozenset({"source-review"}))
    assert outcome(facts(BY, review_asked=True, review=accepted)) == ("keep", ["source-review", "review-accepted"])
    assert outcome(facts(BY, review_asked=True, privacy="crashed", review=accepted))[0] == "hold"


def test_a_persons_answer_brings_nothing_back_that_was_dropped() -> None:
    assert outcome(facts(review=Review("accept", frozenset({"licence-unknown"}))))[0] == "drop"


def test_a_kind_that_the_rules_leave_in_asks_for_no_redaction_and_can_still_be_held_on() -> None:
    assert outcome(facts(ND, kinds=frozenset({"URL"}))) == ("keep", [])
    held = recipe(privacy={"hold": ["URL"]})
    assert outcome(facts(BY, kinds=frozenset({"URL"})), held) == ("hold", ["privacy-kind"])


def test_an_accepted_nd_work_leaves_as_it_is() -> None:
    found = facts(ND, redacted=frozenset({"PERSON"}), review=ACCEPTED, verbatim=None)
    assert decide(found, recipe(), (), NOW).needs == "content-verbatim"


def test_a_reservation_of_pictures_is_heard_for_pictures_alone() -> None:
    preferences = (Preference("train-ai-images", "reserved", "robots_meta"),)
    assert outcome(facts(BY, modality="image", preferences=preferences)) == ("drop", ["optout-train-ai-images"])
    assert outcome(facts(BY, preferences=preferences)) == ("keep", [])


@pytest.mark.parametrize(("action", "expected"), [("drop", "drop"), ("hold", "hold"), ("flag", "keep")])
def test_what_a_reservation_does_is_the_recipes_to_say(action: str, expected: str) -> None:
    reserved = facts(BY, preferences=(Preference("tdm", "reserved", "tdmrep", layer="header"),))
    assert outcome(reserved, recipe(licenses={"optouts": action}))[0] == expected


@pytest.mark.parametrize(("host", "expected"), [("museum.example", "keep"), ("elsewhere.example", "hold")])
def test_a_public_domain_mark_is_believed_of_the_hosts_on_the_recipes_list(host: str, expected: str) -> None:
    claimed = licenses.Verdict("CC-PDM-1.0", "review", (Reason("licence-stated"), Reason("public-domain-claimed")))
    given = recipe(licenses={"trusted_public_domain": ["museum.example"]})
    assert outcome(facts(verdict=claimed, host=host), given)[0] == expected


def test_an_unexamined_picture_stays_only_where_the_recipe_asked_not_to_look() -> None:
    picture = facts(BY, modality="image", privacy="not-examined")
    assert outcome(picture) == ("hold", ["privacy-not-examined"])
    assert outcome(picture, recipe(privacy={"images": "metadata"})) == ("keep", ["pixels-not-examined"])


@pytest.mark.parametrize(
    ("licence", "uses", "expected"),
    [
        ("CC-BY-ND-4.0", ["train"], "redact"),  # 2(a)(1)(B): made and kept, but not shared
        ("CC-BY-ND-4.0", ["train", "share redacted"], "hold"),
        ("CC-BY-ND-3.0", ["train"], "hold"),
        ("CC-BY-NC-ND-4.0", ["train"], "redact"),
    ],
)
def test_a_redacted_nd_work_may_be_made_where_its_version_grants_it_and_never_shared(
    licence: str, uses: list[str], expected: str
) -> None:
    assert outcome(facts(licence, redacted=frozenset({"PERSON"})), recipe(uses=uses))[0] == expected


def test_an_unlicensed_work_is_not_shared_though_nothing_in_it_is_redacted() -> None:
    found = facts("LicenseRef-all-rights-reserved")
    assert outcome(found, recipe(uses=["share redacted"])) == ("drop", ["licence-forbids-share-redacted"])
