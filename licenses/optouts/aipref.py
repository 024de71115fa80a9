"""IETF AI preferences: `Content-Usage` as a header and in robots.txt, and the signals of Creative Commons in it."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import unquote

from catalog.checks import Example
from catalog.values import Answer, Preference
from licenses import structured
from licenses.page import Evidence
from licenses.robots_file import groups, matches, path_of

VERSION = 1
REPORTS = {
    "train-ai": "Preference about training AI models.",
    "search": "Preference about search.",
    "ai-use": "Preference about AI use at large, from the draft of Creative Commons signals.",
}
EXAMPLES = (
    Example("<p>", ("search=allowed", "train-ai=reserved"), headers=(("Content-Usage", "train-ai=n, search=y"),)),
    Example("<p>", headers=(("Content-Usage", "Train-AI=n"),)),
    Example("<p>", headers=(("Content-Usage", 'train-ai="n"'),)),
    Example("User-Agent: *\nContent-Usage: /a train-ai=n\n", ("train-ai=reserved",), "https://example.org/a/b"),
    Example("User-Agent: *\nContent-Usage: /a train-ai=n\n", (), "https://example.org/b"),
)
_USES = ("train-ai", "search", "ai-use")
_ANSWERS: dict[str, Answer] = {"y": "allowed", "n": "reserved"}


def preferences(evidence: Evidence) -> Iterator[Preference]:
    """One for each use that a source speaks of; `licenses.reserved` lets the most restrictive win."""
    header = ", ".join(value for name, value in evidence.headers or () if name.lower() == "content-usage")
    for use, answer in read(header):
        yield Preference(use, answer, "aipref", "*", "site", f"Content-Usage: {header}", "header", evidence.observed_at)
    for agent, line in _robots_lines(evidence):
        for use, answer in read(line):
            quote = f"Content-Usage: {line}"
            yield Preference(use, answer, "aipref", agent, "site", quote, "file", evidence.observed_at)


def read(text: str) -> Iterator[tuple[str, Answer]]:
    """Uses with their answers; nothing at all where the text is not a structured dictionary."""
    for key, (value, _) in (structured.parse(text) or {}).items():
        if key in _USES and value in _ANSWERS:
            yield key, _ANSWERS[value]


def _robots_lines(evidence: Evidence) -> Iterator[tuple[str, str]]:
    """In each group, the line with the longest path that matches this address."""
    path = path_of(evidence.url)
    for group in groups(evidence.robots or ""):
        rules = [_rule(value) for value in group.values("content-usage")]
        fitting = [(pattern, line) for pattern, line in rules if matches(pattern, path)]
        if fitting:
            longest = max(len(unquote(pattern)) for pattern, _ in fitting)
            line = ", ".join(line for pattern, line in fitting if len(unquote(pattern)) == longest)
            yield from ((agent.lower(), line) for agent in group.agents)


def _rule(value: str) -> tuple[str, str]:
    """`/path train-ai=n` as (path, preferences); without a path the rule holds everywhere."""
    if value.startswith("/"):
        pattern, _, line = value.partition(" ")
        return pattern, line.strip()
    return "", value
