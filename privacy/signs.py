"""A byte for each sign of a text, looked up by its code: what is asked of each sign is asked once in a process."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]
_UNKNOWN = 255


def codes(text: str) -> npt.NDArray[np.uint32]:
    """The code of each sign."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


class Table:
    """What `of` says of each sign, a number below 255."""

    def __init__(self, of: Callable[[str], int]) -> None:
        self._of = of
        self._known = np.full(0x110000, _UNKNOWN, np.uint8)

    def look_up(self, signs: npt.NDArray[np.uint32]) -> Bytes:
        """A byte for each of these codes."""
        found = self._known[signs]
        unknown = found == _UNKNOWN
        if unknown.any():
            for code in np.unique(signs[unknown]).tolist():
                self._known[code] = self._of(chr(code))
            found = self._known[signs]
        return found
