"""robots.txt rules for crawlers, and for the agents of AI companies by what they fetch for."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from catalog.checks import Example
from catalog.values import Preference
from licenses.page import Evidence
from licenses.robots_file import agent_token, allows, groups

VERSION = 1
REPORTS = {
    "crawl": "Whether crawlers in general may fetch this address.",
    "train-ai": "Whether agents that fetch training data may; one for each such agent that robots.txt names.",
    "ai-input": "Whether agents that fetch pages to answer a question may.",
    "search": "Whether agents of AI search indexes may.",
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
    yield _preference(evidence, evidence.robots, "crawl", "*")
    for name in _named(evidence.robots):
        for use in agents().get(name, ()):
            yield _preference(evidence, evidence.robots, use, name)


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


def _preference(evidence: Evidence, body: str, use: str, agent: str) -> Preference:
    allowed = allows(body, evidence.url, agent)
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
