"""What several recognisers say about the same words, made one list."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from catalog.values import Span


def merge(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Overlapping spans of one kind become one; of different kinds, both stay: they are two facts."""
    kinds: dict[str, list[Span]] = {}
    for span in spans:
        kinds.setdefault(span.kind, []).append(span)
    merged = [span for same in kinds.values() for span in _joined(same)]
    return tuple(sorted(merged, key=lambda span: (span.start, -span.end, span.kind)))


def _joined(spans: list[Span]) -> Iterator[Span]:
    spans.sort(key=lambda span: (span.start, -span.end))
    current = spans[0]
    for span in spans[1:]:
        if span.start < current.end:
            surer = max(current, span, key=lambda one: one.score)
            end = max(current.end, span.end)
            current = Span(current.kind, current.start, end, surer.score, surer.recognizer)
        else:
            yield current
            current = span
    yield current
