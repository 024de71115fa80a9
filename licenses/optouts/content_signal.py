"""`Content-Signal` in robots.txt and headers; often a platform's default, not the site's own words."""

from __future__ import annotations

import re
from collections.abc import Iterator

from catalog.checks import Example
from catalog.values import Answer, Preference, Speaker
from licenses.page import Evidence
from licenses.robots_file import groups, matches, path_of

VERSION = 1
REPORTS = {
    "train-ai": "ai-train: training or fine-tuning models.",
    "ai-input": "ai-input: reading content into a model, for example to answer with it.",
    "search": "search: building a search index with links and short excerpts.",
}
EXAMPLES = (
    Example("User-agent: *\nContent-Signal: search=yes, ai-train=no\n", ("search=allowed", "train-ai=reserved")),
    Example("User-agent: *\nContent-Signal: ai-train=perhaps, use=reference\n"),
    Example("User-agent: *\nDisallow: /ai-train=no\n"),
)
_USES = {"search": "search", "ai-train": "train-ai", "ai-input": "ai-input"}
_ANSWERS: dict[str, Answer] = {"yes": "allowed", "no": "reserved"}
_MANAGED = re.compile(r"cloudflare managed|BEGIN Cloudflare", re.I)


def preferences(evidence: Evidence) -> Iterator[Preference]:
    """One for each signal with a value that is yes or no."""
    for name, value in evidence.headers or ():
        if name.lower() == "content-signal":
            yield from _read(evidence, value, "*", "header", "site")
    speaker: Speaker = "platform" if _MANAGED.search(evidence.robots or "") else "site"
    for group in groups(evidence.robots or ""):
        for value in group.values("content-signal"):
            path, signals = value.split(" ", 1) if value.startswith("/") and " " in value else ("", value)
            if matches(path, path_of(evidence.url)):
                for agent in group.agents or ("*",):
                    yield from _read(evidence, signals, agent.lower(), "file", speaker)


def _read(evidence: Evidence, value: str, agent: str, layer: str, speaker: Speaker) -> Iterator[Preference]:
    for part in value.lower().split(","):
        key, _, answer = (word.strip() for word in part.partition("="))
        if key in _USES and answer in _ANSWERS:
            quote = f"Content-Signal: {key}={answer}"
            yield Preference(
                _USES[key], _ANSWERS[answer], "content_signal", agent, speaker, quote, layer, evidence.observed_at
            )
