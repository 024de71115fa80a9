"""What is read of a picture's own metadata, and what is only counted."""

from __future__ import annotations

import io
import struct

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from catalog.errors import UnreadableInput
from privacy.pictures import xmp
from privacy.pictures.metadata import read_metadata
from privacy.pictures.values import ImageLimits

RIGHTS = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    b' xmlns:cc="http://creativecommons.org/ns#" xmlns:xmpRights="http://ns.adobe.com/xap/1.0/rights/"'
    b' xmlns:plus="http://ns.useplus.org/ldf/xmp/1.0/" xmlns:aux="http://ns.adobe.com/exif/1.0/aux/"'
    b' xmlns:xmpMM="http://ns.adobe.com/xap/1.0/mm/" xmlns:own="https://example.org/own/"'
    b' xmpRights:WebStatement="https://creativecommons.org/licenses/by/4.0/" aux:SerialNumber="SN-1">'
    b'<cc:license rdf:resource="https://creativecommons.org/licenses/by/4.0/"/>'
    b'<dc:rights><rdf:Alt><rdf:li xml:lang="x-default">(c) Ada Berg</rdf:li>'
    b'<rdf:li xml:lang="de">(c) Ada Berg, alle Rechte</rdf:li></rdf:Alt></dc:rights>'
    b"<dc:creator><rdf:Seq><rdf:li>Ada Berg</rdf:li><rdf:li>Bo Lind</rdf:li></rdf:Seq></dc:creator>"
    b"<dc:description><rdf:Alt><rdf:li xml:lang='x-default'>At home</rdf:li></rdf:Alt></dc:description>"
    b"<dc:source>https://berg.example/ drawer, second from the left</dc:source>"
    b"<plus:DataMining>http://ns.useplus.org/ldf/vocab/DMI-PROHIBITED</plus:DataMining>"
    b'<plus:Licensor><rdf:Seq><rdf:li rdf:parseType="Resource"><plus:LicensorName>Berg Ltd</plus:LicensorName>'
    b"<plus:LicensorEmail>licences@berg.example</plus:LicensorEmail></rdf:li></rdf:Seq></plus:Licensor>"
    b"<xmpMM:Ingredients><rdf:Bag><rdf:li rdf:parseType='Resource'><dc:rights>(c) Somebody Else</dc:rights></rdf:li>"
    b"</rdf:Bag></xmpMM:Ingredients><own:Diary>secret</own:Diary>"
    b"</rdf:Description></rdf:RDF></x:xmpmeta>"
)
RIGHTS_FIELDS = (
    ("XMP-xmpRights:WebStatement", "https://creativecommons.org/licenses/by/4.0/"),
    ("XMP-cc:license", "https://creativecommons.org/licenses/by/4.0/"),
    ("XMP-dc:Rights", "(c) Ada Berg"),
    ("XMP-dc:Rights-de", "(c) Ada Berg, alle Rechte"),
    ("XMP-dc:Creator", "Ada Berg"),
    ("XMP-dc:Creator", "Bo Lind"),
    ("XMP-dc:Description", "At home"),
    ("XMP-plus:DataMining", "http://ns.useplus.org/ldf/vocab/DMI-PROHIBITED"),
    ("XMP-plus:LicensorName", "Berg Ltd"),
)
RIGHTS_PERSONAL = (
    ("XMP-aux:SerialNumber", 1),
    ("XMP-dc:Description", 1),
    ("XMP-dc:Source", 1),
    ("XMP-other", 1),
    ("XMP-plus:LicensorEmail", 1),
    ("XMP-xmpMM:Ingredients", 1),
)


def picture(format: str = "JPEG", size: tuple[int, int] = (32, 20), **options: object) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", size, (90, 120, 150)).save(buffer, format, **options)
    return buffer.getvalue()


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
def test_licence_and_credit_are_read_from_xmp_and_the_rest_is_only_counted(format: str) -> None:
    options: dict[str, object] = {"xmp": RIGHTS}
    if format == "PNG":
        text = PngInfo()
        text.add_itxt("XML:com.adobe.xmp", RIGHTS.decode())
        options = {"pnginfo": text}
    if format == "TIFF":
        options = {"tiffinfo": {700: RIGHTS}}

    metadata = read_metadata(picture(format, **options))

    assert (metadata.format, metadata.width, metadata.height, metadata.frames) == (format, 32, 20, 1)
    assert metadata.fields == RIGHTS_FIELDS
    assert metadata.personal == RIGHTS_PERSONAL
    assert metadata.captions == (("XMP-dc:Description", "At home"),)


def test_a_gif_is_searched_for_its_packet() -> None:
    gif = picture("GIF")
    packet = b"\x21\xff\x0bXMP DataXMP" + RIGHTS + b"\x01" + bytes(range(255, -1, -1)) + b"\x00"

    assert read_metadata(gif[:-1] + packet + gif[-1:]).fields == RIGHTS_FIELDS


def test_exif_gives_credit_and_counts_place_and_device() -> None:
    exif = Image.Exif()
    exif[0x8298] = "(c) Ada Berg"
    exif[0x013B] = "Ada Berg"
    exif[0x010E] = "My kitchen"
    exif[0x010F] = "Acme"
    exif[0x0112] = 6
    exif.get_ifd(0x8825).update({1: "N", 2: (43.0, 28.0, 2.0), 3: "E", 4: (11.0, 53.0, 6.0)})
    exif.get_ifd(0x8769).update({0xA431: "SN-1", 0x9003: "2024:05:06 07:08:09", 0x829A: 0.01})

    metadata = read_metadata(picture(exif=exif))

    assert (metadata.width, metadata.height) == (20, 32)  # turned upright
    assert sorted(metadata.fields) == [
        ("EXIF:Artist", "Ada Berg"),
        ("EXIF:Copyright", "(c) Ada Berg"),
        ("EXIF:ImageDescription", "My kitchen"),
    ]
    assert metadata.personal == (
        ("EXIF:BodySerialNumber", 1),
        ("EXIF:DateTimeOriginal", 1),
        ("EXIF:GPS", 4),
        ("EXIF:ImageDescription", 1),
        ("EXIF:Make", 1),
    )


def test_iptc_gives_credit_and_counts_the_place() -> None:
    def record(dataset: int, value: bytes) -> bytes:
        return struct.pack(">BBBH", 0x1C, 2, dataset, len(value)) + value

    iim = record(116, "© Ada".encode()) + record(80, b"Ada Berg") + record(90, b"Oslo") + record(120, b"At home")
    resource = b"8BIM\x04\x04\x00\x00" + struct.pack(">I", len(iim)) + iim + b"\x00" * (len(iim) % 2)
    segment = b"Photoshop 3.0\x00" + resource
    jpeg = picture()
    jpeg = jpeg[:2] + b"\xff\xed" + struct.pack(">H", len(segment) + 2) + segment + jpeg[2:]

    metadata = read_metadata(jpeg)

    assert metadata.fields == (
        ("IPTC:CopyrightNotice", "© Ada"),
        ("IPTC:By-line", "Ada Berg"),
        ("IPTC:Caption-Abstract", "At home"),
    )
    assert metadata.personal == (("IPTC:Caption-Abstract", 1), ("IPTC:City", 1))


def test_a_png_text_under_a_name_of_its_own_is_counted_without_that_name() -> None:
    text = PngInfo()
    text.add_text("Author", "Ada Berg")
    text.add_text("Ada's diary", "secret")

    metadata = read_metadata(picture("PNG", pnginfo=text))

    assert metadata.fields == (("PNG:Author", "Ada Berg"),)
    assert metadata.personal == (("PNG:text", 1),)


@pytest.mark.parametrize(
    "packet",
    [
        b'<!DOCTYPE x [<!ENTITY a "aaaa">]><x:xmpmeta xmlns:x="adobe:ns:meta/">&a;</x:xmpmeta>',
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><open>',
        b"no markup at all",
    ],
    ids=["entities", "broken", "text"],
)
def test_a_packet_that_cannot_be_trusted_is_counted_as_unreadable(packet: bytes) -> None:
    assert read_metadata(picture(xmp=packet)).personal == (("XMP:unreadable", 1),)


def test_the_tail_of_a_longer_packet_behind_a_shorter_one_does_no_harm() -> None:
    assert read_metadata(picture(xmp=RIGHTS + b"</rdf:RDF></x:xmpmeta>")).fields == RIGHTS_FIELDS


def test_structures_in_structures_without_end_are_not_followed() -> None:
    deep = b"<dc:rights>" * 5000 + b"(c) Deep" + b"</dc:rights>" * 5000
    packet = RIGHTS.replace(b"<own:Diary>secret</own:Diary>", deep)

    assert tuple(xmp.read(packet).fields) == RIGHTS_FIELDS


@pytest.mark.parametrize(
    ("fields", "folded"),
    [
        ([("EXIF:Artist", "Ada\x01 \n Berg")], (("XMP-dc:Creator", "Ada Berg"),)),
        ([("EXIF:Copyright", "\x02")], ()),
        ([("EXIF:Artist", "Ada"), ("IPTC:By-line", "Ada")], (("XMP-dc:Creator", "Ada"),)),
        ([("XMP-dc:Description", "At home"), ("XMP-dc:Creator", "Ada")], (("XMP-dc:Creator", "Ada"),)),
        (
            [("XMP-cc:license", "https://a.example"), ("XMP-cc:license", "https://b.example")],
            (("XMP-cc:license", "https://a.example"), ("XMP-cc:license", "https://b.example")),
        ),
        ([("EXIF:Copyright", "(c) A"), ("XMP-dc:Rights", "(c) B")], (("XMP-dc:Rights", "(c) A | (c) B"),)),
        ([("EXIF:Copyright", "(c) A, CC BY"), ("XMP-dc:Rights", "(c) A")], (("XMP-dc:Rights", "(c) A, CC BY"),)),
    ],
)
def test_folded_fields_are_read_back_from_the_packet_as_they_were_written(
    fields: list[tuple[str, str]], folded: tuple[tuple[str, str], ...]
) -> None:
    assert xmp.fold(fields) == folded
    if folded:
        assert tuple(xmp.read(xmp.write(folded)).fields) == folded


def test_values_stay_out_of_the_repr() -> None:
    assert "Ada" not in repr(read_metadata(picture(xmp=RIGHTS)))


@pytest.mark.parametrize(
    "data", [b"", b"not a picture", b"%PDF-1.7", picture()[:60]], ids=["empty", "text", "pdf", "cut"]
)
def test_what_is_not_a_picture_is_unreadable_input(data: bytes) -> None:
    with pytest.raises(UnreadableInput, match="expected a picture"):
        read_metadata(data)


@pytest.mark.parametrize(
    ("limits", "reason"),
    [(ImageLimits(bytes=100), "bytes"), (ImageLimits(pixels=600), "32 x 20"), (ImageLimits(side=31), "32 x 20")],
)
def test_limits_are_checked_before_pixels_are_decoded(limits: ImageLimits, reason: str) -> None:
    with pytest.raises(UnreadableInput, match=reason):
        read_metadata(picture(), limits)
