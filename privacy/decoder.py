"""Entities from a spaCy NER, all words at once: the same ones, in a fraction of the time.

spaCy's parser moves word by word through every text. Outside of an entity its choice depends on the
word's own vector alone, so one matrix product answers for all words; only inside of an entity it
must be followed step by step. A test compares the two.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
AHEAD = 6  # words of an entity that are looked at in one go


class Decoder:
    """The NER of one pipeline; `fits` tells whether it is built as spaCy's own are."""

    def __init__(self, ner: Any) -> None:
        self._embed, lower, upper = ner.model.layers
        features, hidden, pieces = (lower.get_dim(name) for name in ("nF", "nO", "nP"))
        self._pieces = pieces
        # One matrix each for the word itself, the first word of the entity and the word before.
        self._lower = [part.reshape(hidden * pieces, -1).T.copy() for part in lower.get_param("W")]
        self._bias = lower.get_param("b").reshape(-1)
        self._pad = lower.get_param("pad").reshape(features, hidden * pieces)
        self._upper, self._upper_bias = upper.get_param("W").T.copy(), upper.get_param("b")
        self._read_moves([ner.moves.get_class_name(move) for move in range(ner.moves.n_moves)])

    @staticmethod
    def fits(ner: Any) -> bool:
        """Is this the parser that is known here, with each of its moves learnt?"""
        model = ner.model
        return (
            model.name == "parser_model"
            and len(model.layers) == 3
            and model.layers[1].name == "precomputable_affine"
            and model.layers[1].get_dim("nF") == 3
            and model.layers[1].get_dim("nP") > 1
            and not model.attrs.get("unseen_classes")
            and ner.cfg["beam_width"] == 1
        )

    def _read_moves(self, names: Sequence[str]) -> None:
        kinds = [name.partition("-") for name in names]
        self._labels = [label for _, _, label in kinds]
        letters = [letter for letter, _, _ in kinds]
        self._begins = np.array([place for place, letter in enumerate(letters) if letter == "B"])
        # What may not happen outside of an entity.
        self._inside = np.array(
            [
                place
                for place, (letter, _, label) in enumerate(kinds)
                if not (letter == "O" or (letter in "BU" and label))
            ]
        )
        self._outside = letters.index("O")
        # The moves that go on with an entity and that end it, by the move that began it.
        self._onward = {
            move: (names.index(f"I-{label}"), names.index(f"L-{label}"))
            for move, (letter, _, label) in enumerate(kinds)
            if letter == "B"
        }

    def entities(self, docs: Sequence[Any]) -> list[list[tuple[str, int, int]]]:
        """Per text: label, first and last + 1 word of each entity."""
        filled = [doc for doc in docs if len(doc)]
        if not filled:
            return [[] for _ in docs]
        vectors = self._embed.predict(filled)
        seen = vectors @ self._lower[0]
        moves = self._moves_outside(seen, filled)
        found, first = [], 0
        for doc in docs:
            last = first + len(doc)
            found.append(list(self._walk(vectors[first:last], seen[first:last], moves[first:last])))
            first = last
        return found

    def _moves_outside(self, seen: Floats, docs: Sequence[Any]) -> npt.NDArray[np.intp]:
        scores = self._hidden(seen + (self._pad[1] + self._pad[2] + self._bias)) @ self._upper + self._upper_bias
        scores[:, self._inside] = -np.inf
        last = np.cumsum([len(doc) for doc in docs]) - 1
        scores[last[:, None], self._begins] = -np.inf
        moves: npt.NDArray[np.intp] = scores.argmax(axis=1)
        moves[np.concatenate([doc.to_array(["IS_SPACE"]) for doc in docs]).astype(bool)] = self._outside
        return moves

    def _hidden(self, summed: Floats) -> Floats:
        parts = summed.reshape(len(summed), -1, self._pieces)
        hidden = parts[:, :, 0]
        for piece in range(1, self._pieces):
            hidden = np.maximum(hidden, parts[:, :, piece])
        return hidden

    def _walk(self, vectors: Floats, seen: Floats, moves: npt.NDArray[np.intp]) -> Iterator[tuple[str, int, int]]:
        free = 0
        for start in np.flatnonzero(moves != self._outside).tolist():
            if start < free:
                continue
            move = int(moves[start])
            free = self._end(vectors, seen, start, move) if move in self._onward else start + 1
            yield self._labels[move], start, free

    def _end(self, vectors: Floats, seen: Floats, start: int, move: int) -> int:
        """Where the entity that begins here ends."""
        onward, ending = self._onward[move]
        at = start + 1
        entity = vectors[start] @ self._lower[1] + self._bias
        while at < len(seen) - 1:
            stop = min(at + AHEAD, len(seen) - 1)
            hidden = self._hidden(seen[at:stop] + vectors[at - 1 : stop - 1] @ self._lower[2] + entity)
            two = hidden @ self._upper[:, (onward, ending)] + self._upper_bias[[onward, ending]]
            ends = two[:, 1] > two[:, 0] if onward < ending else two[:, 1] >= two[:, 0]
            if ends.any():
                return at + int(ends.argmax()) + 1
            at = stop
        return len(seen)
