"""Trains the small tagger from labelled texts: the one file of this room that needs torch.

    train(labelled, path)              from nothing
    train(labelled, path, base=other)  on from another model, for a domain of one's own
    distil(texts, engine)              texts labelled by a larger pipeline

Beside the model goes its card, `<path>.card.json`: kinds, sizes, sources, scores on texts held back.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from catalog.errors import MissingExtra, UsageError
from privacy import tagger
from privacy.engine import OK, Engine
from privacy.evaluation import kind_scores
from privacy.labelled import Labelled
from privacy.segments import cut
from privacy.words import TABLES, Features

HIDDEN = 112
# Kernel and dilation of each convolution: 14 words to each side are seen.
LAYERS = ((5, 1), (5, 2), (5, 4))
SEQUENCE = 1500  # words in a row of a batch


@dataclass(frozen=True, slots=True)
class Settings:
    """How to train. `held_back` is the share of the texts that only scores the model."""

    epochs: int = 8
    batch: int = 8
    rate: float = 3e-3
    dropout: float = 0.3
    word_dropout: float = 0.15
    held_back: float = 0.05
    seed: int = 7


def distil(texts: Sequence[str], engine: Engine, source: str, licence: str, language: str = "en") -> list[Labelled]:
    """Texts labelled by an engine; those it could not examine are left out."""
    scans = engine.scan(texts, [language] * len(texts))
    return [
        Labelled(text, scan.spans, source, licence)
        for text, scan in zip(texts, scans, strict=True)
        if scan.status == OK
    ]


def train(
    labelled: Sequence[Labelled],
    path: Path,
    base: Path | None = None,
    settings: Settings | None = None,
    progress: Callable[[int], None] = lambda _steps: None,
) -> dict[str, Any]:
    """Train a model, write it and its card, and return the card; `progress` is told of each step."""
    chosen = settings or Settings()
    if not labelled:
        raise UsageError("there are no labelled texts to learn from")
    learnt, held = _split(labelled, chosen)
    kinds = tuple(sorted({span.kind for one in labelled for span in one.spans}))
    network = _fit(learnt, kinds, base, chosen, progress)
    tagger.save(path, kinds, network.dilations, _arrays(network, _seen(learnt)))
    card = _card(path, kinds, labelled, held, base, chosen)
    path.with_suffix(".card.json").write_text(json.dumps(card, indent=2, ensure_ascii=False) + "\n", "utf-8")
    return card


def _split(labelled: Sequence[Labelled], settings: Settings) -> tuple[list[Labelled], list[Labelled]]:
    # By the text's own digest, so that the same text is never on both sides, whatever the order.
    learnt: list[Labelled] = []
    held: list[Labelled] = []
    for one in labelled:
        digest = hashlib.sha256(one.text.encode("utf-8", "surrogatepass")).digest()
        (held if digest[0] / 256 < settings.held_back else learnt).append(one)
    return learnt, held


def _fit(
    learnt: Sequence[Labelled],
    kinds: tuple[str, ...],
    base: Path | None,
    settings: Settings,
    progress: Callable[[int], None],
) -> Any:
    torch = _torch()
    torch.manual_seed(settings.seed)
    start = tagger.load(base) if base is not None else None
    hidden = len(start.convolutions[0][1]) if start else HIDDEN
    layers = start.layers if start else LAYERS
    network = _network(torch, 1 + 2 * len(kinds), hidden, layers, settings)
    if start is not None:
        _begin_with(torch, network, start, kinds)
    rows, tags = _sequences(learnt, kinds, room=max(kernel // 2 * dilation for kernel, dilation in layers))
    optimiser = torch.optim.AdamW(network.parameters(), settings.rate, weight_decay=0.01)
    steps = settings.epochs * -(-len(rows) // settings.batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, settings.rate, total_steps=steps, pct_start=0.1)
    order = np.random.default_rng(settings.seed)
    network.train()
    for _ in range(settings.epochs):
        shuffled = order.permutation(len(rows))
        for first in range(0, len(rows), settings.batch):
            chosen = shuffled[first : first + settings.batch]
            scores = network(torch.from_numpy(rows[chosen]).long())
            wanted = torch.from_numpy(tags[chosen])
            loss = torch.nn.functional.cross_entropy(scores.flatten(0, 1), wanted.flatten(), ignore_index=-1)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
            progress(1)
    return network


def _network(torch: Any, tags: int, hidden: int, layers: Sequence[tuple[int, int]], settings: Settings) -> Any:
    class Network(torch.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            nn = torch.nn
            self.dilations = tuple(dilation for _, dilation in layers)
            self.tables = nn.ModuleList(nn.Embedding(n, tagger.WIDTHS[name]) for name, n in TABLES.items())
            for table in self.tables:
                nn.init.normal_(table.weight, std=0.1)
            widths = (tagger.WIDTH, *[hidden] * (len(layers) - 1))
            self.convolutions = nn.ModuleList(
                nn.Conv1d(width, hidden, kernel, dilation=dilation, padding="same")
                for width, (kernel, dilation) in zip(widths, layers, strict=True)
            )
            self.head = nn.Linear(hidden, tags)
            self.dropout = nn.Dropout(settings.dropout)

        def forward(self, rows: Any) -> Any:
            alive = (rows[:, :, :1] != 0).float()
            parts = [table(rows[:, :, place]) for place, table in enumerate(self.tables)]
            if self.training:
                # Whole words are hidden now and then, so that names never seen are found by their surroundings.
                parts[0] = parts[0] * (torch.rand(rows.shape[:2])[:, :, None] >= settings.word_dropout)
            inside = self.dropout(torch.cat(parts, dim=2)) * alive
            for convolution in self.convolutions:
                outside = torch.relu(convolution(inside.transpose(1, 2)).transpose(1, 2)) * alive
                inside = self.dropout(outside if outside.shape != inside.shape else outside + inside)
            return self.head(inside)

    return Network()


def _begin_with(torch: Any, network: Any, weights: tagger.Weights, kinds: tuple[str, ...]) -> None:
    with torch.no_grad():
        for table, values in zip(network.tables, weights.tables, strict=True):
            table.weight.copy_(torch.from_numpy(values))
        layers = zip(network.convolutions, weights.convolutions, weights.layers, strict=True)
        for convolution, (matrix, bias), (kernel, _) in layers:
            convolution.weight.copy_(torch.from_numpy(matrix.reshape(kernel, -1, len(bias))).permute(2, 1, 0))
            convolution.bias.copy_(torch.from_numpy(bias))
        for mine, kind in enumerate(kinds):
            if kind in weights.kinds:
                theirs = weights.kinds.index(kind)
                for part in (1, 2):
                    network.head.weight[2 * mine + part] = torch.from_numpy(weights.head[0][:, 2 * theirs + part])
                    network.head.bias[2 * mine + part] = float(weights.head[1][2 * theirs + part])


def _arrays(network: Any, seen: Sequence[Any]) -> dict[str, Any]:
    arrays = {}
    for name, table, rows in zip(TABLES, network.tables, seen, strict=True):
        values = table.weight.detach().numpy().copy()
        values[~rows] = 0  # rows that no text used still hold the noise they began with
        arrays[f"table_{name}"] = values
    for place, convolution in enumerate(network.convolutions):
        weight = convolution.weight.detach().permute(2, 1, 0)
        arrays[f"conv_{place}"] = weight.reshape(-1, weight.shape[2]).numpy()
        arrays[f"bias_{place}"] = convolution.bias.detach().numpy()
    arrays["head"] = network.head.weight.detach().numpy().T
    arrays["head_bias"] = network.head.bias.detach().numpy()
    return arrays


def _seen(learnt: Sequence[Labelled]) -> list[Any]:
    features = Features()
    seen = [np.zeros(size, bool) for size in TABLES.values()]
    for one in learnt:
        rows = features.rows(features.read([one.text]))
        for place, table in enumerate(seen):
            table[rows[:, place]] = True
    return seen


def _sequences(learnt: Sequence[Labelled], kinds: tuple[str, ...], room: int) -> tuple[Any, Any]:
    """Rows and tags of all segments, with so many empty ones between, cut to sequences of one length."""
    features = Features()
    rows, tags = [], []
    for one in learnt:
        for segment, wanted in _segments(features, one, kinds):
            rows += [segment, np.zeros((room, len(TABLES)), np.int32)]
            tags += [wanted, np.full(room, -1, np.int64)]
    count = -(-sum(map(len, tags)) // SEQUENCE)
    all_rows = np.zeros((count * SEQUENCE, len(TABLES)), np.int32)
    all_tags = np.full(count * SEQUENCE, -1, np.int64)
    joined = np.concatenate(rows)
    all_rows[: len(joined)] = joined
    all_tags[: len(joined)] = np.concatenate(tags)
    return all_rows.reshape(count, SEQUENCE, -1), all_tags.reshape(count, SEQUENCE)


def _segments(features: Features, one: Labelled, kinds: tuple[str, ...]) -> Iterator[tuple[Any, Any]]:
    for start, end in cut(one.text):
        words = features.read([one.text[start:end]])
        if not len(words):
            continue
        tags = np.zeros(len(words), np.int64)
        for span in one.spans:
            inside = np.flatnonzero((words.start + start < span.end) & (words.end + start > span.start))
            if len(inside):
                tag = 1 + 2 * kinds.index(span.kind)
                tags[inside] = tag + 1
                tags[inside[0]] = tag
        yield features.rows(words), tags


def _card(
    path: Path,
    kinds: Sequence[str],
    labelled: Sequence[Labelled],
    held: Sequence[Labelled],
    base: Path | None,
    settings: Settings,
) -> dict[str, Any]:
    model = tagger.Tagger(tagger.load(path))
    texts = [one.text for one in held]
    scores = kind_scores([one.spans for one in held], model.tag(texts), texts) if held else []
    sources: dict[str, dict[str, Any]] = {}
    for one in labelled:
        source = sources.setdefault(one.source, {"licence": one.licence, "texts": 0, "characters": 0, "spans": 0})
        source["texts"] += 1
        source["characters"] += len(one.text)
        source["spans"] += len(one.spans)
    return {
        "kinds": list(kinds),
        "bytes": path.stat().st_size,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "base": base.name if base else None,
        "settings": asdict(settings),
        "sources": sources,
        "held_back": {
            score.kind: {
                "spans": score.right + score.missed,
                "precision": _r(score.precision),
                "recall": _r(score.recall),
            }
            for score in scores
        },
    }


def _r(value: float) -> float:
    return round(value, 3)


def _torch() -> Any:
    try:
        import torch
    except ImportError as error:
        raise MissingExtra(
            "training the tagger needs torch, which is not installed", cure="Install cleartitle[train]."
        ) from error
    return torch
