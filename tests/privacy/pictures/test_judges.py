"""Other people's tools look at what we wrote: exiftool for metadata, Tesseract for text.

Run it as a script to have Tesseract read every document in both modes: python tests/privacy/pictures/test_judges.py
"""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
from pathlib import Path

import pytest
from PIL import Image

from privacy.pictures import rebuild
from privacy.pictures.looks import first
from privacy.pictures.redact import redact_image
from privacy.pictures.values import ImageOptions, Mode

SHARED = Path(__file__).parents[3].parent / "shared/data/images"
HERE = ImageOptions(guarded=False)
# What a rebuilt file may say of itself, by exiftool's group: structure, and our own packet.
STRUCTURE = ("System", "File", "ExifTool", "JFIF", "PNG", "PNG-pHYs", "RIFF", "GIF", "IFD0", "Meta", "Composite")
NO_METADATA = {"Comment", "Software", "Copyright", "Artist", "Make", "Model", "ModifyDate", "Author", "Description"}
PACKET = ("XMP-x", "XMP-dc", "XMP-cc", "XMP-xmpRights", "XMP-photoshop", "XMP-plus", "XMP-iptcCore", "XMP-iptcExt")
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="the shared pictures are not beside this checkout")


def needs(tool: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(shutil.which(tool) is None, reason=f"{tool} is not installed")


def run(*command: str, data: bytes | None = None) -> str:
    return subprocess.run(command, input=data, capture_output=True, check=False).stdout.decode("utf-8", "replace")


@needs_shared
@needs("exiftool")
def test_exiftool_finds_nothing_but_structure_and_the_fields_that_stay(tmp_path: Path) -> None:
    held = {}
    for path in sorted((SHARED / "files").iterdir()):
        done = redact_image(path.read_bytes(), "metadata", options=HERE)
        held |= {path.name: done.held} if done.held else {}
        if done.data is not None:
            (tmp_path / path.name).write_bytes(done.data)
    # -ee and -u: embedded and unknown parts as well; -a: duplicates
    told = json.loads(run("exiftool", "-j", "-G1", "-a", "-ee", "-u", str(tmp_path)))

    surplus = {
        f"{file['SourceFile'].rpartition('/')[2]}: {key}"
        for file in told
        for key in file
        if ":" in key and (key.split(":")[0] not in STRUCTURE + PACKET or key.split(":")[1] in NO_METADATA)
    }

    assert surplus == set()
    assert held == {"exiftool__QuickTime.heic": "unreadable-image"}
    assert len(told) == 56


@needs_shared
@needs("exiftool")
@pytest.mark.parametrize("name", ["full.jpg", "full.png", "full.tif", "full.gif"])
def test_exiftool_reads_licence_and_credit_as_before(tmp_path: Path, name: str) -> None:
    done = redact_image((SHARED / "files" / name).read_bytes(), "metadata", options=HERE)
    (tmp_path / name).write_bytes(done.data or b"")
    tags = (
        *("XMP-cc:License", "XMP-cc:AttributionName", "XMP-cc:AttributionURL", "XMP-dc:Creator"),
        *("XMP-xmpRights:WebStatement", "XMP-xmpRights:UsageTerms", "XMP-xmpRights:Marked", "XMP-xmpRights:Owner"),
        *("XMP-photoshop:Credit", "XMP-plus:LicensorName", "XMP-plus:LicensorURL"),
    )

    before, after = (
        run("exiftool", "-s3", "-G1", *(f"-{tag}" for tag in tags), str(folder / name))
        for folder in (SHARED / "files", tmp_path)
    )

    assert before.count("\n") == len(tags)
    assert after == before


@needs_shared
@needs("tesseract")
@pytest.mark.parametrize("name", ["syn21_id_r90_b1.0.jpg", "syn25_phone_r8_b1.0.jpg"])
def test_tesseract_reads_no_planted_text_in_the_result(name: str) -> None:
    [document] = [row for row in documents() if row["file"].endswith(name)]

    before, after = planted_words_read(document, "all")

    assert before
    assert after == set()


def documents() -> list[dict[str, str]]:
    """The rows of the shared pictures that text was planted in."""
    with (SHARED / "gold.csv").open(newline="", encoding="utf-8") as table:
        return [row for row in csv.DictReader(table) if row["kind"] == "synth"]


def planted_words_read(row: dict[str, str], mode: Mode) -> tuple[set[str], set[str]]:
    """Which planted words Tesseract reads before and after."""
    angle = float(row["notes"].split()[1])
    planted = {word for words in json.loads(row["texts"]) for word in words.split() if len(word) > 3}
    data = (SHARED / row["file"]).read_bytes()
    done = redact_image(data, mode, options=HERE)
    assert done.data is not None, done.held
    return seen(data, angle) & planted, seen(done.data, angle) & planted


def seen(data: bytes, angle: float) -> set[str]:
    """The words Tesseract reads in a picture turned upright."""
    with Image.open(io.BytesIO(data)) as image:
        buffer = io.BytesIO()
        image.convert("RGB").rotate(angle, expand=True).save(buffer, "PNG")
    return set(run("tesseract", "-", "-", "--psm", "11", data=buffer.getvalue()).split())


@needs_shared
def test_a_photo_with_nothing_private_is_hardly_covered() -> None:
    shares = {}
    for name in ("c2pa-python__A.jpg", "exif-samples__DSCN0010.jpg", "metadata-ext__FujiFilm_FinePixS1Pro_(1).jpg"):
        done = redact_image((SHARED / "files" / name).read_bytes(), "all", options=HERE)
        shares[name] = done.covered

    assert max(share for share in shares.values() if share is not None) <= 0.02


@needs_shared
def test_the_first_look_alone_finds_every_planted_line_of_a_blurred_card() -> None:
    data = (SHARED / "files/syn05_card_r12_b2.2.jpg").read_bytes()

    found = first(rebuild.decode(data).images, "all", HERE)[0]

    assert sum(region.kind == "TEXT" for region in found) >= 4


if __name__ == "__main__":
    for chosen in ("all", "private"):
        pairs = [planted_words_read(row, chosen) for row in documents()]
        print(f"mode {chosen}: of {sum(len(before) for before, _ in pairs)} planted words that Tesseract reads")
        print(f"in {len(pairs)} documents, it reads {sum(len(after) for _, after in pairs)} in the results")
