"""Commands on licences, without a workspace: what a file is under, what a licence permits, how licences combine."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from curation import screen
from curation.cli_files import read_bytes

if TYPE_CHECKING:
    from licenses.report import Explanation

app = typer.Typer(
    help="Licences: what a file is under, what a licence permits, how licences combine.", no_args_is_help=True
)
_POINTS = {
    "release": "stated for the file's own content, and nothing contradicts it",
    "review": "a person should look",
    "none": "nothing here licenses it: that is unknown, not permission",
}
_MARKS = {"text": "the licence's text", "contested": "lawyers differ", "policy": "our policy"}


class How(StrEnum):
    """How works are put together."""

    collection = "collection"
    adaptation = "adaptation"


@app.command("inspect", epilog="Example: cleartitle license inspect page.html --url https://example.org/page")
def inspect(
    files: Annotated[list[Path], typer.Argument(help="Saved pages, records (JSON, XML), licence texts, pictures.")],
    url: Annotated[str, typer.Option(help="Address the file was saved from.")] = "",
) -> None:
    """Say which licence a file is under, on what evidence, and what is reserved."""
    import licenses

    for path in files:
        data = read_bytes(path)
        found = licenses.inspect(data, url, _declared(data))
        verdict = found.verdict
        screen.console.print(f"{path}: {verdict.licence or 'no licence'}", style="bold", markup=False)
        screen.console.print(f"{verdict.point}: {_POINTS[verdict.point]}", markup=False)
        reasons = [(reason.id, reason.rule, reason.value) for reason in verdict.reasons]
        screen.table("Why", ("reason", "because", "found"), reasons)
        if found.evidence:
            screen.table("Licence evidence", ("licence", "covers", "found by", "where", "words"), found.evidence)
        reserved = [(one.use, one.answer, one.channel, one.quote[:80]) for one in found.preferences]
        if reserved:
            screen.table("Opt-outs and opt-ins", ("use", "answer", "found by", "words"), reserved)
        screen.console.print(f"Not looked at: {found.unseen}.", style="dim", markup=False)


@app.command("explain", epilog='Example: cleartitle license explain CC-BY-NC-ND-3.0-DE --use "share redacted"')
def explain(
    licence: Annotated[str, typer.Argument(help="SPDX id, name or address.")],
    use: Annotated[
        str, typer.Option(help="train, share, share redacted, adapt or commercial; none: all of them.")
    ] = "",
) -> None:
    """Say what a licence permits, on what basis, and in which section it says so."""
    import licenses
    from licenses.report import steps
    from licenses.urls import canonical

    found = licenses.explain(licence, use)
    if not isinstance(found, tuple):
        screen.console.print(found.text, markup=False)
        return
    name = found[0].licence
    screen.console.print(f"{name}  {canonical(name)}", style="bold", markup=False)
    columns = ("use", "answer", "basis", "section", "who says so", "conditions")
    screen.table("What it permits", columns, [_row(one) for one in found])
    done = [
        (step, "adaptation" if one.adaptation else "none", one.permitted, one.section, _MARKS[one.mark], one.why)
        for step, one in steps(name)
    ]
    columns = ("step", "effect in law", "may such a copy be shared?", "section", "who says so", "why")
    screen.table("What is done to a record on its way", columns, done)


def _row(one: Explanation) -> tuple[Any, ...]:
    said = one.permission
    return (one.use, said.answer, said.basis, said.section, _MARKS[said.mark], "; ".join(said.conditions))


@app.command("combine", epilog="Example: cleartitle license combine CC-BY-SA-3.0 CC-BY-SA-4.0 --how adaptation")
def combine(
    given: Annotated[list[str], typer.Argument(help="Licences, two or more.")],
    how: Annotated[
        How, typer.Option(help="collection: each work keeps its own; adaptation: merged into one.")
    ] = How.collection,
) -> None:
    """Say which licence works have together, or why they cannot meet."""
    import licenses
    from licenses.report import known

    found = licenses.combine([known(licence) for licence in given], how.value)
    if found.licence is None:
        screen.console.print(f"refused: {found.refusal}", markup=False)
        raise typer.Exit(4)
    screen.console.print(found.licence, style="bold", markup=False)
    if how is How.collection:
        screen.console.print(f"Each work keeps its own licence: {', '.join(found.licences)}.", markup=False)
    else:
        screen.console.print(f"The one licence of a work merged from {', '.join(found.licences)}.", markup=False)
    for condition in found.conditions:
        screen.console.print(f"- {condition}", markup=False)


def _declared(data: bytes) -> Any:
    """What a picture's metadata declares; None for anything that is no picture."""
    from catalog.errors import UnreadableInput
    from catalog.values import Declared

    if not data.startswith((b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"RIFF", b"II*\0", b"MM\0*")):
        return None
    import privacy
    from licenses import content_credentials

    try:
        found = privacy.read_metadata(data)
    except UnreadableInput:
        return None
    signed = content_credentials.read(data, f"image/{found.format.lower()}")
    return Declared(fields=(*found.fields, *signed))
