"""A parameter that is a dataclass becomes one option per field."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import pytest
import typer
from typer.testing import CliRunner

from curation.options import unfolded


@dataclass(frozen=True, kw_only=True)
class Crew:
    size: Annotated[int, typer.Option(min=1, help="How many.")]
    name: Annotated[str, typer.Option("--called", help="What it is called.")] = "gulls"


@pytest.fixture
def called():
    seen = []
    app = typer.Typer()

    @app.command()
    @unfolded
    def sail(*, port: Annotated[str, typer.Argument()], crew: Crew, fast: bool = False) -> None:
        """Leave the port."""
        seen.append((port, crew, fast))

    def call(*given):
        return CliRunner().invoke(app, given).exit_code, seen

    return call


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (("Kiel", "--size", "3"), ("Kiel", Crew(size=3), False)),
        (("Kiel", "--size", "3", "--called", "terns", "--fast"), ("Kiel", Crew(size=3, name="terns"), True)),
    ],
)
def test_its_fields_are_options_with_their_defaults(called, given, expected):
    assert called(*given) == (0, [expected])


@pytest.mark.parametrize("given", [("Kiel",), ("Kiel", "--size", "0"), ("Kiel", "--size", "3", "--crew", "x")])
def test_what_is_required_or_bounded_stays_so_and_the_parameter_itself_is_no_option(called, given):
    assert called(*given) == (2, [])
