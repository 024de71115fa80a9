"""A rebuilt picture holds pixels and the fields that stay; everything else of the old file is gone."""

from __future__ import annotations

import io
import struct
import zlib

import pytest
from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo

from privacy.pictures.metadata import read_metadata
from privacy.pictures.redact import redact_image
from privacy.pictures.values import ImageLimits, ImageOptions, ImageRedaction

PLANTED = "Ada-Berg-secret-55"
PACKET = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description rdf:about="" xmlns:cc="http://creativecommons.org/ns#"'
    ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:plus="http://ns.useplus.org/ldf/xmp/1.0/"'
    ' xmlns:xmpMM="http://ns.adobe.com/xap/1.0/mm/">'
    '<cc:license rdf:resource="https://creativecommons.org/licenses/by/4.0/"/>'
    "<cc:attributionName>Bo &amp; Co</cc:attributionName>"
    "<plus:DataMining>http://ns.useplus.org/ldf/vocab/DMI-PROHIBITED</plus:DataMining>"
    '<plus:Licensor><rdf:Seq><rdf:li rdf:parseType="Resource"><plus:LicensorName>One</plus:LicensorName>'
    "<plus:LicensorURL>https://one.example</plus:LicensorURL></rdf:li>"
    '<rdf:li rdf:parseType="Resource"><plus:LicensorName>Two</plus:LicensorName></rdf:li></rdf:Seq></plus:Licensor>'
    f"<dc:description>{PLANTED}</dc:description><xmpMM:DocumentID>{PLANTED}</xmpMM:DocumentID>"
    "</rdf:Description></rdf:RDF></x:xmpmeta>"
)
KEPT = (
    ("XMP-cc:license", "https://creativecommons.org/licenses/by/4.0/"),
    ("XMP-cc:attributionName", "Bo & Co"),
    ("XMP-plus:DataMining", "http://ns.useplus.org/ldf/vocab/DMI-PROHIBITED"),
    ("XMP-plus:LicensorName", "One"),
    ("XMP-plus:LicensorURL", "https://one.example"),
    ("XMP-plus:LicensorName", "Two"),
)


def gradient(size: tuple[int, int] = (48, 32), mode: str = "RGB") -> Image.Image:
    return Image.linear_gradient("L").resize(size).convert(mode)


def saved(image: Image.Image, format: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format, **options)
    return buffer.getvalue()


def rebuilt(data: bytes, limits: ImageLimits | None = None) -> ImageRedaction:
    return redact_image(data, "metadata", options=ImageOptions(limits=limits or ImageLimits(), guarded=False))


def pixels(data: bytes | None, mode: str = "RGB") -> Image.Image:
    assert data is not None
    with Image.open(io.BytesIO(data)) as image:
        return image.convert(mode)


def loaded(format: str) -> bytes:
    """A picture with a planted string wherever this format has room for one."""
    exif = Image.Exif()
    exif[0x010F] = exif[0x010E] = PLANTED
    exif.get_ifd(0x8825).update({1: "N", 2: (43.0, 28.0, 2.0)})
    exif.get_ifd(0x8769).update({0x927C: PLANTED.encode(), 0xA431: PLANTED})
    options: dict[str, object] = {"exif": exif, "xmp": PACKET.encode()}
    if format == "PNG":
        text = PngInfo()
        text.add_itxt("XML:com.adobe.xmp", PACKET)
        text.add_text(PLANTED, PLANTED, zip=True)
        options = {"pnginfo": text, "exif": exif}
    if format == "TIFF":
        options = {"tiffinfo": {700: PACKET.encode(), 271: PLANTED, 306: PLANTED}}
    if format == "GIF":
        options = {"comment": PLANTED.encode()}
    if format == "JPEG":
        options["comment"] = PLANTED.encode()
    data = saved(gradient(), format, **options)
    if format == "GIF":
        packet = b"\x21\xff\x0bXMP DataXMP" + PACKET.encode() + b"\x01" + bytes(range(255, -1, -1)) + b"\x00"
        data = data[:-1] + packet + data[-1:]
    return data + PLANTED.encode()  # and behind the end of the picture


def inflated(data: bytes) -> bytes:
    """The bytes of a file with every zlib stream in it opened, for the search of planted strings."""
    out = [data]
    for start in (at for at in range(len(data)) if data[at : at + 2] in (b"x\x9c", b"x\xda", b"x\x01")):
        try:
            out.append(zlib.decompressobj().decompress(data[start:]))
        except zlib.error:
            continue
    return b"".join(out)


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF", "GIF"])
def test_licence_and_credit_stay_and_planted_strings_go(format: str) -> None:
    data = loaded(format)
    assert PLANTED.encode() in inflated(data)

    done = rebuilt(data)

    assert done.held == ""
    assert sorted(done.kept) == sorted(KEPT)
    assert done.data is not None
    assert PLANTED.encode() not in inflated(done.data)
    metadata = read_metadata(done.data)
    assert (metadata.format, metadata.personal) == (format, ())
    assert sorted(metadata.fields) == sorted(KEPT)
    assert "XMP-xmpMM:DocumentID" in done.removed


def test_exif_and_iptc_credit_is_folded_into_the_packet_and_differing_notices_both_stay() -> None:
    exif = Image.Exif()
    exif[0x8298], exif[0x013B] = "(c) Bo 2024", "Bo"
    packet = PACKET.replace("</rdf:Des", "<dc:rights>(c) Bo Ltd</dc:rights></rdf:Des").encode()

    done = rebuilt(saved(gradient(), "JPEG", exif=exif, xmp=packet))

    fields = dict(done.kept)
    assert fields["XMP-dc:Creator"] == "Bo"
    assert fields["XMP-dc:Rights"] == "(c) Bo 2024 | (c) Bo Ltd"


def test_more_credit_than_the_format_has_room_for_holds_the_picture() -> None:
    names = "".join(f"<rdf:li>{number:04}{'n' * 3150}</rdf:li>" for number in range(20))
    packet = PACKET.replace("</rdf:Des", f"<dc:creator><rdf:Seq>{names}</rdf:Seq></dc:creator></rdf:Des")
    text = PngInfo()
    text.add_itxt("XML:com.adobe.xmp", packet)
    exif = Image.Exif()
    exif[0x013B] = "m" * 4000

    as_png = rebuilt(saved(gradient(), "PNG", pnginfo=text))
    as_jpeg = rebuilt(saved(gradient(), "JPEG", xmp=packet.encode(), exif=exif))

    assert (as_png.held, len(as_png.kept)) == ("", 26)
    assert (as_jpeg.data, as_jpeg.held) == (None, "not-clean")


def test_a_picture_is_turned_upright_and_its_orientation_forgotten() -> None:
    image = Image.new("RGB", (40, 20), "black")
    image.paste("white", (0, 0, 10, 20))
    exif = Image.Exif()
    exif[0x0112] = 6  # turn a quarter clockwise to see it

    upright = pixels(rebuilt(saved(image, "PNG", exif=exif)).data)

    assert upright.size == (20, 40)
    assert upright.getpixel((10, 2)) == (255, 255, 255)
    assert upright.getpixel((10, 38)) == (0, 0, 0)


def test_colours_under_full_transparency_are_gone() -> None:
    image = Image.new("RGBA", (20, 20), (250, 10, 10, 0))
    image.paste((1, 2, 3, 255), (0, 0, 10, 20))

    done = pixels(rebuilt(saved(image, "PNG")).data, "RGBA")

    assert done.getpixel((15, 10)) == (0, 0, 0, 0)
    assert done.getpixel((5, 10)) == (1, 2, 3, 255)


def test_a_profile_is_applied_and_dropped() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("XYZ")).tobytes()
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()

    done = rebuilt(saved(gradient(), "JPEG", icc_profile=srgb))

    assert (done.held, done.removed, done.changes) == ("", ("ICC:Profile",), ())
    assert rebuilt(saved(gradient(), "PNG", icc_profile=profile)).changes in (("srgb",), ("profile-unreadable",))


@pytest.mark.parametrize("format", ["GIF", "WEBP", "PNG", "TIFF"])
def test_every_frame_of_an_animation_is_rebuilt(format: str) -> None:
    frames = [Image.new("RGB", (30, 20), colour) for colour in ("red", "lime", "blue")]
    options = {} if format == "TIFF" else {"duration": [100, 200, 300]}
    data = saved(frames[0], format, save_all=True, append_images=frames[1:], **options)

    done = rebuilt(data)

    assert done.data is not None
    metadata = read_metadata(done.data)
    assert (metadata.frames, metadata.personal) == (3, ())


def test_more_frames_than_the_limit_hold_the_picture() -> None:
    frames = [Image.new("RGB", (30, 20), (shade, 0, 0)) for shade in range(0, 250, 50)]
    data = saved(frames[0], "GIF", save_all=True, append_images=frames[1:])

    assert rebuilt(data, ImageLimits(frames=4)).held == "too-many-frames"
    assert rebuilt(data, ImageLimits(frame_pixels=2999)).held == "too-many-frames"
    assert rebuilt(data, ImageLimits(frames=5)).held == ""


def test_the_second_picture_of_a_stereo_file_is_dropped() -> None:
    data = saved(gradient(), "MPO", save_all=True, append_images=[gradient()])

    done = rebuilt(data)

    assert (done.held, done.changes) == ("", ("second-picture-dropped",))
    assert "MPF:SecondPicture" in done.removed
    assert read_metadata(done.data or b"").frames == 1


@pytest.mark.parametrize(
    ("mode", "format"),
    [
        ("1", "PNG"),
        ("L", "JPEG"),
        ("P", "PNG"),
        ("LA", "PNG"),
        ("I;16", "PNG"),
        ("F", "TIFF"),
        ("CMYK", "JPEG"),
        ("CMYK", "TIFF"),
        ("L", "AVIF"),
        ("LA", "WEBP"),
    ],
)
def test_every_pixel_format_can_be_written_again(mode: str, format: str) -> None:
    image = gradient().convert("I").convert("I;16") if mode == "I;16" else gradient(mode=mode)

    done = rebuilt(saved(image, format))

    assert done.held == ""
    assert pixels(done.data).size == (48, 32)


def test_a_bomb_is_held_before_it_is_decoded() -> None:
    header = struct.pack(">IIBBBBB", 20_000, 20_000, 8, 2, 0, 0, 0)

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    bomb = b"\x89PNG\r\n\x1a\n" + body

    assert rebuilt(bomb).held == "image-too-large"


@pytest.mark.parametrize("cut", [0.3, 0.6, 0.9])
@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
def test_a_cut_picture_is_held_and_no_byte_of_it_is_written(format: str, cut: float) -> None:
    data = saved(Image.effect_noise((64, 64), 80).convert("RGB"), format)

    done = rebuilt(data[: int(len(data) * cut)])

    assert (done.data, done.held) == (None, "unreadable-image")
