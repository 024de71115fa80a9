"""Marks that chat programs leave in text: phrases and citation tokens, no guess at style."""

from __future__ import annotations

from catalog.checks import Example
from curation.text import TextView

VERSION = 1
REPORTS = {
    "machine_phrases": "Phrases of chat programs (disclaimers, refusals, offers to go on).",
    "machine_tokens": "Citation and link tokens that chat programs leave when copied.",
}
EXAMPLES = (
    Example("As an AI language model, I cannot smell the sea.", ("machine_phrases=1", "machine_tokens=0")),
    Example("See the port's page :contentReference[oaicite:0]{index=0}.", ("machine_tokens=2",)),
    Example("A language model of AI researchers was shown.", ()),
)

_PHRASES = (
    "as an ai language model",
    "as a large language model",
    "as an ai assistant",
    "as an ai, i",
    "i'm just an ai",
    "my knowledge cutoff",
    "my last knowledge update",
    "i cannot fulfill that request",
    "i can't assist with that",
    "i cannot assist with that",
    "i'm sorry, but i can't",
    "certainly! here is",
    "certainly! here are",
    "sure! here is",
    "sure, here is a",
    "regenerate response",
    "would you like me to expand",
    "let me know if you'd like me to",
    "als ki-sprachmodell",
    "en tant que modèle de langage",
    "como modelo de lenguaje",
)
_TOKENS = ("contentreference[", "oaicite", "utm_source=chatgpt", "turn0search", "turn0image", "citeturn", "grok_card")


def signals(view: TextView) -> dict[str, float | None]:
    if not view.words:
        return dict.fromkeys(REPORTS)
    return {"machine_phrases": view.phrases(_PHRASES), "machine_tokens": view.phrases(_TOKENS)}
