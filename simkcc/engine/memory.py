"""Where the tables of a kernel lie in memory.

Those of its log are lent again and again: memory costs time when it is first written, more than what
the kernel writes there. So the log of a replication lies where that of an earlier one lay, once
nobody looks at it any more.

Those it works with keep apart: two processors that write to the same line of memory, though to
different tables, wait for each other each time.
"""

from collections.abc import Sequence
from threading import Lock

import numpy as np

SMALL = 2**16
"""Bytes below which a table shares its pages, and costs nothing worth sparing."""


class _Block:
    """A piece of memory, back among the spare ones when no table lies in it any more."""

    def __init__(self, memory: np.ndarray) -> None:
        self._memory = memory
        self.__array_interface__ = memory.__array_interface__

    def __del__(self) -> None:
        _SPARE.append(self._memory)


_SPARE: list[np.ndarray] = []
_CHOOSING = Lock()


LINE = 128
"""Bytes that processors hand to each other at a time, with the neighbour they fetch along."""


def apart(tables: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Return the tables one behind the other, each in lines of memory that nothing else lies in."""
    lengths = [-(-table.nbytes // LINE) * LINE for table in tables]
    room = np.empty(sum(lengths) + LINE, np.uint8)
    place, found = -room.ctypes.data % LINE, []
    content = b"".join(
        table.tobytes().ljust(length) for table, length in zip(tables, lengths, strict=True)
    )
    room[place : place + len(content)] = np.frombuffer(content, np.uint8)
    for table, length in zip(tables, lengths, strict=True):
        found.append(np.ndarray(table.shape, table.dtype, room, place))
        place += length
    return found


def table(rows: int, dtype: np.dtype) -> np.ndarray:
    """Return a table that holds anything."""
    size = rows * dtype.itemsize
    if size < SMALL:
        return np.empty(rows, dtype)
    return np.asarray(_Block(_memory(size)))[:size].view(dtype)


def _memory(size: int) -> np.ndarray:
    """Return the smallest spare piece that is long enough; else a new one, in place of the longest.

    So there are never more pieces than were once in use together.
    """
    with _CHOOSING:  # meanwhile others may come back, behind those that are here
        places = sorted(range(len(_SPARE)), key=lambda place: len(_SPARE[place]))
        fitting = [place for place in places if len(_SPARE[place]) >= size]
        if fitting:
            return _SPARE.pop(fitting[0])
        if places:
            _SPARE.pop(places[-1])
    return np.empty(size, np.uint8)
