"""This engine as one of Presidio's recognisers, for those who have an AnalyzerEngine of their own."""

from __future__ import annotations

from typing import Any

from presidio_analyzer import EntityRecognizer, RecognizerResult

from catalog.errors import Unavailable
from privacy.engine import OK, Engine


class EngineRecognizer(EntityRecognizer):  # type: ignore[misc]
    """Add it to a registry: `registry.add_recognizer(EngineRecognizer(entities=["PERSON"]))`.

    Unlike Presidio's own, it raises where a text could not be examined: an empty answer would pass it.
    """

    def __init__(self, entities: list[str], mode: str = "strict", language: str = "en") -> None:
        self._engine = Engine(mode)
        super().__init__(supported_entities=entities, name="cleartitle", supported_language=language)

    def load(self) -> None:
        """Nothing to load: the engine does so on its first text."""

    def analyze(self, text: str, entities: list[str], nlp_artifacts: Any = None) -> list[Any]:  # noqa: ARG002
        """The engine's spans of these kinds as Presidio's results."""
        scan = self._engine.scan([text], [self.supported_language])[0]
        if scan.status != OK:
            raise Unavailable(f"the text was not examined: {scan.status}")
        metadata = {
            RecognizerResult.RECOGNIZER_NAME_KEY: self.name,
            RecognizerResult.RECOGNIZER_IDENTIFIER_KEY: self.id,
        }
        return [
            RecognizerResult(span.kind, span.start, span.end, span.score, recognition_metadata=dict(metadata))
            for span in scan.spans
            if span.kind in entities
        ]
