"""Languages are named with a confidence, and not named where the text is too short."""

from __future__ import annotations

import pytest

from curation.language import detect

SENTENCES = {
    "en": "The harbour master signs every page of the log before the ship may leave.",
    "de": "Der Hafenmeister unterschreibt jede Seite, bevor das Schiff auslaufen darf.",
    "fr": "Le capitaine du port signe chaque page avant que le navire ne parte.",
    "es": "El capitán del puerto firma cada página antes de que salga el barco.",
    "ru": "Капитан порта подписывает каждую страницу журнала перед отплытием.",
    "zh": "港口负责人在船离港之前要在每一页上签字。",
    "ja": "港長は船が出る前に、すべてのページに署名します。",
    "ar": "يوقع مدير الميناء على كل صفحة قبل أن تغادر السفينة.",
}


@pytest.mark.parametrize("code", SENTENCES)
def test_a_sentence_is_known_by_its_language(code: str) -> None:
    found, confidence = detect(SENTENCES[code])
    assert found == code
    assert confidence is not None
    assert 0.6 < confidence <= 1


@pytest.mark.parametrize("text", ["", "OK", "12 345 678 9", "=====" * 50, "https://example.org/the/page/of/words"])
def test_what_holds_too_few_letters_has_no_language(text: str) -> None:
    assert detect(text) == (None, None)


def test_capitals_do_not_change_the_language() -> None:
    assert detect(SENTENCES["en"].upper())[0] == "en"


def test_a_long_text_is_judged_by_all_of_it() -> None:
    assert detect(SENTENCES["de"] * 100 + SENTENCES["en"])[0] == "de"
