"""Names of machines inside a network: they lead to people at work and to what attackers look for."""

from __future__ import annotations

from collections.abc import Iterator

import regex

from catalog.checks import Example
from catalog.values import Span
from privacy.view import View, pattern

VERSION = 1
REPORTS = {"HOSTNAME": "Name of a machine in an internal network."}
EXAMPLES = (
    Example("ssh build-07.corp.internal", ("HOSTNAME:build-07.corp.internal",)),
    Example("\\\\FS-LONDON-02\\home", ("HOSTNAME:FS-LONDON-02",)),
    Example("DESKTOP-7KQ2M1P joined", ("HOSTNAME:DESKTOP-7KQ2M1P",)),
    Example("the file app.local.settings and example.org"),
    Example("DESKTOP-PUBLISHING is a word"),
)

_INTERNAL = pattern(
    r"(?<![\w.@-])(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,5}(?:internal|intranet|corp|lan|localdomain|local|home\.arpa)(?![\w-]|\.\w)",
    regex.IGNORECASE,
)
_SHARE = pattern(r"(?<![\w\\])\\\\([A-Za-z0-9][A-Za-z0-9-]{1,14})\\(?=\w)")
_WINDOWS = pattern(r"(?<![\w-])(?:DESKTOP|LAPTOP|WIN)-(?=[A-Z]{0,10}\d)[A-Z0-9]{6,11}(?![\w-])")


def spans(view: View) -> Iterator[Span]:
    """Names in internal domains, of file shares, and those Windows makes up."""
    yield from view.spans(_INTERNAL, "HOSTNAME", 0.8, "hostname")
    yield from view.spans(_SHARE, "HOSTNAME", 0.7, "hostname", group=1)
    yield from view.spans(_WINDOWS, "HOSTNAME", 0.8, "hostname")
