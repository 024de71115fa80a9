"""Pipelines of one's own in `strict`: by folder, as Presidio's NLP engines, and failing closed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from catalog.errors import Unavailable
from catalog.values import Span
from privacy import pipelines
from privacy.engine import FAILED, UNSUPPORTED, Engine

TEXT = "Zyx met Qwv.\n\nThen Qwv left for Brn."


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small spaCy pipeline on disk that knows two names by heart."""
    import spacy

    nlp = spacy.blank("en")
    nlp.add_pipe("entity_ruler").add_patterns(
        [
            {"label": "PERSON", "pattern": "Zyx"},
            {"label": "PERSON", "pattern": "Qwv"},
            {"label": "GPE", "pattern": "Brn"},
        ]
    )
    path = tmp_path_factory.mktemp("pipeline") / "own"
    nlp.to_disk(path)
    return path


class Fake:
    """An NLP engine as Presidio asks for one; reads nothing but capital words of three letters."""

    def __init__(self, skips: bool = False) -> None:
        self.skips = skips

    def is_loaded(self) -> bool:
        return True

    def get_supported_languages(self) -> list[str]:
        return ["en", "xx"]

    def get_supported_entities(self) -> list[str]:
        return ["PERSON"]

    def process_batch(self, texts: Iterable[str], language: str) -> Iterator[tuple[str, Any]]:
        from presidio_analyzer.nlp_engine import NlpArtifacts
        from spacy import blank
        from spacy.tokens import Span as Words

        nlp = blank(language)
        for text in [] if self.skips else texts:
            doc = nlp(text)
            words = [Words(doc, word.i, word.i + 1, label="PERSON") for word in doc if word.text in ("Zyx", "Qwv")]
            doc.ents = words
            yield text, NlpArtifacts(list(doc.ents), doc, [], [], self, language, scores=[0.7] * len(words))


def names(text: str, spans: Iterable[Span]) -> set[tuple[str, str]]:
    return {(span.kind, text[span.start : span.end]) for span in spans}


def test_a_spacy_pipeline_in_a_folder_reads_in_strict(folder: Path) -> None:
    scan = Engine(pipeline=str(folder)).scan([TEXT], ["en"])[0]
    assert scan.status == "ok"
    assert {("PERSON", "Zyx"), ("PERSON", "Qwv"), ("LOCATION", "Brn")} <= names(TEXT, scan.spans)


def ruler(path: Path, language: str, **labels: str) -> str:
    """A pipeline on disk with one word a label."""
    import spacy

    nlp = spacy.blank(language)
    nlp.add_pipe("entity_ruler").add_patterns([{"label": label, "pattern": word} for label, word in labels.items()])
    nlp.to_disk(path)
    return str(path)


@pytest.mark.parametrize("label", ["persName", "PRS", "PS", "PATIENT", "person"])
def test_labels_of_pipelines_in_other_languages_are_people(tmp_path: Path, label: str) -> None:
    text = "Mieszka tu Jan Kowalski."
    scan = Engine(pipeline=ruler(tmp_path / "own", "pl", **{label: "Jan Kowalski"})).scan([text], ["pl"])[0]
    assert (scan.status, names(text, scan.spans)) == ("ok", {("PERSON", "Jan Kowalski")})


def test_an_unknown_label_is_a_kind_of_its_own_and_one_that_tells_nobody_apart_is_none(tmp_path: Path) -> None:
    own = ruler(tmp_path / "own", "pl", persName="Jan", **{"ward-nr": "Brzoza", "MISC": "Dom"})
    text = "Jan: Brzoza, Dom."
    assert names(text, Engine(pipeline=own).scan([text], ["pl"])[0].spans) == {("PERSON", "Jan"), ("WARD_NR", "Brzoza")}


@pytest.mark.parametrize("labels", [{}, {"GPE": "Brn"}, {"WARD": "Zyx"}])
def test_a_pipeline_that_knows_no_people_holds_the_text(tmp_path: Path, labels: dict[str, str]) -> None:
    assert Engine(pipeline=ruler(tmp_path / "own", "en", **labels)).scan([TEXT], ["en"])[0].status == UNSUPPORTED


def test_presidios_configuration_of_an_nlp_engine_is_read(folder: Path, tmp_path: Path) -> None:
    yaml = tmp_path / "nlp.yaml"
    yaml.write_text(
        f"nlp_engine_name: spacy\nmodels:\n  - {{lang_code: en, model_name: {folder}}}\n"
        "ner_model_configuration:\n  model_to_presidio_entity_mapping: {PERSON: PERSON, GPE: LOCATION}\n"
        "  low_score_entity_names: []\n  labels_to_ignore: []\n"
    )
    engine = Engine(pipeline=str(yaml))
    assert {("PERSON", "Zyx"), ("LOCATION", "Brn")} <= names(TEXT, engine.scan([TEXT], ["en"])[0].spans)
    assert engine.scan([TEXT], ["fr"])[0].status == UNSUPPORTED


def test_an_nlp_engine_of_ones_own_is_asked_in_its_languages_with_its_scores() -> None:
    engine = Engine(pipeline=Fake())
    scans = engine.scan([TEXT, TEXT, TEXT], ["en", "xx", "de"])
    assert [scan.status for scan in scans] == ["ok", "ok", UNSUPPORTED]
    assert ("PERSON", "Qwv") in names(TEXT, scans[1].spans)
    assert {span.score for span in scans[1].spans if span.recognizer == "Fake"} == {0.7}


def test_an_nlp_engine_that_leaves_texts_out_holds_them() -> None:
    assert Engine(pipeline=Fake(skips=True)).scan([TEXT], ["en"])[0].status == FAILED


@pytest.mark.parametrize("pipeline", ["no_such_package_here", "/no/such/folder"])
def test_a_pipeline_that_is_not_there_is_named(pipeline: str) -> None:
    with pytest.raises(Unavailable, match="neither a package that is installed nor a folder"):
        Engine(pipeline=pipeline).scan([TEXT], ["en"])


def test_a_configuration_that_does_not_load_is_named(tmp_path: Path) -> None:
    yaml = tmp_path / "nlp.yaml"
    yaml.write_text("nlp_engine_name: nothing\nmodels: []\n")
    with pytest.raises(Unavailable, match=r"nlp\.yaml: the NLP engine does not load"):
        pipelines.reader(str(yaml), "en")


def test_the_fingerprint_names_the_pipeline(folder: Path) -> None:
    assert (
        len({Engine().fingerprint, Engine(pipeline=str(folder)).fingerprint, Engine(pipeline=Fake()).fingerprint}) == 3
    )


def test_a_folder_that_was_trained_again_is_another_pipeline(tmp_path: Path) -> None:
    own = ruler(tmp_path / "own", "en", PERSON="Zyx")
    first = Engine(pipeline=own).fingerprint
    assert Engine(pipeline=own).fingerprint == first
    ruler(tmp_path / "own", "en", PERSON="Qwv")  # the same name and version
    assert Engine(pipeline=own).fingerprint != first


def test_a_pipeline_of_another_language_that_comes_later_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    strict, fast = Engine().fingerprint, Engine("fast").fingerprint
    (tmp_path / "qq_core_news_sm").mkdir()
    (tmp_path / "qq_core_news_sm" / "__init__.py").touch()
    (tmp_path / "qq_core_news_sm-1.0.dist-info").mkdir()
    (tmp_path / "qq_core_news_sm-1.0.dist-info" / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: qq_core_news_sm\nVersion: 1.0\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    assert Engine().supports("qq")
    assert Engine().fingerprint != strict
    assert Engine("fast").fingerprint == fast
