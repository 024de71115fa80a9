"""The PLUS data mining field that IPTC photo metadata carries."""

from __future__ import annotations

import re
from collections.abc import Iterator

from catalog.checks import Example
from catalog.values import Answer, Preference
from licenses.page import Evidence

VERSION = 1
REPORTS = {
    "train-ai": "Whether the picture's metadata prohibits training.",
    "train-ai-generative": "Whether it prohibits training of generative models.",
    "tdm": "Whether it prohibits data mining.",
    "search": "Whether it prohibits, or excepts, indexing by search engines.",
}
_FIELD = "XMP-plus:DataMining"
_URI = "http://ns.useplus.org/ldf/vocab/DMI-"
EXAMPLES = (
    Example("", ("train-ai=reserved",), fields=((_FIELD, f"{_URI}PROHIBITED-AIMLTRAINING"),)),
    Example(
        "",
        ("search=allowed", "tdm=reserved", "train-ai=reserved"),
        fields=((_FIELD, f"{_URI}PROHIBITED-EXCEPTSEARCHENGINEINDEXING"),),
    ),
    Example("", ("tdm=allowed", "train-ai=allowed"), fields=((_FIELD, f"{_URI}ALLOWED"),)),
    Example("", fields=((_FIELD, f"{_URI}UNSPECIFIED"),)),
    Example("", fields=(("XMP-dc:Rights", "DMI-PROHIBITED"),)),
)
_ALL_RESERVED: tuple[tuple[str, Answer], ...] = (("tdm", "reserved"), ("train-ai", "reserved"), ("search", "reserved"))
_SEE: tuple[tuple[str, Answer], ...] = (("tdm", "reserved"), ("train-ai", "reserved"))
VALUES: dict[str, tuple[str, tuple[tuple[str, Answer], ...]]] = {
    "UNSPECIFIED": ("unspecified", ()),
    "ALLOWED": ("allowed", (("tdm", "allowed"), ("train-ai", "allowed"))),
    "PROHIBITED-AIMLTRAINING": ("no ai/ml training", (("train-ai", "reserved"),)),
    "PROHIBITED-GENAIMLTRAINING": ("no generative ai/ml training", (("train-ai-generative", "reserved"),)),
    "PROHIBITED-EXCEPTSEARCHENGINEINDEXING": ("prohibited except search indexing", (*_SEE, ("search", "allowed"))),
    "PROHIBITED": ("prohibited", _ALL_RESERVED),
    "PROHIBITED-SEECONSTRAINT": ("prohibited, see plus:OtherConstraints", _SEE),
    "PROHIBITED-SEEEMBEDDEDRIGHTSEXPR": ("prohibited, see iptcExt:EmbdEncRightsExpr", _SEE),
    "PROHIBITED-SEELINKEDRIGHTSEXPR": ("prohibited, see iptcExt:LinkedEncRightsExpr", _SEE),
}
_VALUE = re.compile(r"DMI-([A-Z-]+)")
_MARKUP = re.compile(
    r"plus:DataMining(?:\s*=\s*[\"']|[^>]{0,200}>\s*)(?:http://ns\.useplus\.org/ldf/vocab/)?(DMI-[A-Z-]+)"
)


def preferences(evidence: Evidence) -> Iterator[Preference]:
    """Uses that the field speaks of; `UNSPECIFIED` speaks of none."""
    written = [value for name, value in evidence.declared.fields if name.lower().endswith("datamining")]
    if "plus:DataMining" in evidence.markup:
        written += _MARKUP.findall(evidence.markup)
    for value in written:
        found = _VALUE.search(value)
        for use, answer in VALUES.get(found[1], ("", ()))[1] if found else ():
            yield Preference(
                use,
                answer,
                "plus",
                "*",
                "author",
                f"plus:DataMining {found[0]}" if found else "",
                "embedded",
                evidence.observed_at,
            )
