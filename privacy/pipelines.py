"""Language pipelines of one's own in the mode `strict`: spaCy by package or folder, others as Presidio's NLP engines.

A YAML file is Presidio's own configuration of an NLP engine (`nlp_engine_name: transformers`, ...).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from catalog.errors import Unavailable
from catalog.values import Span
from privacy import ner


class Reader(Protocol):
    """Finds names in segments."""

    name: str

    def tag(self, segments: Sequence[str]) -> list[list[Span]]:
        """Spans per segment, in the segment's own offsets."""


class NlpEngineReader:
    """One of Presidio's NLP engines as a reader; kinds and scores are its own."""

    def __init__(self, engine: Any, language: str) -> None:
        if not engine.is_loaded():
            engine.load()
        self._engine = engine
        self._language = language
        self.name = type(engine).__name__

    def tag(self, segments: Sequence[str]) -> list[list[Span]]:
        """Spans per segment; where the engine skips a segment, it was not examined."""
        read = [artifacts for _, artifacts in self._engine.process_batch(list(segments), self._language)]
        if len(read) != len(segments):
            raise RuntimeError("the NLP engine left segments out")
        return [self._spans(artifacts) for artifacts in read]

    def _spans(self, artifacts: Any) -> list[Span]:
        scores = artifacts.scores or [ner.SCORE] * len(artifacts.entities)
        return [
            Span(entity.label_, entity.start_char, entity.end_char, float(score), self.name)
            for entity, score in zip(artifacts.entities, scores, strict=True)
        ]


def reader(pipeline: Any, language: str) -> Reader:
    """The reader for a package's name, a folder, a YAML file or an NLP engine."""
    if isinstance(pipeline, str | Path):
        if not _configured(pipeline):
            return ner.Tagger(_model(str(pipeline)), own=True)
        pipeline = _engine(str(pipeline))
    return NlpEngineReader(pipeline, language)


def languages(pipeline: Any) -> frozenset[str]:
    """The languages it reads; none where it has no label for people."""
    if isinstance(pipeline, str | Path):
        if not _configured(pipeline):
            model = _model(str(pipeline))
            return frozenset({ner.language(model)} if ner.finds_people(model) else ())
        pipeline = _engine(str(pipeline))
    return frozenset(pipeline.get_supported_languages())


def identity(pipeline: Any) -> str:
    """Names the pipeline for fingerprints."""
    if not isinstance(pipeline, str | Path):
        return f"{type(pipeline).__name__}: {sorted(pipeline.get_supported_entities())}"
    if _configured(pipeline):
        return hashlib.sha256(Path(pipeline).read_bytes()).hexdigest()
    if Path(pipeline).is_dir():
        files = sorted(path for path in Path(pipeline).rglob("*") if path.is_file())
        looks = [(path.stat().st_size, path.stat().st_mtime_ns) for path in files]
        return _content(Path(pipeline), tuple(zip(files, looks, strict=True)))
    return f"{pipeline} {_model(str(pipeline)).version}"


@cache
def _content(folder: Path, files: tuple[tuple[Path, tuple[int, int]], ...]) -> str:
    """A digest of a folder's files; read again where one looks changed."""
    told = hashlib.sha256()
    for path, (size, _) in files:
        told.update(f"{path.relative_to(folder)} {size}\n".encode())
        with path.open("rb") as file:
            while part := file.read(1 << 20):
                told.update(part)
    return told.hexdigest()


def _configured(pipeline: str | Path) -> bool:
    return Path(pipeline).suffix in (".yaml", ".yml")


def _model(pipeline: str) -> ner.Model:
    model = ner.named(pipeline)
    if model is None:
        raise Unavailable(
            "there is no such spaCy pipeline: neither a package that is installed nor a folder",
            cure="Install the package, or give the folder that holds its config.cfg.",
            place=pipeline,
        )
    return model


@cache
def _engine(path: str) -> Any:
    from presidio_analyzer.nlp_engine import NlpEngineProvider

    try:
        return NlpEngineProvider(conf_file=path).create_engine()
    except Exception as error:  # whatever a model that is not ours fails with, no text is passed unread
        raise Unavailable(
            f"the NLP engine does not load: {type(error).__name__}",
            cure="See Presidio's documentation of NLP engines, and install what the configuration names.",
            place=path,
        ) from error
