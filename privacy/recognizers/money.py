"""Amounts of money: with its date and place, what was paid or won tells who it was."""

from __future__ import annotations

from collections.abc import Iterator

import regex

from catalog.checks import Example
from catalog.values import Span
from privacy.view import View, pattern

VERSION = 1
REPORTS = {"MONEY": "Amount of money with its currency."}
EXAMPLES = (
    Example("received EUR 4,000 for costs", ("MONEY:EUR 4,000",)),
    Example("24,952.51 pounds sterling (GBP) in all", ("MONEY:24,952.51 pounds sterling (GBP)",)),
    Example("paid £1,250 and $3.5 million", ("MONEY:£1,250", "MONEY:$3.5 million")),
    Example("350,000 Polish zlotys (PLN) were due", ("MONEY:350,000 Polish zlotys (PLN)",)),
    Example("HTTP 404 and AES 256; 12 pounds of rice; $1 in a script; $PATH"),
)

_CODES = (
    "EUR|USD|GBP|CHF|TRL|TRY|YTL|PLN|PLZ|ATS|DEM|FRF|ITL|SEK|NOK|DKK|FIM|NLG|BEF|ESP|PTE|GRD|CYP|HUF|CZK|SKK|RON|ROL|"
    "BGN|HRK|SIT|EEK|LVL|LTL|RUB|RUR|UAH|MDL|GEL|AMD|AZN|RSD|ALL|MKD|BAM|ISK|IEP|LUF|MTL|CAD|AUD|NZD|JPY|CNY|INR|BRL|"
    "MXN|ZAR|KRW|ILS|SGD|HKD"
)
_NAMES = (
    r"euros?|dollars?|pounds? sterling|Swiss francs?|francs?|marks?|Deutsche? Marks?|lir[ae]s?|zlot(?:ys?|ies)|"
    r"schillings?|kron(?:a|or|er|e)|kronur|roubles?|rubles?|forints?|korunas?|guilders?|pesos?|rupees?|yen|hryvnias?|"
    r"lei|drachmas?|pesetas?|escudos?|markkas?"
)
_SUM = r"(?:\d{1,3}(?:[,. ’']\d{3})+(?:[.,]\d{1,2})?|\d+(?:[.,]\d{1,2})?)"
_LARGE = r"(?: (?:million|billion|thousand))"
_ABOUT = regex.compile(r"(?:approximately|approx\.|about|around|nearly|almost|some|over) \Z")
_CODED = pattern(
    rf"(?<![\w-])(?:{_CODES})\s{_SUM}{_LARGE}?(?![\w-])"
    rf"(?:\s[\[(](?:approx(?:\.|imately) )?(?:{_CODES})\s{_SUM}[\])])?"
)
_SIGNED = pattern(rf"(?<![\w$£€])[£€]\s?{_SUM}{_LARGE}?(?!\w)")
# "$1" alone stands in scripts and templates.
_DOLLARS = pattern(rf"(?<![\w$£€])\$(?:{_SUM}{_LARGE}|\d{{1,3}}(?:,\d{{3}})+(?:\.\d\d)?|\d{{2,}}(?:\.\d\d)?)(?!\w)")
_NAMED = pattern(
    rf"(?<![\w.,-]){_SUM}{_LARGE}?\s(?:(?:[A-Z][a-z]+ ){{0,2}}(?i:{_NAMES})|(?:{_CODES}))"
    rf"(?:\s\((?:{_CODES})\))?(?!\w)"
)


def spans(view: View) -> Iterator[Span]:
    """Amounts in figures, code or sign before or currency after, with how exact they are."""
    for one in (_CODED, _SIGNED, _DOLLARS, _NAMED):
        for match in view.matches(one):
            about = _ABOUT.search(view.text[max(0, match.start() - 14) : match.start()])
            start = match.start() - len(about[0]) if about else match.start()
            yield Span("MONEY", start, match.end(), 0.8, "money")
