"""`noai`, `noimageai` and `noml` in robots meta tags and the X-Robots-Tag header, for all or one agent."""

from __future__ import annotations

from collections.abc import Iterator

from catalog.checks import Example
from catalog.values import Preference
from licenses.optouts.robots import agents
from licenses.page import Evidence

VERSION = 1
REPORTS = {
    "train-ai": "A robots directive that closes the page or response to AI training.",
    "train-ai-images": "A robots directive that closes its pictures to AI training.",
}
EXAMPLES = (
    Example('<meta name="robots" content="index, NoAI, noimageai">', ("train-ai-images=reserved", "train-ai=reserved")),
    Example('<meta name="robots" content="noindex, nofollow">'),
    Example("<p>", ("train-ai=reserved",), headers=(("X-Robots-Tag", "noai"),)),
    Example("<p>", ("train-ai=reserved",), headers=(("x-robots-tag", "somebot: noindex, noml"),)),
    Example('<meta name="description" content="noai">'),
)
DIRECTIVES = {"noai": "train-ai", "noml": "train-ai", "noimageai": "train-ai-images"}
# Directives with a value of their own: what stands before their colon is no agent.
_VALUED = frozenset(("unavailable_after", "max-snippet", "max-image-preview", "max-video-preview"))


def preferences(evidence: Evidence) -> Iterator[Preference]:
    """One for each directive; other directives, noindex among them, say nothing of AI."""
    for name, value in evidence.headers or ():
        if name.lower() == "x-robots-tag":
            for agent, directive in directives(value):
                yield _preference(evidence, agent, directive, "header", f"{name}: {directive}")
    if not any(directive in evidence.lowered for directive in DIRECTIVES):
        return
    for element in evidence.named("meta"):
        named = element.get("name").strip().lower()
        if named == "robots" or named in agents() or named.endswith("bot"):
            agent = "*" if named == "robots" else named
            for _, directive in directives(element.get("content")):
                yield _preference(evidence, agent, directive, "meta", f"{named}: {directive}")


def directives(value: str) -> Iterator[tuple[str, str]]:
    """(agent, directive) for each AI directive; an agent holds until the next one is named."""
    agent = "*"
    for part in value.split(","):
        before, colon, after = part.partition(":")
        if colon and before.strip().lower() not in _VALUED:
            agent, part = before.strip().lower(), after
        directive = part.strip().lower()
        if directive in DIRECTIVES:
            yield agent, directive


def _preference(evidence: Evidence, agent: str, directive: str, layer: str, quote: str) -> Preference:
    return Preference(
        DIRECTIVES[directive], "reserved", "robots_meta", agent, "site", quote, layer, evidence.observed_at
    )
