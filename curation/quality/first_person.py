"""How much a text speaks of its own author: the share of its words that say "I", "me" or "my"."""

from __future__ import annotations

from catalog.checks import Example
from curation.text import TextView

VERSION = 1
REPORTS = {"first_person": "Share of words that are the first person singular, in any of ten languages."}
EXAMPLES = (
    Example("I lost my keys.", ("first_person=0.5",)),
    Example("Ich habe meinen Schirm verloren.", ("first_person=0.4",)),
    Example("«Я» потеряла ключ.", ("first_person=0.3333",)),
    Example("The keys were lost. Henry I. lost them.", ("first_person=0.125",)),
    Example("They lost the keys.", ("first_person=0",)),
    Example("", ("first_person=None",)),
)
# Words that mean little else in any of the languages: the Spanish "me" and the Italian "ma" are left out.
_WORDS = frozenset([
    "i", "i'm", "i’m", "i've", "i’ve", "i'd", "i’d", "i'll", "i’ll", "my", "myself", "mine", "ich", "mich", "mir",
    "mein", "meine", "meinen", "meinem", "meiner", "meines", "je", "j'ai", "j’ai", "j'étais", "j’étais", "mon",
    "mes", "yo", "mis", "eu", "meu", "meus", "minha", "minhas", "io", "mio", "mia", "miei", "mie", "ik", "mijn",
    "jag", "mitt", "mina", "я", "меня", "мне", "мой", "моя", "мои", "мою",
])  # fmt: skip
_MARKS = "\"'“”‘’«»()[]{}.,;:!?…-–—*_"


def signals(view: TextView) -> dict[str, float | None]:
    if not len(view.words):
        return {"first_person": None}
    if not view.vocabulary & _WORDS:
        return {"first_person": 0.0}
    found = sum(word.strip(_MARKS).lower() in _WORDS for word in view.words)
    return {"first_person": round(found / len(view.words), 6)}
