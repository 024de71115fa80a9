"""Dictionaries of RFC 9651 (structured fields): what `Content-Usage` is written in."""

from __future__ import annotations

import re

_KEY = re.compile(r"[a-z*][a-z0-9_.*-]*")
_BARE = re.compile(
    r"-?\d{1,12}\.\d{1,3}|-?\d{1,15}(?![\d.])"  # decimal, integer
    r"|\"(?:[ !#-\[\]-~]|\\[\"\\])*\""  # string
    r"|[A-Za-z*][!#$%&'*+.^_`|~\w:/-]*"  # token
    r"|:[A-Za-z0-9+/=]*:|\?[01]|@-?\d{1,15}|%\"[ -~]*?\"",  # bytes, boolean, date, display string
    re.ASCII,
)
_LONGEST = 10_000  # characters: no honest header is longer
Member = tuple[str, tuple[tuple[str, str], ...]]  # value, parameters: as written


def parse(text: str) -> dict[str, Member] | None:
    """Members by key, the last of two alike; None where the text is not a dictionary at all."""
    text = text.strip(" ")
    if len(text) > _LONGEST:
        return None
    members: dict[str, Member] = {}
    position = 0
    while position < len(text):
        key = _KEY.match(text, position)
        if key is None:
            return None
        value, position = "?1", key.end()
        if text[position : position + 1] == "=":
            end = _value_end(text, position + 1)
            if end is None:
                return None
            value, position = text[position + 1 : end], end
        parameters, after = _parameters(text, position)
        following = _next_member(text, after) if after is not None else None
        if following is None:
            return None
        members.pop(key[0], None)
        members[key[0]] = (value, parameters)
        position = following
    return members


def _value_end(text: str, position: int) -> int | None:
    if text[position : position + 1] != "(":
        bare = _BARE.match(text, position)
        return bare.end() if bare else None
    position += 1
    while True:
        position += len(text[position:]) - len(text[position:].lstrip(" "))
        if text[position : position + 1] == ")":
            return position + 1
        bare = _BARE.match(text, position)
        if bare is None:
            return None
        _, after = _parameters(text, bare.end())
        if after is None or text[after : after + 1] not in (" ", ")"):
            return None
        position = after


def _parameters(text: str, position: int) -> tuple[tuple[tuple[str, str], ...], int | None]:
    found: list[tuple[str, str]] = []
    while text[position : position + 1] == ";":
        key = _KEY.match(text, position + 1 + len(text[position + 1 :]) - len(text[position + 1 :].lstrip(" ")))
        if key is None:
            return (), None
        value, position = "?1", key.end()
        if text[position : position + 1] == "=":
            bare = _BARE.match(text, position + 1)
            if bare is None:
                return (), None
            value, position = bare[0], bare.end()
        found.append((key[0], value))
    return tuple(found), position


def _next_member(text: str, position: int) -> int | None:
    """Where the next member begins; None after anything but a comma, or after a trailing one."""
    rest = text[position:].lstrip(" \t")
    if not rest:
        return len(text)
    after = rest[1:].lstrip(" \t")
    return len(text) - len(after) if rest[0] == "," and after else None
