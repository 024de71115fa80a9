"""The child process that decodes pictures nobody vouches for; `privacy.pictures.guard` starts it.

It answers requests on its standard input until that closes. A message is a JSON head and
bytes, each behind its length: the parent never unpickles what a child sends.
"""

from __future__ import annotations

import json
import struct
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, BinaryIO, cast

from catalog.errors import CleartitleError
from catalog.values import Region
from privacy.custom import Custom
from privacy.pictures.values import ImageLimits, ImageOptions, ImageRedaction, ImageScan, Mode

Head = dict[str, Any]
_LENGTHS = struct.Struct(">IQ")


def pack(head: Head, blob: bytes) -> bytes:
    """A message as bytes."""
    text = json.dumps(head).encode()
    return _LENGTHS.pack(len(text), len(blob)) + text + blob


def unpack(read: Callable[[int], bytes]) -> tuple[Head, bytes]:
    """The next message; EOFError where the other side has gone."""
    lengths = read(_LENGTHS.size)
    if len(lengths) < _LENGTHS.size:
        raise EOFError
    text, blob = _LENGTHS.unpack(lengths)
    head = read(text)
    body = read(blob)
    if len(head) < text or len(body) < blob:
        raise EOFError
    return json.loads(head), body


def regions_as_lists(regions: Sequence[Region] | None) -> list[Any] | None:
    """Regions for JSON."""
    if regions is None:
        return None
    return [[one.kind, one.polygon, one.score, one.detector, one.frame] for one in regions]


def regions_from_lists(lists: list[Any] | None) -> tuple[Region, ...] | None:
    """The same, back."""
    if lists is None:
        return None
    return tuple(
        Region(kind, tuple((int(x), int(y)) for x, y in polygon), float(score), detector, int(frame))
        for kind, polygon, score, detector, frame in lists
    )


def _answer(head: Head, data: bytes) -> tuple[Head, bytes]:
    from privacy.pictures import redact

    options = _options(head["options"])
    mode: Mode = head["mode"]
    if head["call"] == "scan":
        scan = redact.scan_image(data, mode, options)
        return _scan_head(scan), b""
    done = redact.redact_image(data, mode, regions_from_lists(head["regions"]), options)
    return _redaction_head(done), done.data or b""


def _options(told: Head) -> ImageOptions:
    """The options as the parent has them: JSON knows no tuples. The work is done here, so unguarded."""
    words = {name: tuple(told[name]) for name in ("countries", "allow", "files")}
    custom = tuple(
        Custom(**{**one, "words": tuple(one["words"]), "context": tuple(one["context"])}) for one in told["custom"]
    )
    return ImageOptions(
        **{**told, **words, "custom": custom, "limits": ImageLimits(**told["limits"]), "guarded": False}
    )


def _scan_head(scan: ImageScan) -> Head:
    return {"status": scan.status, "regions": regions_as_lists(scan.regions)}


def _redaction_head(done: ImageRedaction) -> Head:
    return {
        "regions": regions_as_lists(done.regions),
        "kept": done.kept,
        "removed": done.removed,
        "held": done.held,
        "covered": done.covered,
        "changes": done.changes,
    }


def scan_from_head(head: Head) -> ImageScan:
    """A scan, as the child told it."""
    return ImageScan(head["status"], regions_from_lists(head["regions"]))


def redaction_from_head(head: Head, data: bytes) -> ImageRedaction:
    """A redaction, as the child told it."""
    done = ImageRedaction(
        data=data or None,
        regions=regions_from_lists(head["regions"]),
        kept=tuple((name, value) for name, value in head["kept"]),
        removed=tuple(head["removed"]),
        held=head["held"],
        covered=head["covered"],
        changes=tuple(head["changes"]),
    )
    return done if not done.held else replace(done, data=None)


def _limit_memory(size: int) -> None:
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (size, size))
    except (ImportError, ValueError, OSError):  # macOS knows no such limit: the time limit stays
        pass


def serve(source: BinaryIO, sink: BinaryIO) -> None:
    """Answer every request of `source` on `sink`."""
    while True:
        try:
            head, data = unpack(source.read)
        except EOFError:
            return
        try:
            answer, blob = _answer(head, data)
        except CleartitleError as error:
            answer, blob = (
                {
                    "error": type(error).__name__,
                    "problem": error.problem,
                    "cure": error.cure,
                    "place": error.place,
                },
                b"",
            )
        except MemoryError:
            answer, blob = {"failed": "over-memory"}, b""
        except Exception as error:  # noqa: BLE001 - whatever a hostile file breaks, the next one is served
            answer, blob = {"failed": "crashed", "type": type(error).__name__}, b""
        sink.write(pack(answer, blob))
        sink.flush()


if __name__ == "__main__":
    _limit_memory(int(sys.argv[1]))
    out = cast(BinaryIO, sys.stdout.buffer)
    sys.stdout = sys.stderr  # a library that prints must not break the messages
    serve(cast(BinaryIO, sys.stdin.buffer), out)
