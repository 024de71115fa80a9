"""robots.txt rules for crawlers, and for the agents of AI companies by what they fetch for."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from catalog.checks import Example
from catalog.values import Preference
from licenses.page import Evidence
from licenses.robots_file import LIMIT, agent_token, groups

VERSION = 1
REPORTS = {
    "crawl": "May crawlers in general fetch this address?",
    "train-ai": "May agents that fetch training data do so? One for each such agent that robots.txt names.",
    "ai-input": "May agents that fetch pages to answer a question do so?",
    "search": "May agents of AI search indexes do so?",
}
EXAMPLES = (
    Example("User-agent: GPTBot\nDisallow: /\n", ("crawl=allowed", "train-ai=reserved"), "https://example.org/a"),
    Example(
        "User-agent: GPTBot\nDisallow: /private/\n", ("crawl=allowed", "train-ai=allowed"), "https://example.org/a"
    ),
    Example("User-agent: *\nDisallow: /a\n", ("crawl=reserved",), "https://example.org/a"),
    Example("User-agent: *\nDisallow: /b\n", ("crawl=allowed",), "https://example.org/a"),
)
_USES = {"train": "train-ai", "input": "ai-input", "search": "search"}


def preferences(evidence: Evidence) -> Iterator[Preference]:
    """Nothing where robots.txt was not captured: that is unknown, not allowed."""
    if evidence.robots is None:
        return
    rules = _rules(evidence.robots)
    yield _preference(rules, evidence, "crawl", "*")
    for name in _named(evidence.robots):
        for use in agents().get(name, ()):
            yield _preference(rules, evidence, use, name)


@cache
def agents() -> dict[str, tuple[str, ...]]:
    """The uses that each known AI agent fetches for, by its lower-case product token."""
    path = Path(__file__).parent.parent / "data" / "agents.toml"
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    found: dict[str, tuple[str, ...]] = {}
    for key, use in _USES.items():
        for name in table[key]:
            found[agent_token(name)] = (*found.get(agent_token(name), ()), use)
    return {name: tuple(dict.fromkeys(uses)) for name, uses in found.items()}


def _named(body: str) -> list[str]:
    return sorted({agent_token(agent) for group in groups(body) for agent in group.agents} & agents().keys())


def _preference(rules: Any, evidence: Evidence, use: str, agent: str) -> Preference:
    allowed = rules.can_fetch(evidence.url or "/", agent)
    return Preference(
        use=use,
        answer="allowed" if allowed else "reserved",
        channel="robots",
        agent=agent,
        speaker="site",
        quote=f"robots.txt: {agent}",
        layer="file",
        observed_at=evidence.observed_at,
    )


@lru_cache(maxsize=64)
def _rules(body: str) -> Any:
    from protego import Protego

    return Protego.parse(body[:LIMIT])
