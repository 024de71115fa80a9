"""An HTTP response as it lies in an archive: its head, its decoded body, its characters."""

from __future__ import annotations

import io
import zlib
from dataclasses import dataclass, field

from curation.sources._framing import Headers, find_header
from curation.sources._unpack import DAMAGE, Zstd

_HEAD_LIMIT = 256 * 1024
_MAX_HEADERS = 1000


class Undecodable(Exception):
    """A body that cannot be decoded: `str()` is what was found."""


class TooLarge(Exception):
    """A body that grows beyond the limit when it is decoded."""


@dataclass(frozen=True, slots=True)
class Response:
    """Status and headers, in their order, and where the body begins."""

    status: int
    headers: Headers = field(repr=False)
    body_at: int

    @property
    def media_type(self) -> str:
        return media_type(find_header(self.headers, "content-type"))


def media_type(content_type: str) -> str:
    """The type alone, in small letters: no parameters, and of a list the first."""
    return content_type.partition(";")[0].partition(",")[0].strip().lower()


def parse_head(block: bytes) -> Response | None:
    """The head of an HTTP response; None where there is none."""
    if not block.startswith(b"HTTP/"):
        return None
    crlf, lf = block.find(b"\r\n\r\n", 0, _HEAD_LIMIT), block.find(b"\n\n", 0, _HEAD_LIMIT)
    if crlf >= 0 and (lf < 0 or crlf < lf):
        end, body_at = crlf, crlf + 4
    else:
        end, body_at = (lf, lf + 2) if lf >= 0 else (min(len(block), _HEAD_LIMIT),) * 2
    first, *lines = block[:end].decode("utf-8", "replace").splitlines()
    words = first.split(None, 2)
    status = int(words[1]) if len(words) > 1 and words[1].isdecimal() else 0
    pairs = (line.partition(":") for line in lines[:_MAX_HEADERS])
    headers = tuple((name.strip(), value.strip()) for name, colon, value in pairs if colon)
    return Response(status, headers, body_at)


def body_is_whole(block: bytes) -> bool:
    """Does the response hold as many bytes as its own Content-Length says?"""
    response = parse_head(block)
    length = find_header(response.headers, "content-length") if response else ""
    return response is not None and length.isdecimal() and len(block) - response.body_at >= int(length)


def decode_body(body: bytes, headers: Headers, limit: int) -> tuple[bytes, bool]:
    """The body without transfer and content encodings, and whether it was whole."""
    whole = True
    if "chunked" in find_header(headers, "transfer-encoding").lower():
        body, whole = _unchunk(body)
    for encoding in reversed(find_header(headers, "content-encoding").lower().split(",")):
        body, complete = _decompress(body, encoding.strip(), limit)
        whole = whole and complete
    return body, whole


def _unchunk(body: bytes) -> tuple[bytes, bool]:
    """Crawlers often store the decoded body under the original header: then it is left as it is."""
    parts: list[bytes] = []
    at = 0
    while True:
        end = body.find(b"\r\n", at, at + 1024)
        size = _hexadecimal(body[at:end].partition(b";")[0].strip()) if end >= 0 else -1
        if size < 0:
            return (body, True) if not parts else (b"".join(parts) + body[at:], False)
        if size == 0:
            return b"".join(parts), True
        parts.append(body[end + 2 : end + 2 + size])
        at = end + 2 + size + 2


def _hexadecimal(digits: bytes) -> int:
    return int(digits, 16) if digits and len(digits) <= 16 and set(digits.lower()) <= set(b"0123456789abcdef") else -1


def _decompress(body: bytes, encoding: str, limit: int) -> tuple[bytes, bool]:
    if encoding in ("gzip", "x-gzip"):
        # The same habit of crawlers: decoded already, header kept.
        return _inflate(body, 31, limit) if body.startswith(b"\x1f\x8b") else (body, True)
    if encoding == "deflate":
        return _inflate(body, zlib.MAX_WBITS if body[:1] == b"\x78" else -zlib.MAX_WBITS, limit)
    if encoding == "br":
        return _unbrotli(body, limit)
    if encoding == "zstd":
        return _unzstd(body, limit)
    if encoding in ("", "identity", "none", "utf-8"):
        return body, True
    raise Undecodable("a content encoding that is not known")


def _inflate(body: bytes, window: int, limit: int) -> tuple[bytes, bool]:
    inflate = zlib.decompressobj(window)
    try:
        out = inflate.decompress(body, limit + 1)
    except zlib.error:
        raise Undecodable("damaged compressed data") from None
    if len(out) > limit:
        raise TooLarge
    return out, inflate.eof


def _unbrotli(body: bytes, limit: int) -> tuple[bytes, bool]:
    try:
        import brotli  # type: ignore[import-untyped]
    except ImportError:
        raise Undecodable("brotli, and the package brotli is not installed") from None
    if _looks_like_markup(body):
        return body, True
    decoder, out = brotli.Decompressor(), bytearray()
    try:
        for at in range(0, len(body), 4096):  # small steps: what one step makes cannot be bounded
            out += decoder.process(body[at : at + 4096])
            if len(out) > limit:
                raise TooLarge
    except brotli.error:
        raise Undecodable("damaged compressed data") from None
    return bytes(out), bool(decoder.is_finished())


def _unzstd(body: bytes, limit: int) -> tuple[bytes, bool]:
    reader, out = Zstd(io.BytesIO(body)), bytearray()
    try:
        while piece := reader.read(io.DEFAULT_BUFFER_SIZE):
            out += piece
            if len(out) > limit:
                raise TooLarge
    except EOFError:
        return bytes(out), False
    except DAMAGE:
        raise Undecodable("damaged compressed data") from None
    return bytes(out), True


def _looks_like_markup(body: bytes) -> bool:
    return body[:64].lstrip().startswith(b"<")


def decode_text(body: bytes, content_type: str = "", html: bool = True) -> str:
    """Characters of a body: by byte order mark, header, meta element, or detection, in that order."""
    from resiliparse.parse.encoding import bytes_to_str, detect_encoding

    encoding = _by_mark(body) or _charset(content_type) or detect_encoding(body, from_html_meta=html) or "utf-8"
    return str(bytes_to_str(body, encoding, errors="replace")).replace("\0", "")


def _by_mark(body: bytes) -> str:
    marks = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
    return next((name for mark, name in marks if body.startswith(mark)), "")


def _charset(content_type: str) -> str:
    from resiliparse.parse.encoding import map_encoding_to_html5

    for parameter in content_type.split(";")[1:]:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            return str(map_encoding_to_html5(value.strip(" \"'"), fallback_utf8=False) or "")
    return ""
