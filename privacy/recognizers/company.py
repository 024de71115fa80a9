"""Companies told by their legal form: what stands before "Ltd", "GmbH" or "S.p.A."."""

from __future__ import annotations

from collections.abc import Iterator

import regex

from catalog.checks import Example
from catalog.values import Span
from privacy.view import View, pattern

VERSION = 1
REPORTS = {"ORGANIZATION": "Company named with its legal form."}
EXAMPLES = (
    Example("worked for Nordwind Segel GmbH until May", ("ORGANIZATION:Nordwind Segel GmbH",)),
    Example(
        "Ferris & Sons Ltd. was sold to Ostra Sp. z o.o.",
        ("ORGANIZATION:Ferris & Sons Ltd.", "ORGANIZATION:Ostra Sp. z o.o."),
    ),
    Example("a limited company; The AG said; SE Asia"),
)

_FORM = pattern(
    r"(?<=[\w.,’'] )(?:Ltd\.?|Limited|LLC|L\.L\.C\.|LLP|Inc\.?|Corp\.?|Corporation|plc|PLC|GmbH|gGmbH|e\.V\.|KG|OHG|AG|"
    r"S\.p\.A\.|S\.r\.l\.|SpA|Srl|S\.A\.(?: de C\.V\.)?|S\.A\.R\.L\.|SARL|SAS|Sp\. z o\.o\.|B\.V\.|N\.V\.|Oyj?|ApS|A/S|"
    r"A\.Ş\.|Kft\.?|s\.r\.o\.|d\.o\.o\.|Pty\.? Ltd\.?)(?![\w-])"
)
_WORD = r"[^\W\d_a-z][\w’'.-]{0,30}"
_NAME = regex.compile(
    rf"(?<![\w-])(?!(?:The|An?|This|Each|Such) )[^\W\d_a-z][\w’'-]{{2,30}}"
    rf"(?:,? (?:& |and |of |de |der |und |et )?{_WORD}){{0,4}},? \Z"
)
_REACH = 150  # a name is no longer


def spans(view: View) -> Iterator[Span]:
    """The whole name with its form: the form is looked for first, since few texts hold one."""
    end = 0
    for form in view.matches(_FORM):
        first = max(end, form.start() - _REACH)
        name = _NAME.search(view.text[first : form.start()])
        if name:
            end = form.end()
            yield Span("ORGANIZATION", first + name.start(), end, 0.8, "company")
