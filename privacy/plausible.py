"""What models take for a name or a date, judged by its words: everybody's (courts, ministries, states), or none at all.

The words are in `names.txt`; `words.txt` holds those of the language that are nobody's name. Only what models find is
judged: a pattern's find has its own checks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

from catalog.values import Span

# A body that belongs to everybody: it says where in the state something happened, not to whom.
PUBLIC = "PUBLIC_BODY"
# A length of time: without the day it begins on it tells nothing of anybody. Counted years may: a sentence, a service.
DURATION = "DURATION"
NAMES = frozenset({"PERSON", "ORGANIZATION", "LOCATION", "NRP"})
_WORD = re.compile(r"[^\W\d_]+|\d+(?:st|nd|rd|th)?\b|\d+")
_OWN = re.compile(r"['’]s\b")
_BRACKETED = re.compile(r"\s*[(\[“\"].*", re.DOTALL)
# Signs and spellings of program code, paths, options and file names.
_CODE = re.compile(r"[_\\=$<>@{}\[\]|#*`~^]|::|\(\)|--|://|^[-./]|\d\.\d|\w\.[a-z]\w{1,4}\b")
_HUMP = re.compile(r"[a-z](?<!\bMc)(?<!\bMac)(?<!\b[DL][ae])[A-Z]")
# A command of a shell: "Get-ChildItem". A hyphen and a capital inside make a name only beside another name.
_COMMAND = re.compile(r"[A-Za-z]+(?:-[A-Za-z]+)+")
# What a model takes along with a name: emphasis, the border of a table, a list's or a footnote's sign.
_EDGE = "*_|#~`<>[]{}=^ \t\r\n"
_OWNED = re.compile(r"['’]s\Z")
# A heading shouts: one word of capitals, alone on its line.
_SHOUTED = re.compile(r"[A-Z]{4,}")
_DATED = re.compile(
    r"(?<!\d)(?:1[5-9]|20)\d\d(?!\d)|\d[./:-]\d|january|february|march|april|\bmay\b|june|july|august|september|october"
    r"|november|december|\b(?:jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)\b|(?:mon|tues|wednes|thurs|fri|satur|sun)day",
    re.IGNORECASE,
)
_LENGTH = re.compile(
    r"\b(?:seconds?|minutes?|hours?|days?|daily|nights?|weeks?|weekly|fortnight|months?|monthly|quarterly|years?|yearly"
    r"|annual|decades?|century|centuries|age)\b",
    re.IGNORECASE,
)
_COUNTED_YEARS = re.compile(
    r"(?:\d|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|\w+ty)\b.*\byears?\b",
    re.IGNORECASE | re.DOTALL,
)
# A state's name in full is that of a party to a case or a contract: nobody lives in "the Republic of Poland".
_FORMS = ("Republic of", "Kingdom of", "Federation of", "Confederation of", "Principality of", "Duchy of")
_STATE = re.compile(r" (?:the )?([A-Z]\w+(?:(?: and)? [A-Z]\w+)*)")
_LAW = re.compile(
    r"\s(?:Act|Convention|Treaty|Ordinance|Decree|Directive|Regulations|Constitution|Statute)(?: \d{4})?\Z"
)
_NATIONAL = re.compile(r"([A-Z]\w+)\b.* (?:nationals?|citizens?|citizenship|nationality)", re.DOTALL)
# "Varnish goes on thin" begins with no person, "Mr Strange" does.
_TITLE = re.compile(
    r"\b(?:Mr|Mrs|Ms|Miss|Mister|Madam|Dr|Doctor|Prof|Professor|Sir|Dame|Lord|Lady|Judge|Justice|Rev|Father|Sister"
    r"|Captain|Major|Colonel|General|Aunt|Uncle)\b",
    re.IGNORECASE,
)
TITLED = 12  # so many signs before a name may be its title
_NUMBER = re.compile(r"[\W\d]*\d{3}[\W\d]*")  # of two digits it may be an age


def judged(text: str, spans: Iterable[Span]) -> Iterator[Span]:
    """The spans that can be what they are said to be; public bodies and lengths of time under kinds of their own."""
    states = list(_states_in_full(text))
    for span in spans:
        if span.kind == "PERSON":
            span = _bare(text, span)
        words = text[span.start : span.end]
        if span.kind in NAMES:
            in_full = any(span.start < end and start < span.end for start, end in states)
            if in_full or not _nobodys(text, span, words):
                yield replace(span, kind=PUBLIC) if in_full or is_public(words, span.kind) else span
        elif span.kind != "DATE_TIME" or _DATED.search(words):
            yield span
        elif _LENGTH.search(words):
            yield span if _COUNTED_YEARS.search(words) else replace(span, kind=DURATION)
        elif not _NUMBER.fullmatch(words):
            yield span


def _bare(text: str, span: Span) -> Span:
    """A person's span without the signs at its edges and without "'s", where names are left of it."""
    words = text[span.start : span.end]
    name = _OWNED.sub("", words.strip(_EDGE))
    if name == words or not _capitalised(name):
        return span
    start = span.start + len(words) - len(words.lstrip(_EDGE))
    return replace(span, start=start, end=start + len(name))


def _capitalised(name: str) -> bool:
    """Does each word begin with a capital, as those of a name do?"""
    words = name.split()
    return bool(words) and all(word[0].isupper() for word in words)


def _is_code(words: str, kind: str) -> bool:
    """Spelt as programs are; "Leonardo DiCaprio" and "JoAnn" are people."""
    if _CODE.search(words):
        return True
    named = kind == "PERSON" and _capitalised(words) and not any(sign.isdigit() for sign in words)
    return bool(_HUMP.search(words)) and (not named or bool(_COMMAND.fullmatch(words)))


def _states_in_full(text: str) -> Iterator[tuple[int, int]]:
    states = _lists()["states"]
    for form in _FORMS:
        at = text.find(form)
        while at >= 0:
            named = _STATE.match(text, at + len(form))
            if named and states.issuperset(_words(named[1])):
                yield at, named.end()
            at = text.find(form, at + 1)


def nationals_apart(text: str, spans: Sequence[Span]) -> Iterator[Span]:
    """The spans; a national of the state whose bodies the text names is told as one more of these.

    "The Polish Government" says already which state it is about: "a Polish national" then tells next to nothing.
    """
    bodies = " ".join(text[span.start : span.end] for span in spans if span.kind == PUBLIC)
    for span in spans:
        said = _NATIONAL.fullmatch(text, span.start, span.end) if span.kind == "NRP" and bodies else None
        yield replace(span, kind=PUBLIC) if said and re.search(rf"\b{said[1]}\b", bodies) else span


def is_public(name: str, kind: str = "ORGANIZATION") -> bool:
    """Is every word one that public bodies, states or laws share?

    A name in brackets says the same again in another language. A town makes it one of many: the
    court of a town is not public in this sense. People and places must say what body they are.
    A law is nobody's, whatever it is about.
    """
    lists = _lists()
    words = _words(_BRACKETED.sub("", name, count=1) or name)
    told = lists["told"]
    if kind == "ORGANIZATION" and _LAW.search(name):
        return True
    if kind != "ORGANIZATION" and not told.intersection(words):
        return False
    return any(len(word) > 3 or word in lists["states"] for word in words) and all(
        word[0].isdigit() or word in told or word in lists["beside"] or word in lists["states"] for word in words
    )


def _nobodys(text: str, span: Span, words: str) -> bool:
    """Code, numbers, law Latin, headings, and words of the language where they are taken for a person."""
    found = _words(words)
    if not found or all(word[0].isdigit() for word in found) or _is_code(words, span.kind):
        return True
    if span.kind == "ORGANIZATION" and _SHOUTED.fullmatch(words) and _alone(text, span):
        return True
    if span.kind == "PERSON" and _common().issuperset(found):
        return not _TITLE.search(text[max(0, span.start - TITLED) : span.start] + words.split()[0])
    return (
        all(word in _lists()["asides"] or len(word) == 1 or word[0].isdigit() for word in found)
        and len(max(found, key=len)) > 1
    )


def _alone(text: str, span: Span) -> bool:
    before, after = text[: span.start].rsplit("\n", 1)[-1], text[span.end :].split("\n", 1)[0]
    return not any(sign.isalpha() for sign in before + after)


def _words(name: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(_OWN.sub("", name))]


@cache
def _lists() -> dict[str, frozenset[str]]:
    lists: dict[str, frozenset[str]] = {}
    for part in Path(__file__).with_name("names.txt").read_text("utf-8").split("# ")[1:]:
        title, _, words = part.partition("\n")
        lists[title] = frozenset(words.split())
    lists["states"] = lists["countries"] | lists["peoples"] | lists["of a state"]
    lists["told"] = lists["heads"] | lists["laws"]
    return lists


@cache
def _common() -> frozenset[str]:
    return frozenset(Path(__file__).with_name("words.txt").read_text("utf-8").split())


def peoples() -> frozenset[str]:
    """Adjectives of nations, in lower case."""
    return _lists()["peoples"]
