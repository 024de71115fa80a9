"""The engine: batches, languages, modes, and failing closed."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

import privacy
from catalog.errors import Unavailable, UsageError
from catalog.values import Span
from privacy import engine as engines
from privacy import ner
from privacy.engine import FAILED, TIMED_OUT, UNSUPPORTED, Engine, Scan

SHARED = Path(__file__).parents[2].parent / "shared" / "data"
TEXT = "John Smith lives in Paris. Mail: john@example.org"


@pytest.fixture(scope="module")
def strict() -> Engine:
    return Engine()


def found(text: str, scan: Scan) -> set[str]:
    return {f"{span.kind}:{text[span.start : span.end]}" for span in scan.spans}


def test_names_and_patterns_are_found_together(strict: Engine) -> None:
    scan = strict.scan([TEXT], ["en"])[0]
    assert scan.status == "ok"
    assert {"PERSON:John Smith", "LOCATION:Paris", "EMAIL_ADDRESS:john@example.org"} <= found(TEXT, scan)


def test_answers_come_in_the_order_of_the_texts_whatever_their_language(strict: Engine) -> None:
    scans = strict.scan(["ada@example.org", "ada@example.org", "bob@example.com"], ["en", "xx", "en"])
    assert [scan.status for scan in scans] == ["ok", UNSUPPORTED, "ok"]
    assert scans[1].spans == ()
    assert [span.end for scan in (scans[0], scans[2]) for span in scan.spans if span.kind == "EMAIL_ADDRESS"] == [
        15,
        15,
    ]


@pytest.mark.parametrize(
    ("mode", "language", "status"),
    [
        ("patterns", "es", "ok"),
        ("patterns", "", UNSUPPORTED),
        ("patterns", "zz", UNSUPPORTED),
        ("strict", "", UNSUPPORTED),
    ],
)
def test_a_language_that_is_not_supported_is_not_passed(mode: str, language: str, status: str) -> None:
    assert Engine(mode).scan(["nada"], [language])[0].status == status


def test_an_unknown_mode_is_refused() -> None:
    with pytest.raises(UsageError, match="expected a privacy mode of strict"):
        Engine("careless")


def test_a_recogniser_that_raises_holds_its_text_and_no_other(tmp_path: Path) -> None:
    check = tmp_path / "fragile.py"
    check.write_text(
        "VERSION = 1\nREPORTS = {'X': 'x'}\nEXAMPLES = ()\n"
        "def spans(view):\n    if 'boom' in view.text:\n        raise ValueError(view.text)\n    return ()\n"
    )
    scans = Engine("patterns", tmp_path).scan(["boom", "calm"], ["en", "en"])
    assert [scan.status for scan in scans] == [FAILED, "ok"]


@pytest.mark.parametrize(
    ("span", "status"),
    [
        ("'X', 0, 4, 0.9, 'x'", "ok"),
        ("'X', 0, 4, 1, 'x'", "ok"),
        ("'X', 2.0, 4.0, 0.9, 'x'", FAILED),
        ("'X', False, True, 0.9, 'x'", FAILED),
        ("'X', 4, 2, 0.9, 'x'", FAILED),
        ("'X', 2, 2, 0.9, 'x'", FAILED),
        ("'X', -2, 2, 0.9, 'x'", FAILED),
        ("'X', 0, 5, 0.9, 'x'", FAILED),
        ("'X', 0, 4, float('nan'), 'x'", FAILED),
        ("'X', 0, 4, None, 'x'", FAILED),
        ("None, 0, 4, 0.9, 'x'", FAILED),
    ],
)
def test_a_check_that_names_no_place_holds_its_text_and_no_other(tmp_path: Path, span: str, status: str) -> None:
    (tmp_path / "astray.py").write_text(
        "from catalog.values import Span\nVERSION = 1\nREPORTS = {'X': 'x'}\nEXAMPLES = ()\n"
        f"def spans(view):\n    return [Span({span})] if view.text == 'boom' else ()\n"
    )
    scans = Engine("patterns", tmp_path).scan(["boom", "calm"], ["en", "en"])
    assert [scan.status for scan in scans] == [status, "ok"]
    assert [found("boom", scan) for scan in scans] == [{"X:boom"} if status == "ok" else set(), set()]


def test_an_allowed_word_stays_where_it_stands_alone_and_goes_with_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        engines.tagger.Tagger, "tag", lambda _, texts: [[Span("PERSON", 0, 14, 0.9, "x")] for _ in texts]
    )
    text = "Michael Jordan came. Jordan is a country, Michael said, and Michael Jordan went."
    scan = Engine("fast", allow=["Jordan"]).scan([text], ["en"])[0]
    assert [(span.start, text[span.start : span.end]) for span in scan.spans] == [
        (0, "Michael Jordan"),
        (42, "Michael"),
        (60, "Michael Jordan"),
    ]


def test_a_pattern_that_times_out_holds_its_text(monkeypatch: pytest.MonkeyPatch) -> None:
    def late(*_: Any) -> Iterator[Span]:
        raise TimeoutError

    monkeypatch.setattr(engines.presidio.Recognizers, "spans", late)
    assert Engine("patterns").scan(["text"], ["en"]) == [Scan(TIMED_OUT)]


def test_a_model_that_fails_on_one_text_holds_that_text_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def fragile(segments: Sequence[str]) -> list[list[Span]]:
        if any("boom" in segment for segment in segments):
            raise MemoryError
        return [[] for _ in segments]

    monkeypatch.setattr(engines.tagger.Tagger, "tag", lambda self, segments: fragile(segments))
    assert [scan.status for scan in Engine("fast").scan(["boom", "calm"], ["en", "en"])] == [FAILED, "ok"]


def test_a_model_that_cannot_load_says_so(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="the spaCy pipeline does not load"):
        ner.Tagger(ner.Model("broken", str(tmp_path), "0"))


def test_detect_raises_for_a_text_that_was_not_examined() -> None:
    with pytest.raises(Unavailable, match="language-unsupported"):
        privacy.detect("bonjour", "zz", "patterns")


def test_detect_many_answers_per_text() -> None:
    spans = privacy.detect_many(["ada@example.org", "nothing here"], mode="patterns")
    assert [{span.kind for span in found} for found in spans] == [{"EMAIL_ADDRESS", "URL"}, set()]


def test_the_fingerprint_changes_with_what_is_found_with(tmp_path: Path) -> None:
    (tmp_path / "codes.yaml").write_text("recognizers: []\n")
    engines = [
        Engine("patterns"),
        Engine("strict"),
        Engine("patterns", countries=("in",)),
        Engine("patterns", tmp_path),
    ]
    assert len({engine.fingerprint for engine in engines}) == 4
    assert Engine("patterns").fingerprint == engines[0].fingerprint


def test_words_on_the_allow_list_are_nobodys_and_those_on_a_deny_list_somebodys(tmp_path: Path) -> None:
    (tmp_path / "projects.yaml").write_text(
        "recognizers:\n  - {name: projects, supported_entity: PROJECT, deny_list: [Bluebird]}\n"
    )
    text = "help@example.org runs bluebird, ada@example.org left"
    engine = Engine("patterns", tmp_path, allow=["HELP@example.org", "example.org"])
    assert found(text, engine.scan([text], ["en"])[0]) == {"EMAIL_ADDRESS:ada@example.org", "PROJECT:bluebird"}


def test_a_presidio_yaml_file_beside_the_recipe_is_used(tmp_path: Path) -> None:
    (tmp_path / "orders.yaml").write_text(
        "recognizers:\n  - name: orders\n    supported_language: en\n    supported_entity: ORDER\n"
        "    patterns: [{name: order, regex: 'ORD-\\d{6}', score: 0.9}]\n"
    )
    text = "see ORD-123456"
    assert "ORDER:ORD-123456" in found(text, Engine("patterns", tmp_path).scan([text], ["en"])[0])


def test_a_broken_yaml_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "broken.yaml").write_text("recognizers:\n  - name: x\n    patterns: 3\n")
    with pytest.raises(UsageError, match=r"broken\.yaml: the recognisers do not load"):
        Engine("patterns", tmp_path).scan(["text"], ["en"])


def test_hardly_a_valid_text_in_a_supported_language_is_held() -> None:
    if not SHARED.exists():
        pytest.skip("the shared measuring data is not on this machine")
    texts = [one["text"] for one in json.loads((SHARED / "pii/tab_dev.json").read_text("utf-8"))[::12]]
    texts += [one["full_text"] for one in json.loads((SHARED / "pii/synth_dev.json").read_text("utf-8"))[::5]]
    with gzip.open(SHARED / "text/open_docs.jsonl.gz", "rt", encoding="utf-8") as lines:
        texts += [json.loads(line)["text"][:8000] for number, line in enumerate(lines) if number % 50 == 0]
    statuses = [scan.status for scan in Engine("fast").scan(texts, ["en"] * len(texts))]
    assert sum(status != "ok" for status in statuses) <= 0.05 * len(texts)
