"""Makes `privacy/words.txt`: words of the language that are nobody's name.

    python tests/evals/privacy_text/common_words.py

Counted in the shared data beside the checkout: openly licensed documents (without the pages that are
measured) and labelled news and posts. A word is kept that stands in lower case in several of them, hardly
ever has a capital inside of a sentence, is nowhere labelled as a person, and is no name or place to Faker.
"""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter
from itertools import pairwise
from pathlib import Path

import measure  # beside this file
from faker import Faker

from privacy.templates import LOCALES

OUT = Path(__file__).parents[3] / "privacy" / "words.txt"
TOKEN = re.compile(r"[^\W\d_]+|[.!?:;\n\"“”(\[{*#>|=/\\_`-]")
LISTS = (
    "first_names", "first_names_male", "first_names_female", "last_names", "cities", "city_names", "countries",
    "states", "counties",
)  # fmt: skip
CAPITALS = 0.15  # at most this share inside of sentences: titles and headings have some


def main() -> None:
    """Write the list."""
    texts, plain, lower, upper = counted_documents()
    labelled, people = counted_labels()
    named = people | faker_names()
    words = [
        word
        for word in sorted(lower.keys() | labelled.keys())
        if len(word) > 2
        and word.isascii()
        and upper[word] <= CAPITALS * lower[word]
        and word not in named
        and (plain[word] >= 3 or (plain[word] + labelled[word] >= 2 and texts[word] + labelled[word] >= 3))
    ]
    OUT.write_text("\n".join(words) + "\n", "utf-8")
    print(len(words))


def counted_documents() -> tuple[Counter[str], Counter[str], Counter[str], Counter[str]]:
    """Documents that hold a word in lower case, those of them that are no reviews, how often it has no capital, one.

    The reviews are all in lower case, names too: alone they say nothing.
    """
    texts: Counter[str] = Counter()
    plain: Counter[str] = Counter()
    lower: Counter[str] = Counter()
    upper: Counter[str] = Counter()
    held = set(measure.manuals())
    with gzip.open(measure.SHARED.parent / "text" / "open_docs.jsonl.gz", "rt", encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            if row["text"][:12_000] in held:
                continue
            tokens = TOKEN.findall(row["text"])
            small = [token for token in tokens if token.islower()]
            lower.update(small)
            texts.update(set(small))
            if row["source"] != "movie_reviews":
                plain.update(set(small))
            upper.update(
                token.lower() for before, token in pairwise(tokens)
                if before.isalpha() and token[0].isupper() and token[1:].islower()
            )  # fmt: skip
    return texts, plain, lower, upper


def counted_labels() -> tuple[Counter[str], set[str]]:
    """Words that are labelled as nothing, in lower case, and those of people."""
    nothing: Counter[str] = Counter()
    people: set[str] = set()
    for path in sorted((measure.SHARED / "ner").glob("*.conll")):
        for line in path.read_text("utf-8").split("\n"):
            word, tag = (*line.split()[:1], *line.split()[-1:]) if line.strip() else ("", "")
            if tag.endswith(("-PER", "-person")):
                people.add(word.lower())
            elif tag == "O" and word.islower() and word.isalpha():
                nothing[word] += 1
    return nothing, people


def faker_names() -> frozenset[str]:
    """Parts of names of people and places."""
    values = (
        value
        for locale in LOCALES
        for provider in Faker(locale).get_providers()
        for name in LISTS
        for value in getattr(provider, name, None) or ()
    )
    return frozenset(
        part.lower() for value in values if isinstance(value, str) for part in re.findall(r"[^\W\d_]+", value)
    )


if __name__ == "__main__":
    main()
