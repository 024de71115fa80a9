"""Keyed shingles of a text and their MinHash signature (Broder 1997): no words, only numbers.

Without the key nobody can confirm a guess about a text from what is stored here. Letter
case, punctuation and white space do not count.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
import numpy.typing as npt

from curation.ngrams import Hashes, Places
from curation.text import TextView, lower_codes

WORDS = 5  # words in a shingle
PERMUTATIONS = 120  # splits evenly into bands of 1, 2, 3, 4, 5, 6, 8, 10 or 12 rows

_LONGEST = 1024  # letters of a word told apart by their place
_BLOCK = 512  # shingles per step: the products stay in the processor's cache

Numbers = npt.NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class Signature:
    """What is stored of a text to find its near-duplicates; both empty for a text without words."""

    minhash: Numbers
    shingles: Numbers  # sorted, each once


@dataclass(frozen=True, slots=True)
class _Secrets:
    characters: Hashes  # one random number per code point, the same for both cases of a letter
    places: Hashes  # odd numbers, one per place in a word
    constants: Hashes  # odd numbers


def signature(view: TextView, key: bytes) -> Signature:
    """Shingles of five words (of all words, in a shorter text) and their MinHash."""
    words = word_numbers(view, key)
    if not len(words):
        return Signature(np.empty(0, dtype=np.uint32), np.empty(0, dtype=np.uint32))
    runs = run_numbers(words, min(WORDS, len(words)), key)
    shingles = _distinct((runs >> np.uint64(32)).astype(np.uint32))
    return Signature(_minima(shingles), shingles)


def word_numbers(view: TextView, key: bytes) -> Hashes:
    """One keyed number per token of the text, the same for both cases of its letters."""
    secrets = _secrets(key)
    places, starts = view.tokens
    if not len(places):
        return np.empty(0, dtype=np.uint64)
    return _mix(_sums(secrets.characters[view.codes[places]], starts, secrets.places), secrets)


def run_numbers(words: Hashes, width: int, key: bytes) -> Hashes:
    """One keyed number per run of `width` words, in order; there must be as many."""
    secrets = _secrets(key)
    count = len(words) - width + 1
    hashes = words[:count].copy()
    for place in range(1, width):
        hashes *= secrets.constants[0]
        hashes += words[place : place + count]
    return _mix(hashes, secrets)


def _sums(letters: Hashes, starts: Places, factors: Hashes) -> Hashes:
    """Per word, the sum of its letters, each times the factor of its place in the word."""
    ends = np.append(starts[1:], len(letters))
    within = np.arange(len(letters)) - np.repeat(starts, ends - starts)
    letters *= factors[within & (_LONGEST - 1)]
    sums = np.zeros(len(letters) + 1, dtype=np.uint64)
    np.cumsum(letters, out=sums[1:])
    return np.asarray(sums[ends] - sums[starts])


def _distinct(numbers: Numbers) -> Numbers:
    # numpy's own unique() hashes first, which takes seven times as long here.
    numbers = np.sort(numbers)
    first = np.ones(len(numbers), dtype=np.bool_)
    np.not_equal(numbers[1:], numbers[:-1], out=first[1:])
    return numbers[first]


def _mix(hashes: Hashes, secrets: _Secrets) -> Hashes:
    hashes = (hashes ^ (hashes >> np.uint64(32))) * secrets.constants[1]
    hashes = (hashes ^ (hashes >> np.uint64(29))) * secrets.constants[2]
    return hashes ^ (hashes >> np.uint64(32))


def _minima(shingles: Numbers) -> Numbers:
    factors, summands = _permutations()
    least = np.full(PERMUTATIONS, np.iinfo(np.uint32).max, dtype=np.uint32)
    for start in range(0, len(shingles), _BLOCK):
        products = factors * shingles[start : start + _BLOCK]
        products += summands
        np.minimum(least, products.min(axis=1), out=least)
    return least


@cache
def _permutations() -> tuple[Numbers, Numbers]:
    numbers = np.frombuffer(hashlib.shake_256(b"cleartitle minhash").digest(PERMUTATIONS * 8), dtype="<u4")
    factors, summands = numbers.reshape(2, PERMUTATIONS, 1)
    return factors | np.uint32(1), summands.copy()


@lru_cache(maxsize=2)
def _secrets(key: bytes) -> _Secrets:
    codes = lower_codes()
    stream = hashlib.shake_256(b"cleartitle shingles" + key).digest(8 * (len(codes) + _LONGEST + 3))
    numbers = np.frombuffer(stream, dtype="<u8")
    odd = numbers[len(codes) :] | np.uint64(1)
    return _Secrets(numbers[codes], odd[:_LONGEST], odd[_LONGEST:])
