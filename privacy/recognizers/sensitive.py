"""What the law guards most, said of a person: health, belief and the like, children, family.

Kinds of their own, so that a recipe can hold on them. Only statements about somebody are reported:
a text about an illness is not about a patient.
"""

from __future__ import annotations

from collections.abc import Iterator

import regex

from catalog.checks import Example
from catalog.values import Span
from privacy.view import View, pattern

VERSION = 1
REPORTS = {
    "HEALTH": "Illness, disability or treatment said of a person.",
    "BELIEF": "Religion, politics, union or sexual orientation said of a person.",
    "CHILD": "A child of the family, told with age or number.",
    "DEMOGRAPHIC": "Marital status or schooling of a person.",
}
EXAMPLES = (
    Example("I was diagnosed with type 2 diabetes last year.", ("HEALTH:type 2 diabetes",)),
    Example("he is HIV-positive and she suffers from epilepsy", ("HEALTH:HIV-positive", "HEALTH:epilepsy")),
    Example("I am a practising Catholic and I'm gay", ("BELIEF:Catholic", "BELIEF:gay")),
    Example("my two kids and our 5-year-old daughter", ("CHILD:two kids", "CHILD:5-year-old daughter")),
    Example("I'm divorced and have a master's degree", ("DEMOGRAPHIC:divorced", "DEMOGRAPHIC:master's degree")),
    Example("Diabetes is a disease. The Catholic church. Two kids played. He married the sounds of jazz and rock."),
)

_ILLNESS = (
    r"(?:(?:type [12] |major |chronic |severe |stage \w+ |breast |lung |bipolar |social )?"
    r"(?:diabetes|cancer|depression|anxiety|epilepsy|asthma|autism|ADHD|PTSD|HIV|AIDS|hepatitis(?: [A-C])?|"
    r"leuk[ae]+mia|schizophrenia|disorder|dementia|Parkinson's|Alzheimer's|multiple sclerosis|MS|arthritis|migraines?|"
    r"anorexia|bulimia|tuberculosis|sciatica|dyslexia|lupus|stroke|heart (?:attack|failure|disease)|"
    r"kidney (?:failure|disease)|COVID-19))"
)
_IS = r"\b(?:I am|I'm|I’m|he is|she is|he's|she's)"
_WHOSE = r"\b(?:my|our|his|her|their)"
_COUNT = r"(?:\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten)"
_PATTERNS = (
    ("HEALTH", r"\b(?:diagnosed with|suffer(?:s|ed|ing)? from|treated for|living with|recover(?:ed|ing) from) "
     rf"(?:an? )?({_ILLNESS})\b"),
    ("HEALTH", rf"\b(?:I have|I've got|he has|she has|my|his|her) ({_ILLNESS})\b"),
    ("HEALTH", rf"(?:{_IS}|\b(?:am|is|was)) "
     r"(HIV[- ]positive|pregnant|disabled|deaf|blind|autistic|bipolar|diabetic)\b"),
    ("BELIEF", rf"{_IS} (?:an? )?(?:(?:practi[sc]ing|devout|proud|lifelong) )?"
     r"(Catholic|Protestant|Muslim|Jewish|Jew|Hindu|Sikh|Buddhist|Christian|Mormon|atheist|communist|socialist|"
     r"Republican|Democrat|gay|lesbian|bisexual|transgender|trans|queer|homosexual)\b"),
    ("CHILD", rf"(?:{_WHOSE}|\b(?:have|has|had|of|mom to|dad to)) "
     r"((?:\w+ )?(?:\w+ )?(?:kids|children|sons|daughters|little ones|kiddos))\b"),
    ("CHILD", rf"{_WHOSE} ({_COUNT}[- ](?:years?|months?)[- ]old(?: (?:son|daughter|boy|girl|child|kid))?)\b"),
    ("DEMOGRAPHIC", rf"(?:{_IS}|\b(?:I was|being|status:|happily|recently|newly)) "
     r"(married|divorced|widowed|single|engaged|separated|unmarried)\b"),
    ("DEMOGRAPHIC", r"\b(?:my|a|his|her) "
     r"((?:bachelor|master|doctorate|associate)(?:'s|’s)?(?: degree)?|PhD|Ph\.D\.|MBA)\b"),
)  # fmt: skip
_COMPILED = tuple((kind, pattern(source, regex.IGNORECASE)) for kind, source in _PATTERNS)
# "my own kids" tells nothing; a number or a kind of child does.
_COUNTED = regex.compile(
    r"\d|\b(?:one|two|three|four|five|six|seven|eight)\b|sons|daughters|little ones", regex.IGNORECASE
)


def spans(view: View) -> Iterator[Span]:
    """The telling words alone: the illness, the belief, the children."""
    for kind, one in _COMPILED:
        for span in view.spans(one, kind, 0.75, "sensitive", group=1):
            if kind != "CHILD" or _COUNTED.search(view.text[span.start : span.end]):
                yield span
