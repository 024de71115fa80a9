"""The data card and the model card of a trained tagger, written from what its training recorded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def data_card(card: Mapping[str, Any], name: str) -> str:
    """Markdown: what the model learnt from, by source, with its licence."""
    rows = [
        f"| {source} | {about['licence'] or 'not said'} | {about['texts']} | {about['characters']} | {about['spans']} |"
        for source, about in sorted(card["sources"].items())
    ]
    totals = {key: sum(about[key] for about in card["sources"].values()) for key in ("texts", "characters", "spans")}
    return "\n".join(
        (
            f"# Data card: what {name} learnt from",
            "",
            "| source | licence | texts | characters | labelled places |",
            "| --- | --- | ---: | ---: | ---: |",
            *rows,
            f"| all | | {totals['texts']} | {totals['characters']} | {totals['spans']} |",
            "",
            f"Kinds: {', '.join(card['kinds'])}.",
            "",
            f"A share of {card['settings']['held_back']:g} of the texts was held back by their digests and only "
            "scored the model. Whether a licence lets a model be made of its texts, and how the model may be passed "
            "on, is for whoever trains it to settle: `cleartitle license explain LICENCE --use train`.",
            "",
        )
    )


def model_card(card: Mapping[str, Any], name: str) -> str:
    """Markdown: what the model is for, how it was made, how well it did, and what it may give away."""
    settings = ", ".join(f"{key} {value:g}" for key, value in card["settings"].items())
    return "\n".join(
        (
            f"# Model card: {name}",
            "",
            "A small tagger of personal data in texts: hashed features of words, two convolutions, a tag for each "
            "word. It finds names and the like for `cleartitle` to redact; it is made to be used together with "
            "patterns and, in mode `strict`, a larger pipeline.",
            "",
            f"- File: {card['bytes']} bytes, SHA-256 `{card['sha256']}`",
            f"- Begun with: {card['base'] or 'nothing'}",
            f"- Settings: {settings}",
            f"- Kinds: {', '.join(card['kinds'])}",
            "",
            *_scores(card["held_back"]),
            "",
            "What it misses it misses silently: measure it on labels of your own (`cleartitle pii eval`) and measure "
            "what is left in a release (`cleartitle leaks`).",
            "",
            "It keeps a number for each hashed feature that its texts held, so somebody who has the model can test "
            "whether a rare word was among them. A model that learnt from texts that may not be known stays with "
            "those who may know them.",
            "",
        )
    )


def _scores(held_back: Mapping[str, Mapping[str, float]]) -> tuple[str, ...]:
    if not held_back:
        return ("No texts were held back: how well it does is not known.",)
    rows = [
        f"| {'all kinds together' if kind == '*' else kind} | {one['spans']} | {one['precision']:.3f} "
        f"| {one['recall']:.3f} |"
        for kind, one in held_back.items()
    ]
    return (
        "On texts held back from the same sources (other texts are harder):",
        "",
        "| kind | places | precision | recall |",
        "| --- | ---: | ---: | ---: |",
        *rows,
    )
