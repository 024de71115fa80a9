"""Commands on single files, without a workspace: pii, image."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from catalog.errors import NotFound, UsageError
from catalog.workspace import write_bytes, write_text
from curation import screen

pii_app = typer.Typer(help="Personal data in texts: where it is, and taking it out.", no_args_is_help=True)
image_app = typer.Typer(help="Personal data in pictures: metadata, faces, text, codes.", no_args_is_help=True)


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


@pii_app.command("inspect", epilog="Example: cleartitle pii inspect letter.txt --mode patterns")
def pii_inspect(
    file: Annotated[Path, typer.Argument(help="A text file.")],
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
    file: Annotated[Path, typer.Argument(help="A text file.")],
    out: Annotated[Path | None, typer.Option(help="File to write; default: print.")] = None,
    language: Annotated[str, typer.Option(help="ISO 639-1 code.")] = "en",
    mode: Annotated[TextMode, typer.Option(help="strict, fast or patterns.")] = TextMode.strict,
) -> None:
    """Write a text with its personal data replaced by kind."""
    import privacy

    if out:
        refuse_existing(out)
    text = _text(file)
    redaction = privacy.redact(text, privacy.detect(text, language, mode.value), {})
    if out is None:
        print(redaction.text)
        return
    write_text(out, redaction.text)
    screen.console.print(f"{out}: {len(redaction.redactions)} places replaced")


@image_app.command("inspect", epilog="Example: cleartitle image inspect photo.jpg")
def image_inspect(
    files: Annotated[list[Path], typer.Argument(help="Pictures.")],
    mode: Annotated[PictureMode, typer.Option(help="all, private or metadata.")] = PictureMode.all,
) -> None:
    """Show what a picture's file and pixels hold; nothing is changed."""
    import privacy

    for path in files:
        found = privacy.inspect_image(read_bytes(path), mode.value)
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
    files: Annotated[list[Path], typer.Argument(help="Pictures, and folders of them.")],
    out: Annotated[Path, typer.Option(help="Folder to write to.")],
    mode: Annotated[
        PictureMode, typer.Option(help="all: cover all text; private: what looks personal; metadata.")
    ] = PictureMode.all,
) -> None:
    """Write pictures anew: personal metadata gone, private regions covered, licence and credit kept."""
    import privacy

    rows: list[tuple[Any, ...]] = []
    for path, name in _with_folders(files):
        refuse_existing(out / name)
        done = privacy.redact_image(read_bytes(path), mode.value)
        if done.data is not None and not done.held:
            write_bytes(out / name, done.data)
        regions = "not examined" if done.regions is None else len(done.regions)
        share = "" if done.covered is None else f"{done.covered:.1%}"
        rows.append((name, done.held or "written", regions, share, len(done.removed), len(done.kept)))
    columns = ("file", "outcome", "regions", "covered", "fields removed", "fields kept")
    screen.table(str(out), columns, rows, right=columns[2:])
    if any(row[1] != "written" for row in rows):
        raise typer.Exit(3)


@image_app.command("eval", epilog="Example: cleartitle image eval labels.csv --version harbour@1")
def image_eval(
    labels: Annotated[Path, typer.Argument(help="CSV with the columns file and boxes; see the how-to.")],
    mode: Annotated[PictureMode, typer.Option(help="all or private.")] = PictureMode.all,
    version: Annotated[str, typer.Option(help="Keep the figures on this version, for its card.")] = "",
    workspace: Annotated[Path, typer.Option("--workspace", "-w", help="The folder `run` writes to.")] = Path(
        "workspace"
    ),
) -> None:
    """Measure what is covered of the private places that people marked in pictures of yours."""
    import privacy

    found = privacy.measure_recall(privacy.read_labels(labels), mode.value)
    rows = [(one.kind, one.covered, one.total, f"{one.interval[0]:.3f} to {one.interval[1]:.3f}") for one in found]
    columns = ("class", "covered", "marked", "share, 95 % interval")
    screen.table(f"{labels}: mode {mode.value}", columns, rows, right=columns[1:3])
    if version:
        from catalog import cards, manifests
        from catalog.publish import publish
        from catalog.workspace import Workspace
        from curation import picture_recall

        opened = Workspace.open(workspace)
        manifest = manifests.find(opened, version)
        picture_recall.note_own(opened, manifest.name, found, mode.value)
        publish(opened)
        cards.write(opened, manifest)


def _with_folders(paths: list[Path]) -> Iterator[tuple[Path, Path]]:
    """Each file, and the name its copy gets; of a folder all that is in it."""
    for path in paths:
        if path.is_dir():
            yield from ((found, found.relative_to(path)) for found in sorted(path.rglob("*")) if found.is_file())
        else:
            yield path, Path(path.name)


def refuse_existing(path: Path) -> None:
    """Nothing is written over: it may be the original."""
    if path.exists():
        raise UsageError(
            "there is a file already, and it is not written over", cure="Name another --out.", place=str(path)
        )


def read_bytes(path: Path) -> bytes:
    """A file, or an error that names it."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise NotFound(f"cannot be read: {error.strerror}", cure="Check the path.", place=str(path)) from error


def _text(path: Path) -> str:
    from curation.sources._http import decode_text  # as a run reads it: by byte order mark, then by its bytes

    return decode_text(read_bytes(path), html=False)
