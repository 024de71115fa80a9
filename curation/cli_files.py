"""Commands on single files, without a workspace: license, pii, image."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from catalog.errors import NotFound
from catalog.workspace import write_atomically
from curation import screen

license_app = typer.Typer(
    help="Licences: what a file is under, what a licence permits, how licences combine.", no_args_is_help=True
)
pii_app = typer.Typer(help="Personal data in texts: where it is, and taking it out.", no_args_is_help=True)
image_app = typer.Typer(help="Personal data in pictures: metadata, faces, text, codes.", no_args_is_help=True)


class How(StrEnum):
    """How works are put together."""

    collection = "collection"
    adaptation = "adaptation"


class TextMode(StrEnum):
    """How texts are looked at."""

    strict = "strict"
    fast = "fast"
    patterns = "patterns"


class PictureMode(StrEnum):
    """How pictures are looked at."""

    all = "all"
    private = "private"
    metadata = "metadata"


@license_app.command("inspect", epilog="Example: cleartitle license inspect page.html --url https://example.org/page")
def license_inspect(
    files: Annotated[list[Path], typer.Argument(help="Saved pages, records (JSON, XML), licence texts, pictures.")],
    url: Annotated[str, typer.Option(help="Address the file was saved from.")] = "",
) -> None:
    """Say which licence a file is under, and on what evidence."""
    import licenses

    for path in files:
        data = _bytes(path)
        found = licenses.inspect(data, url, _declared(data))
        screen.console.print(f"{path}: ", end="", markup=False)
        screen.console.print(found.text, markup=False)


@license_app.command("explain", epilog='Example: cleartitle license explain CC-BY-NC-ND-3.0-DE --use "share redacted"')
def license_explain(
    licence: Annotated[str, typer.Argument(help="SPDX id, name or address.")],
    use: Annotated[
        str, typer.Option(help="train, share, share redacted, adapt or commercial; none: all of them.")
    ] = "",
) -> None:
    """Say what a licence permits, on what basis, and in which section it says so."""
    import licenses

    found = licenses.explain(licence, use)
    for explanation in found if isinstance(found, tuple) else (found,):
        screen.console.print(explanation.text, markup=False)


@license_app.command("combine", epilog="Example: cleartitle license combine CC-BY-SA-3.0 CC-BY-SA-4.0 --how adaptation")
def license_combine(
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
    conditions = f"; {'; '.join(found.conditions)}" if found.conditions else ""
    screen.console.print(f"{found.licence} (from {', '.join(found.licences)}){conditions}", markup=False)


@pii_app.command("inspect", epilog="Example: cleartitle pii inspect letter.txt --mode patterns")
def pii_inspect(
    file: Annotated[Path, typer.Argument(help="A text file in UTF-8.")],
    language: Annotated[str, typer.Option(help="ISO 639-1 code.")] = "en",
    mode: Annotated[TextMode, typer.Option(help="strict, fast or patterns.")] = TextMode.strict,
) -> None:
    """Show kinds and places of personal data in a text; never the words."""
    import privacy

    spans = privacy.detect(_text(file), language, mode.value)
    rows = [(span.kind, span.start, span.end, f"{span.score:.2f}", span.recognizer) for span in spans]
    screen.table(
        f"{file}: {len(rows)} places", ("kind", "from", "to", "score", "found by"), rows, right=("from", "to", "score")
    )


@pii_app.command("redact", epilog="Example: cleartitle pii redact letter.txt --out letter.redacted.txt")
def pii_redact(
    file: Annotated[Path, typer.Argument(help="A text file in UTF-8.")],
    out: Annotated[Path | None, typer.Option(help="File to write; default: print.")] = None,
    language: Annotated[str, typer.Option(help="ISO 639-1 code.")] = "en",
    mode: Annotated[TextMode, typer.Option(help="strict, fast or patterns.")] = TextMode.strict,
) -> None:
    """Write a text with its personal data replaced by kind."""
    import privacy

    text = _text(file)
    redaction = privacy.redact(text, privacy.detect(text, language, mode.value), {})
    if out is None:
        print(redaction.text)
        return
    write_atomically(out, lambda part: part.write_text(redaction.text, "utf-8"))
    screen.console.print(f"{out}: {len(redaction.redactions)} places replaced")


@image_app.command("inspect", epilog="Example: cleartitle image inspect photo.jpg")
def image_inspect(
    files: Annotated[list[Path], typer.Argument(help="Pictures.")],
    mode: Annotated[PictureMode, typer.Option(help="all, private or metadata.")] = PictureMode.all,
) -> None:
    """Show what a picture's file and pixels hold; nothing is changed."""
    import privacy

    for path in files:
        found = privacy.inspect_image(_bytes(path), mode.value)
        about = found.metadata
        screen.console.print(
            f"{path}: {about.format}, {about.width} x {about.height}, {about.frames} frame(s)", markup=False
        )
        personal = [(name, count) for name, count in about.personal]
        screen.table("personal in the metadata", ("field", "count"), personal, right=("count",))
        screen.table("licence and credit, kept", ("field",), [(name,) for name, _ in about.fields])
        regions = [
            (region.kind, f"{region.score:.2f}", region.detector, region.frame) for region in found.scan.regions or ()
        ]
        screen.table(
            f"pixels: {found.scan.status}", ("region", "score", "found by", "frame"), regions, right=("score", "frame")
        )


@image_app.command("redact", epilog="Example: cleartitle image redact photos/*.jpg --out redacted")
def image_redact(
    files: Annotated[list[Path], typer.Argument(help="Pictures.")],
    out: Annotated[Path, typer.Option(help="Folder to write to.")],
    mode: Annotated[
        PictureMode, typer.Option(help="all: cover all text; private: what looks personal; metadata.")
    ] = PictureMode.all,
) -> None:
    """Write pictures anew: personal metadata gone, private regions covered, licence and credit kept."""
    import privacy

    rows: list[tuple[Any, ...]] = []
    for path in files:
        done = privacy.redact_image(_bytes(path), mode.value)
        if done.data is not None and not done.held:
            _write(out / path.name, done.data)
        regions = "not examined" if done.regions is None else len(done.regions)
        rows.append((path.name, done.held or "written", regions, len(done.removed), len(done.kept)))
    columns = ("file", "outcome", "regions covered", "fields removed", "fields kept")
    screen.table(str(out), columns, rows, right=columns[2:])
    if any(row[1] != "written" for row in rows):
        raise typer.Exit(3)


def _write(path: Path, data: bytes) -> None:
    write_atomically(path, lambda part: part.write_bytes(data))


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise NotFound(f"cannot be read: {error.strerror}", cure="Check the path.", place=str(path)) from error


def _text(path: Path) -> str:
    return _bytes(path).decode("utf-8", errors="replace")


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
