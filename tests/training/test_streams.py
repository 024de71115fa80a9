from __future__ import annotations

import stat

import numpy as np
import pytest

from catalog.errors import Unavailable
from training import streams
from training.streams import Streams


def test_a_draw_depends_on_secret_stream_and_step_and_on_nothing_else():
    one, other = Streams(b"a" * 32), Streams(b"b" * 32)
    assert (one.words("noise", 3, 8) == Streams(b"a" * 32).words("noise", 3, 8)).all()
    for different in (one.words("noise", 4, 8), one.words("sampling", 3, 8), other.words("noise", 3, 8)):
        assert not (different == one.words("noise", 3, 8)).any()


def test_a_longer_draw_begins_with_the_shorter_one():
    one = Streams.fixed(1)
    assert (one.words("noise", 0, 100)[:10] == one.words("noise", 0, 10)).all()


def test_noise_is_standard_normal_by_kolmogorov_and_smirnov():
    from scipy.stats import kstest

    drawn = Streams.fixed(1).normal(0, 200_001)
    assert drawn.shape == (200_001,)
    assert kstest(drawn, "norm").pvalue > 0.01
    assert float(np.abs(np.corrcoef(drawn[:100_000], drawn[100_000:200_000])[0, 1])) < 0.015


def test_each_unit_takes_part_by_its_own_coin():
    one = Streams.fixed(1)
    counts = np.zeros(400)
    sizes = []
    for step in range(2000):
        chosen = one.coins(step, 400, 0.05)
        counts[chosen] += 1
        sizes.append(len(chosen))
    # Binomial: mean 100, variance 95 for each unit; mean 20, variance 19 for each batch.
    assert counts.mean() == pytest.approx(100, abs=2)
    assert counts.var() == pytest.approx(95, rel=0.25)
    assert np.var(sizes) == pytest.approx(19, rel=0.15)


def test_at_rate_one_everybody_takes_part():
    assert Streams.fixed(1).coins(0, 5, 1.0).tolist() == [0, 1, 2, 3, 4]


def test_adding_a_unit_changes_nobody_elses_coin():
    one = Streams.fixed(1)
    assert one.coins(7, 500, 0.3).tolist() == [unit for unit in one.coins(7, 501, 0.3) if unit < 500]


def test_batches_have_one_shape_and_cover_each_position_once():
    parts = list(streams.batches(np.arange(10, 17), 3))
    assert [part.tolist() for part, _ in parts] == [[10, 11, 12], [13, 14, 15], [16, 16, 16]]
    assert [real.tolist() for _, real in parts] == [[True] * 3, [True] * 3, [True, False, False]]
    assert list(streams.batches(np.arange(0), 3)) == []


def test_a_secret_is_fresh_private_and_gone_after_it_is_destroyed(tmp_path):
    folder = tmp_path / "keys"
    one, other = streams.create(folder, "one"), streams.create(folder, "other")
    assert one.secret != other.secret
    assert len(one.secret) == 32
    assert stat.S_IMODE((folder / "one.secret").stat().st_mode) == 0o600
    assert streams.load(folder, "one") == one
    streams.destroy(folder, "one")
    streams.destroy(folder, "one")
    assert streams.load(folder, "one") is None
    assert [path.name for path in folder.iterdir()] == ["other.secret"]


def test_a_secret_is_never_written_over(tmp_path):
    streams.create(tmp_path, "one")
    with pytest.raises(FileExistsError):
        streams.create(tmp_path, "one")


def test_a_damaged_secret_is_refused(tmp_path):
    (tmp_path / "one.secret").write_bytes(b"short")
    with pytest.raises(Unavailable, match="of 32 bytes, found 5"):
        streams.load(tmp_path, "one")


def test_the_secret_is_in_no_repr():
    assert repr(Streams(b"S" * 32)) == "Streams()"
