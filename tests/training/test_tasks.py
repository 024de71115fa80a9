from __future__ import annotations

import json
import math

import numpy as np
import pytest
import torch
from PIL import Image

from catalog.errors import FormatError, UsageError
from training import pictures, scattering, tasks
from training.data import Example
from training.tasks.cnn import SmallCnn
from training.tasks.scattering import ScatteringLinear
from training.tasks.tabular import Table
from training.tasks.text import HashedText
from training.tasks.transformer import SmallTransformer
from training.tasks.wide_resnet import WideResNet

CLASSES = ("a", "b", "c")
ALL = (
    HashedText(CLASSES, buckets=32, tokens=4),
    HashedText(CLASSES, buckets=32, tokens=4, hidden=3),
    SmallTransformer(CLASSES, buckets=32, tokens=4, width=8, heads=2),
    SmallCnn(CLASSES),
    SmallCnn(CLASSES, size=32, channels=3),
    ScatteringLinear(CLASSES),
    WideResNet(CLASSES, depth=10, width=1),
    Table(CLASSES, low=(0.0, 0.0), high=(1.0, 2.0)),
)


def text(words):
    return Example("1", "a", text=words)


def test_every_file_of_the_folder_is_a_task_by_its_kind():
    assert sorted(tasks.kinds()) == [
        "image-cnn",
        "image-scattering",
        "image-wide-resnet",
        "table",
        "text",
        "text-transformer",
    ]


@pytest.mark.parametrize("task", ALL, ids=lambda task: task.kind)
def test_a_task_survives_being_written_and_read_and_answers_with_its_classes(task):
    again = tasks.from_json(json.loads(json.dumps(task.to_json())))
    assert again == task
    import random

    example = task.canary(random.Random(1))
    assert example.label in CLASSES
    assert tuple(again.model()(task.encode([example, example])).shape) == (2, 3)


@pytest.mark.parametrize("task", ALL, ids=lambda task: task.kind)
def test_a_row_is_computed_from_its_own_example_alone(task):
    import random

    draw = random.Random(1)
    examples = [task.canary(draw) for _ in range(3)]
    together = task.encode(examples)
    for row, example in enumerate(examples):
        torch.testing.assert_close(task.encode([example])[0], together[row], rtol=1e-2, atol=1e-2)


def test_unknown_kinds_and_options_are_refused_with_those_there_are():
    with pytest.raises(UsageError, match="no task called 'music'; there are: image-cnn, "):
        tasks.named("music", classes=CLASSES)
    with pytest.raises(UsageError, match="task 'text'"):
        tasks.named("text", classes=CLASSES, colour="red")
    with pytest.raises(FormatError, match="expected a task with kind and classes"):
        tasks.from_json({"kind": "text"})


def test_words_and_pairs_are_hashed_whatever_their_case_and_only_so_many():
    task = HashedText(CLASSES, buckets=64, tokens=3)
    assert torch.equal(task.encode([text("The BOAT sails far")]), task.encode([text("the boat, sails!")]))
    assert (task.encode([text("the boat")])[0] >= 0).sum() == 3  # two words and one pair
    assert (task.encode([text("")])[0] >= 0).sum() == 0
    assert float(task.model()[0](task.encode([text("")])).abs().sum()) == 0
    assert float(task.model()[0](task.encode([text("the boat")])).norm()) == pytest.approx(1.0)


def test_padding_does_not_change_what_the_transformer_answers():
    short, long = (SmallTransformer(CLASSES, buckets=32, tokens=n, width=8, heads=2) for n in (3, 9))
    torch.manual_seed(0)
    model, wide = short.model(), long.model()
    state = model.state_dict()
    state["places.weight"] = torch.cat([state["places.weight"], torch.randn(6, 8)])
    wide.load_state_dict(state)
    words = [text("a boat sails")]
    torch.testing.assert_close(model(short.encode(words)), wide(long.encode(words)))


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "P", "1"])
def test_pictures_of_any_mode_and_size_become_bytes_of_one_shape(mode):
    example = Example("1", "a", image=Image.new(mode, (40, 30), 1))
    assert tuple(pictures.as_bytes([example], 28, 1).shape) == (1, 1, 28, 28)
    assert tuple(pictures.as_bytes([example], 32, 3).shape) == (1, 3, 32, 32)


def test_pixels_arrive_unchanged_where_size_and_mode_fit():
    pixels = np.arange(28 * 28, dtype=np.uint32).reshape(28, 28).astype(np.uint8)
    assert (pictures.as_bytes([Example("1", "a", image=pixels)], 28, 1)[0, 0].numpy() == pixels).all()


def test_scattering_of_an_even_picture_is_its_average_alone():
    maps = scattering.transform(torch.full((1, 2, 28, 28), 0.7))
    assert tuple(maps.shape) == (1, 2 * scattering.MAPS, 7, 7)
    means = maps.reshape(2, scattering.MAPS, 49).mean(2)
    torch.testing.assert_close(means[:, 0], torch.full((2,), 0.7), rtol=0, atol=1e-3)
    assert float(means[:, 1:].abs().max()) < 1e-4


def test_scattering_tells_the_direction_of_waves_and_not_their_place():
    axis = torch.arange(28.0)
    waves = torch.stack([torch.cos(3 * math.pi / 4 * (axis + shift)) for shift in (0, 1)])
    upright = waves[:, None, None, :].expand(2, 1, 28, 28)
    lying = upright.transpose(2, 3)
    inner = slice(2, 5)  # away from the reflected edges
    one, shifted = (scattering.transform(upright[i : i + 1])[0, :, inner, inner].mean((1, 2)) for i in (0, 1))
    other = scattering.transform(lying[:1])[0, :, inner, inner].mean((1, 2))
    fine = slice(1, 1 + scattering.ANGLES)
    assert int(one[fine].argmax()) != int(other[fine].argmax())
    torch.testing.assert_close(one[fine], shifted[fine], rtol=0.05, atol=0.01)


def test_views_are_shifted_and_mirrored_copies_drawn_from_the_generator_alone():
    task = WideResNet(CLASSES, size=16, augmentations=4)
    rows = torch.randint(0, 256, (4, 3, 16, 16)).to(torch.uint8)
    one = task.augment(rows, torch.Generator().manual_seed(1))
    again = task.augment(rows, torch.Generator().manual_seed(1))
    assert torch.equal(one, again)
    assert (one.dtype, one.shape, task.views) == (torch.uint8, rows.shape, 4)
    padded = torch.nn.functional.pad(rows.float(), (4,) * 4, mode="reflect")
    for row in range(4):
        sides = [padded[row], padded[row].flip(2)]
        crops = [s[:, d : d + 16, r : r + 16] for s in sides for d in range(9) for r in range(9)]
        assert any(torch.equal(one[row].float(), crop) for crop in crops)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("0.5,1", [0.0, 0.0]),
        ("0,2", [-1.0, 1.0]),
        ("-7,99", [-1.0, 1.0]),
        ("1", [1.0, 0.0]),
        ("unknown,0.5", [0.0, -0.5]),
        ("1,2,3", [1.0, 1.0]),
    ],
)
def test_values_of_a_table_are_cut_to_public_bounds(given, expected):
    task = Table(CLASSES, low=(0.0, 0.0), high=(1.0, 2.0))
    assert task.encode([text(given)])[0].tolist() == expected


@pytest.mark.parametrize(("low", "high"), [((), ()), ((0.0,), (1.0, 2.0)), ((1.0,), (1.0,))])
def test_a_table_without_proper_bounds_is_refused(low, high):
    with pytest.raises(UsageError, match="Give each column its public bounds"):
        Table(CLASSES, low=low, high=high)
