"""Made-up texts with personal data marked: forms, signatures, chats, logs, letters. Nobody's data.

Values come from Faker in many countries' styles, sentences from here. They teach the tagger what
news text does not hold: street addresses, postcodes, phones, ages, titles, user names, numbers of papers.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from catalog.errors import MissingExtra
from catalog.values import Span
from privacy.labelled import Labelled

LOCALES = (
    "en_US", "en_US", "en_GB", "en_CA", "en_AU", "en_IN", "en_IE", "en_NZ", "de_DE", "de_AT", "fr_FR", "es_ES", "it_IT",
    "nl_NL", "nl_BE", "sv_SE", "da_DK", "fi_FI", "no_NO", "pl_PL", "cs_CZ", "hu_HU", "hr_HR", "sl_SI", "ro_RO", "pt_BR",
    "pt_PT", "tr_TR", "es_MX", "en_PH",
)  # fmt: skip
SLOT = re.compile(r"\{(\w+)\}")

# Addresses are written piece by piece: each country and each form has its own order.
ADDRESSES = (
    "{street}, {city}, {state} {zip}",
    "{street}, {city} {zip}",
    "{street}\n{city}, {state} {zip}",
    "{street}\n{zip} {city}\n{country}",
    "{street}, {flat}, {city}, {country}",
    "{street} {flat}\n{city}\n{zip}\n{country}",
    "{street}, {zip} {city}, {country}",
    "{street}\n  {flat}\n  {city}\n\n  {country} {zip}",
    "{street}\n {flat}\n {city}\n, {code}\n {country} {zip}",
    "{street} in {city}",
    "{street}",
    "{flat}, {street}",
)
TITLES = ("Mr", "Mrs", "Ms", "Dr", "Mr.", "Mrs.", "Ms.", "Dr.", "Prof.", "Professor", "Sir", "Miss", "Rev.", "Madam")
NATIONS = (
    "German", "French", "Polish", "Turkish", "Indian", "Nigerian", "American", "British", "Irish", "Italian", "Spanish",
    "Russian", "Chinese", "Japanese", "Kenyan", "Brazilian", "Swedish", "Catholic", "Muslim", "Jewish", "Hindu",
    "Buddhist", "Kurdish", "Mexican", "Dutch", "Danish", "Greek", "Iranian", "Korean", "Vietnamese", "Christian",
)  # fmt: skip
DATES = ("%d %B %Y", "%B %d, %Y", "%d/%m/%Y", "%m/%d/%y", "%Y-%m-%d", "%d.%m.%Y", "%b %d", "%B %Y", "%d %b %Y")


def sentences() -> list[str]:
    """The templates, one a line in `templates.txt`; a line break inside one is written "\\n"."""
    lines = Path(__file__).with_suffix(".txt").read_text("utf-8").splitlines()
    return [line.replace("\\n", "\n").replace("\\\\", "\\") for line in lines]


def generate(count: int, seed: int = 7) -> list[Labelled]:
    """So many texts, the same for the same seed and version of Faker."""
    templates = sentences()
    makers = [_faker(locale, seed) for locale in LOCALES]
    dice = random.Random(seed)  # noqa: S311 - made-up texts, nothing secret
    made = []
    for _ in range(count):
        chosen = [_written(dice.choice(templates), dice.choice(makers), dice) for _ in range(dice.choice((1, 1, 2, 3)))]
        text, spans = "", []
        for part, found in chosen:
            start = len(text) + (1 if text else 0)
            text = f"{text} {part}" if text else part
            spans += [Span(kind, start + first, start + last, 1.0, "label") for kind, first, last in found]
        made.append(Labelled(text, tuple(spans), "templates", "Apache-2.0"))
    return made


def _written(template: str, maker: Any, dice: random.Random) -> tuple[str, list[tuple[str, int, int]]]:
    template = template.replace("{address}", dice.choice(ADDRESSES))
    parts: list[str] = []
    found: list[tuple[str, int, int]] = []
    length = last = 0
    for slot in SLOT.finditer(template):
        before = template[last : slot.start()].replace("{{", "{").replace("}}", "}")
        kind, make = SLOTS[slot.group(1)]
        value = make(maker, dice)
        parts += [before, value]
        length += len(before)
        if kind:
            found.append((kind, length, length + len(value)))
        length += len(value)
        last = slot.end()
    return "".join([*parts, template[last:].replace("}}", "}")]), found


def _date(_maker: Any, dice: random.Random) -> str:
    return _day(dice).strftime(dice.choice(DATES))


def _day(dice: random.Random) -> datetime:
    return datetime(1930, 1, 1, tzinfo=UTC) + timedelta(minutes=dice.randrange(60 * 24 * 365 * 100))


def _person(maker: Any, dice: random.Random) -> str:
    first, last = maker.first_name(), maker.last_name()
    middle = dice.choice("ABCDEFGHJKLMPRSTW")
    forms = (f"{first} {last}",) * 5 + (f"{first} {middle}. {last}", f"{first} {middle} {last}", f"{middle}. {last}")
    return dice.choice(forms)


def _user(maker: Any, dice: random.Random) -> str:
    first, last = _plain(maker.first_name()), _plain(maker.last_name())
    number = dice.randrange(1000)
    forms = (
        f"{first}_{last}",
        f"{first}.{last}",
        f"{first}{number}",
        f"{last}_{number}",
        f"{first[0]}{last}",
        f"{last}{first[0]}",
    )
    return dice.choice(forms)


def _plain(name: str) -> str:
    return re.sub(r"[^a-z]", "", name.lower()) or "user"


def _number(maker: Any, dice: random.Random) -> str:
    forms = (
        "?########",
        "??-ID-#######",
        "??-DL-########",
        "########",
        "###-##-####",
        "??######",
        "####-##-####",
        "??##########",
    )
    return str(maker.bothify(dice.choice(forms)).upper())


def _age(_maker: Any, dice: random.Random) -> str:
    return str(dice.randrange(4, 99))


def _street(maker: Any, dice: random.Random) -> str:
    number, name = maker.building_number(), maker.street_name()
    return dice.choice((maker.street_address(), f"{number} {name}", f"{name} {number}")).replace("\n", ", ")


def _phone(maker: Any, dice: random.Random) -> str:
    forms = (
        "###-###-####",
        "(###) ###-####",
        "### ### ####",
        "+## ## #### ####",
        "0## #### ####",
        "+1-###-###-####x###",
        "## ## ## ##",
    )
    made = maker.numerify(dice.choice(forms))
    # Not every country's Faker makes phone numbers.
    return str(dice.choice((maker.phone_number(), made)) if hasattr(maker, "phone_number") else made)


def _flat(_maker: Any, dice: random.Random) -> str:
    return f"{dice.choice(('Apt.', 'Suite', 'Flat', 'Unit', 'Apt', 'Room'))} {dice.randrange(1, 999)}"


def _number_below(limit: int) -> Callable[[Any, random.Random], str]:
    return lambda _maker, dice: str(dice.randrange(1, limit))


def _from(*names: str) -> Callable[[Any, random.Random], str]:
    """The first of these that the country's Faker has."""

    def make(maker: Any, _dice: random.Random) -> str:
        return str(next(getattr(maker, name) for name in names if hasattr(maker, name))())

    return make


SLOTS: dict[str, tuple[str, Callable[[Any, random.Random], str]]] = {
    "person": ("PERSON", _person),
    "first": ("PERSON", _from("first_name")),
    "last": ("PERSON", _from("last_name")),
    "lowerfirst": ("PERSON", lambda maker, _dice: maker.first_name().lower()),
    "lowername": ("PERSON", lambda maker, dice: _person(maker, dice).lower()),
    "upper": ("PERSON", lambda maker, dice: _person(maker, dice).upper()),
    "lowercity": ("LOCATION", lambda maker, _dice: maker.city().lower()),
    "title": ("TITLE", lambda _maker, dice: dice.choice(TITLES)),
    "street": ("STREET_ADDRESS", _street),
    "flat": ("STREET_ADDRESS", _flat),
    "city": ("LOCATION", _from("city")),
    "state": ("LOCATION", _from("state_abbr", "state", "administrative_unit", "country")),
    "code": ("LOCATION", lambda maker, _dice: maker.country_code()),
    "country": ("LOCATION", _from("country")),
    "zip": ("ZIP_CODE", _from("postcode")),
    "org": ("ORGANIZATION", _from("company")),
    "nrp": ("NRP", lambda _maker, dice: dice.choice(NATIONS)),
    "phone": ("PHONE_NUMBER", _phone),
    "age": ("AGE", _age),
    "date": ("DATE_TIME", _date),
    "dob": ("DATE_TIME", _date),
    "year": ("DATE_TIME", lambda _maker, dice: str(dice.randrange(1900, 2030))),
    "time": ("DATE_TIME", lambda _maker, dice: _day(dice).strftime(dice.choice(("%H:%M", "%H:%M:%S", "%I:%M %p")))),
    "weekday": ("DATE_TIME", lambda _maker, dice: _day(dice).strftime("%A")),
    "user": ("USERNAME", _user),
    "idnum": ("ID_NUMBER", _number),
    "casenum": ("ID_NUMBER", lambda maker, dice: maker.numerify(dice.choice(("####/##", "#####/##", "## ?? ####/##")))),
    "email": (
        "EMAIL_ADDRESS",
        lambda maker, dice: _user(maker, dice) + "@example." + dice.choice(("com", "org", "net")),
    ),
    "job": (
        "",
        lambda _maker, dice: dice.choice(("teacher", "Sales Manager", "engineer", "nurse", "Director", "singer")),
    ),
    "ip": ("", lambda _maker, dice: f"192.0.2.{dice.randrange(256)}"),
    "small": ("", _number_below(30)),
    "short": ("", _number_below(9999)),
}


def _faker(locale: str, seed: int) -> Any:
    maker = _maker(locale)
    maker.seed_instance(seed)
    return maker


@cache
def _maker(locale: str) -> Any:
    try:
        from faker import Faker
    except ImportError as error:
        raise MissingExtra(
            "made-up texts need Faker, which is not installed", cure="Install cleartitle[train]."
        ) from error
    return Faker(locale)
