"""robots.txt as RFC 9309 reads it: groups of lines, each for some agents."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote, urlsplit

LIMIT = 512_000  # bytes that RFC 9309 asks a crawler to read at least; the rest is not read


@dataclass(frozen=True, slots=True)
class Group:
    """Lines that hold for these agents. Lines outside any group belong to a group for no agent."""

    agents: tuple[str, ...]
    lines: tuple[tuple[str, str], ...]  # (key in lower case, value)

    def values(self, key: str) -> tuple[str, ...]:
        """All values of one key."""
        return tuple(value for name, value in self.lines if name == key)


@lru_cache(maxsize=64)
def groups(body: str) -> tuple[Group, ...]:
    """The groups of a robots.txt, in its order. Groups for the same agent are not merged here."""
    found: list[Group] = []
    agents: list[str] = []
    lines: list[tuple[str, str]] = []
    for raw in body[:LIMIT].lstrip("\ufeff").splitlines():
        key, colon, value = raw.partition("#")[0].partition(":")
        key, value = key.strip().lower(), value.strip()
        if not colon:
            continue
        if key == "user-agent":
            if lines:
                found.append(Group(tuple(agents), tuple(lines)))
                agents, lines = [], []
            agents.append(value)
        elif key != "sitemap":
            lines.append((key, value))
    if agents or lines:
        found.append(Group(tuple(agents), tuple(lines)))
    return tuple(found)


def allows(body: str, url: str, agent: str = "*") -> bool:
    """May this agent fetch this address? Its own groups, else those for `*`; the longest rule, and allow on a tie."""
    found = groups(body)
    own = [group for group in found if agent_token(agent) in map(agent_token, group.agents)]
    chosen = own or [group for group in found if "*" in group.agents]
    path = path_of(url)
    rules = [
        (len(unquote(value)), key == "allow")
        for group in chosen
        for key, value in group.lines
        if key in ("allow", "disallow") and value and matches(value, path)
    ]
    return max(rules, default=(0, True))[1]


def path_of(url: str) -> str:
    """The part of an address that robots.txt rules are matched with."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "/"
    return unquote(parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def matches(pattern: str, path: str) -> bool:
    """Does a rule's pattern (`*` anything, `$` the end) match a path from its beginning?"""
    pattern = unquote(pattern)
    ends = pattern.endswith("$")
    parts = pattern.removesuffix("$").split("*")
    if not path.startswith(parts[0]):
        return False
    position = len(parts[0])
    for part in parts[1:]:
        position = path.find(part, position)
        if position < 0:
            return False
        position += len(part)
    if not ends or position == len(path):
        return True
    return len(parts) > 1 and path.endswith(parts[-1]) and len(path) - len(parts[-1]) >= position - len(parts[-1])


def agent_token(written: str) -> str:
    """The product token of an agent: `GPTBot/1.2` as `gptbot`."""
    return re.split(r"[/\s]", written.strip(), maxsplit=1)[0].lower()
