"""Training and mining assertions of C2PA and CAWG, from a manifest read by the source or by c2pa-python."""

from __future__ import annotations

import json
from collections.abc import Iterator

from catalog.checks import Example
from catalog.values import Answer, Preference
from licenses.page import Evidence

VERSION = 2
REPORTS = {
    "train-ai": "ai_training: training models.",
    "train-ai-generative": "ai_generative_training: training generative models.",
    "tdm": "data_mining: text and data mining.",
    "ai-input": "ai_inference: as input to a model.",
}
LABELS = ("cawg.training-mining", "c2pa.training-mining")
UNREAD = "unread"  # in the place of an assertion that is there and could not be read
EXAMPLES = (
    Example(
        "",
        ("train-ai=reserved",),
        fields=(("cawg.training-mining", '{"entries": {"cawg.ai_training": {"use": "notAllowed"}}}'),),
    ),
    Example(
        "",
        ("tdm=allowed",),
        fields=(("c2pa.training-mining", '{"entries": {"c2pa.data_mining": {"use": "allowed"}}}'),),
    ),
    Example(
        "",
        ("train-ai=reserved",),
        fields=(("cawg.training-mining", '{"entries": {"cawg.ai_training": {"use": "constrained"}}}'),),
    ),
    Example("", ("tdm=unknown", "train-ai=unknown"), fields=(("cawg.training-mining", UNREAD),)),
    Example("", fields=(("c2pa.actions", '{"entries": {"c2pa.ai_training": {"use": "notAllowed"}}}'),)),
)
_USES = {
    "ai_training": "train-ai",
    "ai_generative_training": "train-ai-generative",
    "data_mining": "tdm",
    "ai_inference": "ai-input",
}
# A constraint we cannot check is read as a reservation.
_ANSWERS: dict[str, Answer] = {"allowed": "allowed", "notAllowed": "reserved", "constrained": "reserved"}


def preferences(evidence: Evidence) -> Iterator[Preference]:
    """One for each use that an assertion of these labels speaks of."""
    for name, value in evidence.declared.fields:
        if not name.lower().startswith(LABELS):  # a second one of a file is called ...__1
            continue
        if value == UNREAD:
            yield from (_said(evidence, use, "unknown", UNREAD) for use in ("train-ai", "tdm"))
        for entry, use in entries(value):
            if entry in _USES and use in _ANSWERS:
                yield _said(evidence, _USES[entry], _ANSWERS[use], f"{entry}: {use}")


def _said(evidence: Evidence, use: str, answer: Answer, quote: str) -> Preference:
    return Preference(use, answer, "c2pa", "*", "author", quote, "embedded", evidence.observed_at)


def entries(assertion: str) -> Iterator[tuple[str, str]]:
    """(entry without its prefix, use) of an assertion's JSON."""
    try:
        data = json.loads(assertion)
    except (ValueError, RecursionError):
        return
    found = data.get("entries") if isinstance(data, dict) else None
    for name, entry in found.items() if isinstance(found, dict) else ():
        if isinstance(entry, dict):
            yield name.rpartition(".")[2], str(entry.get("use", ""))
