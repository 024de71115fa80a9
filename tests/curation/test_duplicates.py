"""Duplicates: found, verified, and laid to the right record, whatever the order or the number of threads."""

from __future__ import annotations

import random
import uuid
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from catalog import store
from catalog.schema import CLUSTERS, FACTS
from curation.duplicates import find, signature
from curation.minhash import minhash
from curation.text import TextView

KEY = b"k" * 32


@dataclass(frozen=True)
class Facts:
    """Facts shards under a folder, and the answers of `find` over them."""

    folder: Path
    threads: int = 1

    def write(self, name: str, rows: list[dict[str, Any]]) -> Path:
        names = ("id", "content_hash", "minhash", "shingles", "picture_hash", "picture_check")
        schema = pa.schema([FACTS.schema.field(column) for column in names])
        path = self.folder / f"{name}.parquet"
        store.write(path, pa.Table.from_pylist([dict.fromkeys(names) | row for row in rows], schema=schema))
        return path

    def find(self, *shards: Path, **options: Any) -> list[tuple[int, int, str, float]]:
        out = self.folder / "clusters.parquet"
        count = find(shards, out, temp=self.folder / "spill", threads=self.threads, **options)
        table = store.read(out)
        assert table.schema.equals(CLUSTERS.schema)
        assert table.num_rows == count
        return [(row["id"].int, row["keeper"].int, row["kind"], row["similarity"]) for row in table.to_pylist()]


@pytest.fixture
def facts(tmp_path: Path) -> Facts:
    return Facts(tmp_path)


def _text(number: int, words: str, content: str = "") -> dict[str, Any]:
    found = signature(TextView(words), KEY)
    return {
        "id": uuid.UUID(int=number).bytes,
        "content_hash": (content or words).encode(),
        "minhash": found.minhash.tolist(),
        "shingles": found.shingles.tolist(),
    }


def _words(seed: int, count: int = 200) -> list[str]:
    chooser = random.Random(seed)
    return [f"w{chooser.randrange(5000)}" for _ in range(count)]


def _ids(facts: Facts, name: str, rows: dict[int, int]) -> Path:
    path = facts.folder / name
    ids = pa.ExtensionArray.from_storage(pa.uuid(), pa.array([uuid.UUID(int=n).bytes for n in rows], pa.binary(16)))
    store.write(path, pa.table({"id": ids, "rank": list(rows.values())}))
    return path


def _runs(text: str) -> set[tuple[str, ...]]:
    return set(zip(*(text.split()[place:] for place in range(5)), strict=False))


def _jaccard(a: str, b: str) -> float:
    one, other = _runs(a), _runs(b)
    return len(one & other) / len(one | other)


def test_the_same_content_is_an_exact_duplicate_of_the_smallest_id(facts: Facts) -> None:
    shard = facts.write("a", [_text(3, "one two three"), _text(1, "one two three"), _text(2, "another text")])
    assert facts.find(shard) == [(3, 1, "exact", 1.0)]


def test_case_punctuation_and_white_space_make_no_difference(facts: Facts) -> None:
    words = " ".join(_words(1))
    shard = facts.write("a", [_text(1, words), _text(2, words.upper().replace(" ", ",\n"))])
    assert facts.find(shard) == [(2, 1, "near", 1.0)]


def test_a_changed_word_leaves_a_near_duplicate_with_its_true_similarity(facts: Facts) -> None:
    words = _words(1)
    other = [*words[:100], "changed", *words[101:]]
    shard = facts.write("a", [_text(1, " ".join(words)), _text(2, " ".join(other))])
    assert facts.find(shard) == [(2, 1, "near", round(191 / 201, 6))]


def test_below_the_threshold_nothing_is_replaced(facts: Facts) -> None:
    words = _words(1)
    other = [*words[:150], *_words(2, 50)]
    shard = facts.write("a", [_text(1, " ".join(words)), _text(2, " ".join(other))])
    assert _jaccard(" ".join(words), " ".join(other)) < 0.8
    assert facts.find(shard) == []
    assert [row[:3] for row in facts.find(shard, threshold=0.5)] == [(2, 1, "near")]


def test_a_chain_of_likenesses_does_not_carry_a_record_to_one_it_is_unlike(facts: Facts) -> None:
    words = _words(1)
    chain = [" ".join([*_words(9, cut), *words[cut:]]) for cut in (0, 15, 30)]
    assert _jaccard(chain[0], chain[1]) >= 0.8
    assert _jaccard(chain[1], chain[2]) >= 0.8
    assert _jaccard(chain[0], chain[2]) < 0.8
    shard = facts.write("a", [_text(number, text) for number, text in enumerate(chain)])
    assert [row[:2] for row in facts.find(shard)] == [(1, 0)]


def test_the_best_rank_stays_and_an_unranked_record_comes_last(facts: Facts) -> None:
    words = _words(1)
    texts = [" ".join([*words, extra]) for extra in ("one", "two", "three")]
    shard = facts.write("a", [_text(number, text) for number, text in enumerate(texts)])
    found = facts.find(shard, rank=_ids(facts, "rank", {1: 5, 2: 4}))
    assert [row[:2] for row in found] == [(0, 2), (1, 2)]


def test_an_exact_copy_of_a_replaced_record_goes_to_the_one_that_stays(facts: Facts) -> None:
    words = _words(1)
    near = " ".join([*words, "more"])
    shard = facts.write("a", [_text(1, " ".join(words)), _text(2, near), _text(3, near)])
    similarity = round(196 / 197, 6)
    assert facts.find(shard) == [(2, 1, "near", similarity), (3, 1, "near", similarity)]


def test_only_candidates_take_part(facts: Facts) -> None:
    shard = facts.write("a", [_text(number, "the same words") for number in (1, 2, 3)])
    found = facts.find(shard, candidates=_ids(facts, "candidates", {2: 0, 3: 0}))
    assert found == [(3, 2, "exact", 1.0)]


def test_candidates_may_carry_the_rank(facts: Facts) -> None:
    shard = facts.write("a", [_text(number, "the same words") for number in (1, 2, 3)])
    found = facts.find(shard, candidates=_ids(facts, "candidates", {2: 9, 3: 4}))
    assert found == [(2, 3, "exact", 1.0)]


def test_short_and_empty_texts_are_near_only_to_their_equals(facts: Facts) -> None:
    rows = [_text(1, "Hello there"), _text(2, "hello, there!"), _text(3, "hello"), _text(4, ""), _text(5, "...")]
    assert facts.find(facts.write("a", rows)) == [(2, 1, "near", 1.0)]


def test_a_crowd_larger_than_the_comparisons_of_a_band_still_goes_to_its_best(facts: Facts) -> None:
    words = _words(1, 400)
    rows = [_text(number, " ".join([*words, f"n{number}"])) for number in range(120)]
    assert {row[1] for row in facts.find(facts.write("a", rows))} == {0}


def test_a_later_batch_is_compared_with_the_facts_of_an_earlier_one(facts: Facts) -> None:
    words = _words(1)
    earlier = facts.write("a", [_text(9, " ".join(words))])
    later = facts.write("b", [_text(1, " ".join([*words, "more"]))])
    assert [row[:2] for row in facts.find(earlier, later, rank=_ids(facts, "rank", {9: 0}))] == [(1, 9)]


PATTERN = 0x0F0F_F0F0_1234_5678


@pytest.mark.parametrize(
    ("short", "long", "similarity"),
    [
        (0, 0, 1.0),
        (0x8000_0001_0001_0001, 0xFF, round(1 - 24 / 256, 6)),
        (0x1F, 0, None),  # five bits of the short hash
        (0, 0x1FF, None),  # the short hash agrees, the long one does not
    ],
)
def test_pictures_are_near_when_both_hashes_say_so(
    facts: Facts, short: int, long: int, similarity: float | None
) -> None:
    rows = [
        {"id": uuid.UUID(int=1).bytes, "picture_hash": PATTERN, "picture_check": [PATTERN] * 4},
        {
            "id": uuid.UUID(int=2).bytes,
            "picture_hash": PATTERN ^ short,
            "picture_check": [PATTERN ^ long] * 3 + [PATTERN],
        },
    ]
    assert facts.find(facts.write("a", rows)) == ([] if similarity is None else [(2, 1, "near", similarity)])


def test_no_records_give_no_clusters(facts: Facts) -> None:
    assert facts.find(facts.write("a", [])) == []
    assert facts.find() == []


def _corpus(count: int) -> list[str]:
    """Texts of which many are altered copies, by more and by less than the threshold."""
    chooser = random.Random(7)
    originals = [_words(seed, chooser.randrange(60, 250)) for seed in range(count // 4)]
    texts = []
    for _ in range(count):
        words = list(chooser.choice(originals))
        for _ in range(chooser.randrange(5)):
            words[chooser.randrange(len(words))] = f"c{chooser.randrange(9999)}"
        texts.append(" ".join(words))
    return texts


def _like(one: set[tuple[str, ...]], other: set[tuple[str, ...]]) -> bool:
    common = len(one & other)
    return common >= 0.8 * (len(one) + len(other) - common)


def test_brute_force_finds_no_pair_that_was_missed_and_no_record_that_left_wrongly(facts: Facts) -> None:
    texts = _corpus(400)
    found = facts.find(facts.write("a", [_text(number, text) for number, text in enumerate(texts)]))
    gone = {row[0]: row[1] for row in found}
    assert all(_jaccard(texts[number], texts[keeper]) >= 0.8 for number, keeper in gone.items())
    assert not set(gone.values()) & set(gone)
    runs = [_runs(text) for text in texts]
    pairs = [(a, b) for a, b in combinations(range(len(texts)), 2) if _like(runs[a], runs[b])]
    missed = [(a, b) for a, b in pairs if a not in gone and b not in gone]
    assert len(pairs) > 300
    assert missed == []


def test_order_shards_and_threads_do_not_change_the_result(tmp_path: Path) -> None:
    rows = [_text(number, text) for number, text in enumerate(_corpus(200))]
    results = []
    for threads, parts in ((1, 1), (2, 7), (4, 3)):
        facts = Facts(tmp_path / str(threads), threads)
        facts.folder.mkdir()
        random.Random(threads).shuffle(rows)
        facts.find(*(facts.write(str(part), rows[part::parts]) for part in range(parts)))
        results.append((facts.folder / "clusters.parquet").read_bytes())
    assert results[0] == results[1] == results[2]


def test_a_signature_needs_the_key_and_holds_no_order() -> None:
    one, same, other = (signature(TextView("some words that nobody may guess"), key) for key in (KEY, KEY, b"x" * 32))
    assert np.array_equal(one.shingles, same.shingles)
    assert not np.intersect1d(one.shingles, other.shingles).size
    assert np.array_equal(one.shingles, np.sort(one.shingles))


@pytest.mark.parametrize("size", [5, 40, 400])  # hardly any bin filled, some, all
def test_equal_numbers_in_two_signatures_estimate_the_similarity(size: int) -> None:
    chooser = np.random.default_rng(size)
    shares = []
    for _ in range(200):
        drawn = chooser.choice(1 << 32, size, replace=False).astype(np.uint32)
        one, other = np.sort(drawn[size // 5 :]), np.sort(drawn)
        shares.append(np.mean(minhash(one) == minhash(other)))
    assert np.mean(shares) == pytest.approx(0.8, abs=0.02)


def test_a_script_without_spaces_is_shingled_by_its_characters() -> None:
    assert len(signature(TextView("港口负责人在船离港之前签字"), KEY).shingles) == 9
    assert len(signature(TextView("विदाई का समय आ गया है"), KEY).shingles) == 2
