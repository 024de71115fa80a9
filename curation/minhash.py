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
BINS = 128  # numbers in a signature

_LONGEST = 1024  # letters of a word told apart by their place

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
    runs = run_numbers(words, min(WORDS, len(words)), key)
    shingles = _distinct((runs >> np.uint64(32)).astype(np.uint32))
    return Signature(minhash(shingles), shingles)


def word_numbers(view: TextView, key: bytes) -> Hashes:
    """One keyed number per token of the text, the same for both cases of its letters."""
    secrets = _secrets(key)
    starts, ends = view.tokens
    if not len(starts):
        return np.empty(0, dtype=np.uint64)
    letters = secrets.characters.take(view.codes)
    places = np.arange(len(letters))
    places[starts[0] :] -= starts.repeat(np.append(starts[1:], len(letters)) - starts)  # now counted within words
    letters *= secrets.places.take(places & (_LONGEST - 1))
    sums = np.zeros(len(letters) + 1, dtype=np.uint64)
    np.cumsum(letters, out=sums[1:])
    return _mixed(sums.take(ends) - sums.take(starts), secrets)


def run_numbers(words: Hashes, width: int, key: bytes) -> Hashes:
    """One keyed number per run of `width` words, in order; there must be as many."""
    secrets = _secrets(key)
    count = len(words) - width + 1
    hashes = words[:count].copy()
    for place in range(1, width):
        hashes *= secrets.constants[0]
        hashes += words[place : place + count]
    return _mixed(hashes, secrets)


def minhash(shingles: Numbers) -> Numbers:
    """The least shingle of every bin: one permutation in parts does what many would (Li, Owen and Zhang 2012).
    An empty bin borrows from another, by an order of its own: that favours no number (Shrivastava 2017)."""
    if not len(shingles):
        return shingles
    bounds, lenders = _bins()
    places = shingles.searchsorted(bounds)
    filled = places[1:] > places[:-1]
    if not filled.all():
        first = filled[lenders].argmax(axis=1)
        places = places[lenders[np.arange(BINS), first]]
    return shingles[places[:BINS]]


def _distinct(numbers: Numbers) -> Numbers:
    # numpy's own unique() hashes first, which takes seven times as long here.
    numbers = np.sort(numbers)
    first = np.ones(len(numbers), dtype=np.bool_)
    np.not_equal(numbers[1:], numbers[:-1], out=first[1:])
    return numbers[first]


def _mixed(hashes: Hashes, secrets: _Secrets) -> Hashes:
    """The same array, every bit of its numbers made to depend on every other."""
    hashes ^= hashes >> np.uint64(32)
    hashes *= secrets.constants[1]
    hashes ^= hashes >> np.uint64(29)
    hashes *= secrets.constants[2]
    hashes ^= hashes >> np.uint64(32)
    return hashes


@cache
def _bins() -> tuple[npt.NDArray[np.uint64], Places]:
    """Where bins begin and the last ends; for each bin the order in which it looks for one to borrow from."""
    bounds = np.arange(BINS + 1, dtype=np.uint64) * np.uint64((1 << 32) // BINS)
    numbers = np.frombuffer(hashlib.shake_256(b"cleartitle minhash").digest(4 * BINS * BINS), dtype="<u4")
    ranks = numbers.reshape(BINS, BINS).astype(np.int64)
    np.fill_diagonal(ranks, -1)  # itself first
    return bounds, ranks.argsort(axis=1, kind="stable")


@lru_cache(maxsize=2)
def _secrets(key: bytes) -> _Secrets:
    codes = lower_codes()
    stream = hashlib.shake_256(b"cleartitle shingles" + key).digest(8 * (len(codes) + _LONGEST + 3))
    numbers = np.frombuffer(stream, dtype="<u8")
    odd = numbers[len(codes) :] | np.uint64(1)
    return _Secrets(numbers[codes], odd[:_LONGEST], odd[_LONGEST:])
