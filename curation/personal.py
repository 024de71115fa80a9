"""The privacy engine as a recipe asks for it: its allow and deny lists, patterns, files and model."""

from __future__ import annotations

from pathlib import Path

import privacy
from catalog.errors import RecipeError, UsageError
from curation.recipe import Deny, Recipe
from privacy import pipelines
from privacy.custom import Custom


def engine(recipe: Recipe) -> privacy.Engine:
    """An engine; what is wrong with a list, a pattern or a file is told before any work."""
    try:
        asked = image_options(recipe)
        return privacy.Engine(
            mode=asked.text,
            extra=recipe.checks,
            countries=asked.countries,
            model=asked.model or None,
            allow=asked.allow,
            custom=asked.custom,
            pipeline=asked.pipeline or None,
            files=[Path(name) for name in asked.files],
        )
    except UsageError as error:
        if isinstance(error, RecipeError):
            raise
        raise RecipeError(error.problem, cure=error.cure, place=error.place or "privacy") from error


def image_options(recipe: Recipe) -> privacy.ImageOptions:
    """How pictures are looked at: the words in them are judged as texts are."""
    asked = recipe.privacy
    custom = [Custom(one.kind, one.pattern, (), one.context, one.score) for one in asked.pattern]
    custom += [Custom(one.kind, words=_words(recipe, one), score=1.0) for one in asked.deny]
    return privacy.ImageOptions(
        text=asked.text,
        checks=str(recipe.checks or ""),
        countries=asked.countries,
        model=str(_file(recipe, "privacy.model", asked.model)) if asked.model else "",
        allow=asked.allow,
        custom=tuple(custom),
        files=tuple(str(_file(recipe, "privacy.recognizers", name)) for name in asked.recognizers),
        pipeline=_pipeline(recipe),
    )


def _pipeline(recipe: Recipe) -> str:
    """A folder or file beside the recipe, or a package; told at once where it is neither."""
    name = recipe.privacy.text_model
    if not name:
        return ""
    beside = recipe.folder / name
    chosen = str(beside) if beside.exists() else name
    pipelines.identity(chosen)
    return chosen


def _words(recipe: Recipe, one: Deny) -> tuple[str, ...]:
    listed = _file(recipe, "privacy.deny.file", one.file).read_text("utf-8").splitlines() if one.file else []
    return (*one.words, *(line.strip() for line in listed if line.strip() and not line.startswith("#")))


def _file(recipe: Recipe, key: str, name: str) -> Path:
    path = recipe.folder / name
    if not path.is_file():
        raise RecipeError(f"{key}: there is no file {name!r} beside the recipe", place=str(recipe.folder))
    return path
