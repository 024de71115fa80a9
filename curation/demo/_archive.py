"""Writes a WARC file whose bytes depend on nothing but what is put in."""

from __future__ import annotations

import struct
import uuid
import zlib
from collections.abc import Sequence
from pathlib import Path

Headers = Sequence[tuple[str, str]]

_STORED = 65535


class Archive:
    """Records one after the other, each a gzip member of its own."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._members: list[bytes] = []
        self._count = 0

    def info(self, date: str) -> None:
        body = b"software: cleartitle demo\r\nformat: WARC File Format 1.1\r\n"
        self._add("warcinfo", "", date, "application/warc-fields", body)

    def visit(self, url: str, date: str, status: str, headers: Headers, body: bytes) -> None:
        """A request and the response to it."""
        host, _, path = url.partition("://")[2].partition("/")
        request = f"GET /{path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: harbour-crawler\r\n\r\n"
        self._add("request", url, date, "application/http; msgtype=request", request.encode())
        head = "".join(f"{name}: {value}\r\n" for name, value in (*headers, ("Content-Length", str(len(body)))))
        response = f"HTTP/1.1 {status}\r\n{head}\r\n".encode() + body
        self._add("response", url, date, "application/http; msgtype=response", response)

    def save(self) -> None:
        self._path.write_bytes(b"".join(self._members))

    def _add(self, kind: str, url: str, date: str, media_type: str, block: bytes) -> None:
        self._count += 1
        name = uuid.uuid5(uuid.NAMESPACE_URL, f"{kind} {self._count} {url}")
        target = f"WARC-Target-URI: {url}\r\n" if url else ""
        head = (
            f"WARC/1.1\r\nWARC-Type: {kind}\r\nWARC-Record-ID: <urn:uuid:{name}>\r\nWARC-Date: {date}\r\n{target}"
            f"Content-Type: {media_type}\r\nContent-Length: {len(block)}\r\n\r\n"
        )
        self._members.append(_gzip(head.encode() + block + b"\r\n\r\n"))


def _gzip(data: bytes) -> bytes:
    """A gzip member that stores instead of compressing: compressors differ from machine to machine."""
    starts = range(0, max(len(data), 1), _STORED)
    blocks = b"".join(
        struct.pack("<BHH", at + _STORED >= len(data), len(part), len(part) ^ 0xFFFF) + part
        for at in starts
        for part in (data[at : at + _STORED],)
    )
    head = b"\x1f\x8b\x08\x00" + b"\0" * 4 + b"\x00\xff"
    return head + blocks + struct.pack("<II", zlib.crc32(data), len(data) & 0xFFFFFFFF)
