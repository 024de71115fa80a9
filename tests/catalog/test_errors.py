from __future__ import annotations

import pickle

import pytest

from catalog import errors
from catalog.errors import CleartitleError

KINDS = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, CleartitleError)]


@pytest.mark.parametrize("kind", KINDS, ids=[kind.__name__ for kind in KINDS])
def test_an_error_is_a_sentence_that_survives_a_process_boundary(kind: type[CleartitleError]) -> None:
    error = kind("expected 1, found 2.", cure="Write 1.", place="recipe.toml")
    assert str(error) == "recipe.toml: expected 1, found 2. Write 1."
    back = pickle.loads(pickle.dumps(error))
    assert (type(back), str(back), back.cure) == (kind, str(error), "Write 1.")


def test_ids_are_unique_and_exit_codes_are_the_documented_ones() -> None:
    assert len({kind.id for kind in KINDS}) == len(KINDS)
    assert {kind.id[3]: kind.exit_code for kind in KINDS} == {"1": 1, "2": 2, "3": 3, "4": 4, "5": 5}
    assert all(kind.exit_code == int(kind.id[3]) for kind in KINDS)


def test_place_and_cure_may_be_left_out() -> None:
    assert str(errors.NotFound("there is none")) == "there is none"


@pytest.mark.parametrize(
    ("problem", "told"),
    [
        ("found 'json'", "found 'json'. Mend it."),
        ("found nothing (expected a file)", "found nothing (expected a file). Mend it."),
        ("found 2", "found 2. Mend it."),
        ("found 2.", "found 2. Mend it."),
        ("did you mean 'en'?", "did you mean 'en'? Mend it."),
    ],
)
def test_a_cure_is_a_sentence_of_its_own(problem: str, told: str) -> None:
    assert str(CleartitleError(problem, cure="Mend it.")) == told
    assert str(CleartitleError(problem)) == problem
