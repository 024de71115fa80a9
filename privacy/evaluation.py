"""How well personal data is found: the Text Anonymization Benchmark's measures, and scores per kind.

TAB asks whether every mention of an entity is covered (one left over names it) and how much is
covered without need. The scores per kind follow presidio-research: overlap above a limit counts.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from catalog.values import Span
from privacy.engine import Engine
from privacy.labelled import Labelled

TOKEN = re.compile(r"\w+|[^\w\s]")
# Words that a mention may begin or end with and that name nobody. TAB leaves out adpositions, particles,
# conjunctions and determiners by their tags; these classes are closed, so a list does it without a model.
_UNTELLING = frozenset(
    TOKEN.findall(
        "a an the this that these those some any each every no all both another "
        "of in on at by to from for with about into over after before between under during against within without "
        "through near since until upon around along across behind beyond and or but nor plus s not n t mr mrs ms nr"
    )
)


@dataclass(frozen=True, slots=True)
class Mention:
    """One annotated mention: mentions of one entity share `entity`; `identifier` is DIRECT, QUASI or NO_MASK."""

    kind: str
    start: int
    end: int
    entity: str
    identifier: str


@dataclass(frozen=True, slots=True)
class Annotated:
    """A text with the mentions each of its annotators marked."""

    text: str = field(repr=False)
    annotators: tuple[tuple[Mention, ...], ...]


@dataclass(frozen=True, slots=True)
class TabScore:
    """Entity recall for direct and quasi identifiers; tokens' recall, precision over annotators, and F1."""

    direct: float
    quasi: float
    recall: float
    precision: float

    @property
    def f1(self) -> float:
        """Harmonic mean of token recall and precision."""
        return f_score(self.precision, self.recall, 1)


@dataclass(frozen=True, slots=True)
class KindScore:
    """Right, wrong and missed spans of one kind ("*": all, whatever kind they were given)."""

    kind: str
    right: int
    wrong: int
    missed: int

    @property
    def precision(self) -> float:
        """Share of the spans reported that are right."""
        return _share(self.right, self.right + self.wrong)

    @property
    def recall(self) -> float:
        """Share of the spans there are that were reported."""
        return _share(self.right, self.right + self.missed)

    def f(self, beta: float = 2) -> float:
        """F score; with beta 2 a miss weighs more than a false alarm."""
        return f_score(self.precision, self.recall, beta)


def f_score(precision: float, recall: float, beta: float) -> float:
    """The weighted harmonic mean of precision and recall."""
    return _share((1 + beta**2) * precision * recall, beta**2 * precision + recall)


def evaluate(
    labelled: Sequence[Labelled],
    mode: str = "strict",
    language: str = "en",
    names: Mapping[str, str] | None = None,
    overlap: float = 0.5,
) -> list[KindScore]:
    """Scores of a mode on labels of one's own; a text that could not be examined counts as nothing found."""
    texts = [one.text for one in labelled]
    found = [scan.spans for scan in Engine(mode).scan(texts, [language] * len(texts))]
    return kind_scores([one.spans for one in labelled], found, texts, names, overlap)


def tab_score(labelled: Sequence[Annotated], found: Sequence[Sequence[Span]]) -> TabScore:
    """TAB's measures over documents and the spans that would be masked in each."""
    entities: dict[str, list[bool]] = {"DIRECT": [], "QUASI": []}
    gold = hit = masked = agreed = 0.0
    for document, spans in zip(labelled, found, strict=True):
        tokens = _telling_tokens(document.text)
        covered = {place for place in tokens if any(s.start <= place[0] and place[1] <= s.end for s in spans)}
        for mentions in document.annotators:
            telling = {mention: _within(tokens, mention) for mention in mentions if mention.identifier != "NO_MASK"}
            marked = {place for places in telling.values() for place in places}
            gold += len(marked)
            hit += len(marked & covered)
            agreed += len(marked & covered) / len(document.annotators)
            for identifier, seen in entities.items():
                seen += _entities_covered(telling, identifier, covered)
        masked += len(covered)
    shares = {name: _share(sum(seen), len(seen)) for name, seen in entities.items()}
    return TabScore(shares["DIRECT"], shares["QUASI"], _share(hit, gold), _share(agreed, masked))


def kind_scores(
    gold: Sequence[Sequence[Span]],
    found: Sequence[Sequence[Span]],
    texts: Sequence[str],
    names: Mapping[str, str] | None = None,
    overlap: float = 0.5,
) -> list[KindScore]:
    """Scores per kind and for all together ("*"), after neighbours of one kind are joined.

    `names` maps kinds of both sides to common ones; a kind mapped to "" is left out. A span is right
    when its overlap with one of the gold spans, divided by the place both take, reaches `overlap`.
    """
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for text, true, reported in zip(texts, gold, found, strict=True):
        ours, theirs = _named(reported, names or {}), _named(true, names or {})
        for kind in {"*", *(span.kind for span in (*ours, *theirs))}:
            left = _joined(ours, kind, text)
            right = _joined(theirs, kind, text)
            matched = _matched(left, right, overlap)
            for place, number in enumerate((matched, len(left) - matched, len(right) - matched)):
                counts[kind][place] += number
    return [KindScore(kind, *numbers) for kind, numbers in sorted(counts.items())]


def _telling_tokens(text: str) -> list[tuple[int, int]]:
    return [
        match.span()
        for match in TOKEN.finditer(text)
        if match.group()[0].isalnum() and match.group().lower() not in _UNTELLING
    ]


def _within(tokens: Iterable[tuple[int, int]], mention: Mention) -> list[tuple[int, int]]:
    return [place for place in tokens if mention.start <= place[0] and place[1] <= mention.end]


def _entities_covered(
    telling: Mapping[Mention, Sequence[tuple[int, int]]], identifier: str, covered: set[tuple[int, int]]
) -> list[bool]:
    entities: dict[str, list[bool]] = defaultdict(list)
    for mention, places in telling.items():
        if mention.identifier == identifier:
            entities[mention.entity].append(covered.issuperset(places))
    return [all(mentions) for mentions in entities.values()]


def _named(spans: Iterable[Span], names: Mapping[str, str]) -> list[Span]:
    mapped = [Span(names.get(s.kind, s.kind), s.start, s.end, s.score, s.recognizer) for s in spans]
    return [span for span in mapped if span.kind]


def _joined(spans: Iterable[Span], kind: str, text: str) -> list[tuple[int, int]]:
    places = sorted((span.start, span.end) for span in spans if kind in ("*", span.kind))
    joined: list[tuple[int, int]] = []
    for start, end in places:
        if joined and not any(sign.isalnum() for sign in text[joined[-1][1] : start]):
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _matched(found: Sequence[tuple[int, int]], gold: Sequence[tuple[int, int]], overlap: float) -> int:
    left = list(gold)
    matched = 0
    for start, end in found:
        best = max(left, key=lambda place: _iou(place, (start, end)), default=None)
        if best is not None and _iou(best, (start, end)) >= overlap:
            left.remove(best)
            matched += 1
    return matched


def _iou(left: tuple[int, int], right: tuple[int, int]) -> float:
    common = min(left[1], right[1]) - max(left[0], right[0])
    return _share(max(0, common), max(left[1], right[1]) - min(left[0], right[0]))


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0
