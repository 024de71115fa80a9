"""Names people go by on a platform: @handles, u/names, and what stands after "user" or "login"."""

from __future__ import annotations

from collections.abc import Iterator

import regex

from catalog.checks import Example
from catalog.values import Span
from privacy.view import View, pattern

VERSION = 1
REPORTS = {"USERNAME": "Name of an account on a platform."}
EXAMPLES = (
    Example("thanks @ada_l99 for this", ("USERNAME:ada_l99",)),
    Example("posted by u/some-body and /u/else1", ("USERNAME:some-body", "USERNAME:else1")),
    Example("username: ada.lovelace", ("USERNAME:ada.lovelace",)),
    Example("https://github.com/ada-l99/engine", ("USERNAME:ada-l99",)),
    Example("ada@example.org is no handle, nor is @media or @Override"),
    Example("the user logged in; user guide"),
    Example("https://github.com/features"),
)

_HANDLE = pattern(r"(?<![\w@./`=(])@([A-Za-z_][\w.]{1,29}\w)(?![\w@(]|\.\w)", regex.ASCII)
_REDDIT = pattern(r"(?<![\w])/?u/([A-Za-z0-9_-]{3,20})(?![\w/-])", regex.ASCII)
_NAMED = pattern(
    r"\b(?:user ?name|login|screen ?name|handle|nick(?:name)?|account name)\s{0,2}[:=]\s{0,2}[\"']?([\w.-]{2,30}\w)",
    regex.IGNORECASE,
)
_PROFILE = pattern(
    r"\b(?:github|gitlab|twitter|x|instagram|facebook|tiktok|t|linkedin)\.(?:com|me)/(?:in/|@)?([A-Za-z0-9_.-]{3,40})(?=[/\s?#\"')>,]|$)",
    regex.IGNORECASE,
)
# Words after "@" in style sheets, program code and documentation, and pages of platforms that are nobody's.
_NOBODY = frozenset(
    regex.findall(
        r"[\w-]+",
        "media import charset keyframes font supports page namespace layer override param return returns throws see "
        "author since deprecated test before after todo property staticmethod classmethod interface component input "
        "output here all everyone channel features about login signup search explore topics orgs settings marketplace "
        "pricing security issues home help share sharer intent hashtag privacy terms legal policies docs blog company",
    )
)


def spans(view: View) -> Iterator[Span]:
    """The name without its sign."""
    for one, score in ((_HANDLE, 0.8), (_REDDIT, 0.8), (_NAMED, 0.8), (_PROFILE, 0.7)):
        for span in view.spans(one, "USERNAME", score, "username", group=1):
            if view.text[span.start : span.end].lower() not in _NOBODY:
                yield span
