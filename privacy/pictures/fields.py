"""Which metadata fields of a picture stay: licence, credit, licensor, opt-out, synthetic-media label.

Everything that is not named here goes. Captions are read, for the text path, and never rewritten.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
PREFIXES = {
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://creativecommons.org/ns#": "cc",
    "http://web.resource.org/cc/": "cc",  # the namespace of Creative Commons before 2008
    "http://ns.adobe.com/xap/1.0/rights/": "xmpRights",
    "http://ns.adobe.com/photoshop/1.0/": "photoshop",
    "http://ns.useplus.org/ldf/xmp/1.0/": "plus",
    "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/": "iptcCore",
    "http://iptc.org/std/Iptc4xmpExt/2008-02-29/": "iptcExt",
    "http://ns.adobe.com/tiff/1.0/": "tiff",
    "http://ns.adobe.com/exif/1.0/": "exif",
    "http://cipa.jp/exif/1.0/": "exifEX",
    "http://ns.adobe.com/exif/1.0/aux/": "aux",
    "http://ns.adobe.com/xap/1.0/": "xmp",
    "http://ns.adobe.com/xap/1.0/mm/": "xmpMM",
    "http://ns.adobe.com/camera-raw-settings/1.0/": "crs",
    "http://www.metadataworkinggroup.com/schemas/regions/": "mwg-rs",
    "http://ns.microsoft.com/photo/1.2/": "MP",
    "http://ns.google.com/photos/1.0/camera/": "GCamera",
    "http://ns.apple.com/faceinfo/1.0/": "apple-fi",
}
# The first address of a prefix is the one that is written.
ADDRESSES = {prefix: address for address, prefix in reversed(PREFIXES.items())}

Form = Literal["text", "alt", "seq", "bag", "url"]


@dataclass(frozen=True, slots=True)
class Kept:
    """One property that stays: how it is written, and the structure it is part of."""

    prefix: str
    local: str
    form: Form = "text"
    parent: str = ""

    @property
    def name(self) -> str:
        """The public name, as in "XMP-dc:Rights" (Dublin Core is capitalised, as exiftool does)."""
        local = self.local.capitalize() if self.prefix == "dc" else self.local
        return f"XMP-{self.prefix}:{local}"


_KEPT = (
    Kept("dc", "rights", "alt"),
    Kept("dc", "creator", "seq"),
    Kept("dc", "source"),  # an address only: see `fits`
    Kept("dc", "identifier"),
    Kept("cc", "license", "url"),
    Kept("cc", "attributionName"),
    Kept("cc", "attributionURL", "url"),
    Kept("cc", "useGuidelines", "url"),
    Kept("cc", "morePermissions", "url"),
    Kept("xmpRights", "WebStatement"),
    Kept("xmpRights", "UsageTerms", "alt"),
    Kept("xmpRights", "Marked"),
    Kept("xmpRights", "Owner", "bag"),
    Kept("xmpRights", "Certificate"),
    Kept("photoshop", "Credit"),
    Kept("photoshop", "Source"),
    Kept("plus", "LicensorName", parent="Licensor"),
    Kept("plus", "LicensorURL", parent="Licensor"),
    Kept("plus", "LicensorID", parent="Licensor"),
    Kept("plus", "CopyrightOwnerName", parent="CopyrightOwner"),
    Kept("plus", "CopyrightOwnerID", parent="CopyrightOwner"),
    Kept("plus", "ImageCreatorName", parent="ImageCreator"),
    Kept("plus", "ImageCreatorID", parent="ImageCreator"),
    Kept("plus", "ImageSupplierName", parent="ImageSupplier"),
    Kept("plus", "ImageSupplierID", parent="ImageSupplier"),
    Kept("plus", "DataMining"),
    Kept("plus", "MediaConstraints", "alt"),
    Kept("plus", "OtherConstraints", "alt"),
    Kept("plus", "CopyrightStatus"),
    Kept("plus", "CreditLineRequired"),
    Kept("plus", "TermsAndConditionsURL"),
    Kept("plus", "TermsAndConditionsText", "alt"),
    Kept("iptcCore", "CiUrlWork", parent="CreatorContactInfo"),
    Kept("iptcExt", "DigitalSourceType"),
    Kept("iptcExt", "AISystemUsed"),
    Kept("iptcExt", "AISystemVersionUsed"),
)
KEPT = {field.name: field for field in _KEPT}

# Fields of other containers, and the XMP property that says the same in the new packet.
FOLDED = {
    "XMP-tiff:Copyright": "XMP-dc:Rights",
    "XMP-tiff:Artist": "XMP-dc:Creator",
    "EXIF:Copyright": "XMP-dc:Rights",
    "EXIF:Artist": "XMP-dc:Creator",
    "IPTC:CopyrightNotice": "XMP-dc:Rights",
    "IPTC:By-line": "XMP-dc:Creator",
    "IPTC:Credit": "XMP-photoshop:Credit",
    "IPTC:Source": "XMP-photoshop:Source",
    "PNG:Copyright": "XMP-dc:Rights",
    "PNG:Author": "XMP-dc:Creator",
    "PNG:Artist": "XMP-dc:Creator",
}

# What a file says its picture shows, titles first: may be released, once it went the text path.
DESCRIPTIONS = (
    "XMP-dc:Title",
    "IPTC:ObjectName",
    "EXIF:XPTitle",
    "PNG:Title",
    "XMP-photoshop:Headline",
    "IPTC:Headline",
    "XMP-dc:Description",
    "IPTC:Caption-Abstract",
    "EXIF:ImageDescription",
    "PNG:Description",
    "XMP-iptcCore:AltTextAccessibility",
    "XMP-iptcCore:ExtDescrAccessibility",
)
CAPTIONS = frozenset(
    {
        *DESCRIPTIONS,
        "XMP-dc:Subject",
        "XMP-photoshop:Instructions",
        "XMP-exif:UserComment",
        "EXIF:UserComment",
        "EXIF:XPComment",
        "EXIF:XPSubject",
        "EXIF:XPKeywords",
        "IPTC:Keywords",
        "PNG:Comment",
        "File:Comment",
    }
)


def base(name: str) -> str:
    """A field's name without the language that follows it ("XMP-dc:Rights-fr")."""
    head, colon, local = name.partition(":")
    return name if head == "IPTC" else head + colon + local.partition("-")[0]


def is_caption(name: str) -> bool:
    """Is this field prose about the picture, for the text path?"""
    return base(name) in CAPTIONS


def is_returned(name: str) -> bool:
    """May the value of this field leave the reader at all?"""
    return is_caption(name) or base(name) in KEPT or base(name) in FOLDED


def fits(name: str, value: str) -> bool:
    """Some fields stay only as an address: as free text they may hold anything."""
    if base(name) in ("XMP-dc:Source", "XMP-dc:Identifier"):
        return value.startswith(("http://", "https://", "doi:")) and not any(map(str.isspace, value))
    return bool(value)


# Of EXIF and XMP, what describes the exposure or the file and nobody.
TECHNICAL = frozenset(
    {
        "Orientation",
        "ImageWidth",
        "ImageLength",
        "BitsPerSample",
        "Compression",
        "PhotometricInterpretation",
        "StripOffsets",
        "SamplesPerPixel",
        "RowsPerStrip",
        "StripByteCounts",
        "XResolution",
        "YResolution",
        "PlanarConfiguration",
        "ResolutionUnit",
        "Predictor",
        "ColorMap",
        "TileWidth",
        "TileLength",
        "TileOffsets",
        "TileByteCounts",
        "ExtraSamples",
        "SampleFormat",
        "JPEGTables",
        "YCbCrSubSampling",
        "YCbCrPositioning",
        "YCbCrCoefficients",
        "ReferenceBlackWhite",
        "WhitePoint",
        "PrimaryChromaticities",
        "FillOrder",
        "NewSubfileType",
        "SubfileType",
        "ExifOffset",
        "ExifVersion",
        "FlashPixVersion",
        "ComponentsConfiguration",
        "ColorSpace",
        "ExifImageWidth",
        "ExifImageHeight",
        "ExifInteroperabilityOffset",
        "ExposureTime",
        "FNumber",
        "ExposureProgram",
        "ISOSpeedRatings",
        "ShutterSpeedValue",
        "ApertureValue",
        "BrightnessValue",
        "ExposureBiasValue",
        "MaxApertureValue",
        "MeteringMode",
        "LightSource",
        "Flash",
        "FocalLength",
        "SensingMethod",
        "FileSource",
        "SceneType",
        "CustomRendered",
        "ExposureMode",
        "WhiteBalance",
        "DigitalZoomRatio",
        "FocalLengthIn35mmFilm",
        "SceneCaptureType",
        "GainControl",
        "Contrast",
        "Saturation",
        "Sharpness",
        "SubjectDistanceRange",
        "CompressedBitsPerPixel",
        "FocalPlaneXResolution",
        "FocalPlaneYResolution",
        "FocalPlaneResolutionUnit",
        "SensitivityType",
        "RecommendedExposureIndex",
        "IPTCNAA",
        "InterColorProfile",
        "XMLPacket",
        "ImageResources",
    }
)
