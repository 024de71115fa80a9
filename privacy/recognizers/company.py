"""Companies told by their legal form: what stands before "Ltd", "GmbH" or "S.p.A."."""

from __future__ import annotations

from collections.abc import Iterator

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

_FORM = (
    r"(?:Ltd\.?|Limited|LLC|L\.L\.C\.|LLP|Inc\.?|Corp\.?|Corporation|plc|PLC|GmbH|gGmbH|e\.V\.|KG|OHG|AG|S\.p\.A\.|"
    r"S\.r\.l\.|SpA|Srl|S\.A\.(?: de C\.V\.)?|S\.A\.R\.L\.|SARL|SAS|Sp\. z o\.o\.|B\.V\.|N\.V\.|Oyj?|ApS|A/S|A\.Ş\.|"
    r"Kft\.?|s\.r\.o\.|d\.o\.o\.|Pty\.? Ltd\.?)"
)
_WORD = r"[^\W\d_a-z][\w’'.-]{0,30}"
_NAMED = pattern(
    rf"(?<![\w-])(?!(?:The|An?|This|Each|Such) )[^\W\d_a-z][\w’'-]{{2,30}}"
    rf"(?:,? (?:& |and |of |de |der |und |et )?{_WORD}){{0,4}},? {_FORM}(?![\w-])"
)


def spans(view: View) -> Iterator[Span]:
    """The whole name with its form."""
    yield from view.spans(_NAMED, "ORGANIZATION", 0.8, "company")
