"""A whole program of compiled code, whose machine code Python loads and enters by itself.

Numba makes the machine code, once. To import numba only to load it again would take a quarter of the
time of a short command.
"""

import ctypes
import hashlib
import os
from array import array
from collections.abc import Callable
from contextlib import suppress
from functools import cache, update_wrapper
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from simkcc.errors import BrokenEngineError

Kinds = tuple[Any, ...]
"""What machine code depends on: the dtype, dimensions and writability of each table; int for numbers."""

ENTRY = "enter"
"""Symbol of the function (returned, raised, arguments) of an object file; it returns a status."""
_RETURNED = (0, -2)
"""What compiled code says when it has not raised anything: it returned a value, or none."""
_DIGEST = hashlib.sha256


class Program:
    """A compiled function of tables, no two of which share memory, and whole numbers.

    It returns a whole number.
    """

    def __init__(self, function: Callable[..., Any], folder: Path) -> None:
        """Note the function, and where its machine code is kept."""
        update_wrapper(self, function)
        self._function, self._folder = function, folder
        self._entries: dict[Kinds, Callable[..., int]] = {}
        self._lock = Lock()

    def __call__(self, *arguments: np.ndarray | int) -> int:
        """Run the program; whoever calls it shares the interpreter with other threads meanwhile."""
        kinds = tuple(_kind_of(each) for each in arguments)
        with self._lock:
            if kinds not in self._entries:
                self._entries[kinds] = _linked(self._machine_code(kinds, arguments))
        listed = array("q", [number for each in arguments for number in _as_numbers(each)])
        returned, raised = ctypes.c_int64(), ctypes.c_void_p()
        status = self._entries[kinds](
            ctypes.byref(returned), ctypes.byref(raised), listed.buffer_info()[0]
        )
        if status not in _RETURNED:
            raise BrokenEngineError(
                f"compiled code broke off ({self._function.__name__}, {status}); "
                "NUMBA_DISABLE_JIT=1 shows where"
            )
        return returned.value

    def _machine_code(self, kinds: Kinds, arguments: tuple[Any, ...]) -> bytes:
        """Return the program for such arguments: found on the disk, or compiled and kept there."""
        known = _DIGEST(repr((_processor(), kinds)).encode()).hexdigest()[:16]
        file = self._folder / f"{self._function.__name__}-{known}.o"
        code = _read(file)
        if code is None:
            from simkcc.routing.jit import whole

            code = whole(self._function, arguments)
            _write(file, code)
        return code


def _kind_of(argument: np.ndarray | int) -> Any:
    if not isinstance(argument, np.ndarray):
        return int
    flags = argument.flags
    if not flags.c_contiguous:
        raise BrokenEngineError("a table of compiled code must lie in one piece")
    return argument.dtype, argument.ndim, flags.writeable


def _as_numbers(argument: np.ndarray | int) -> tuple[int, ...]:
    """Return an argument as numba takes it.

    That is, of an array: its owner and its counter of references (nobody counts), the number of its
    elements, the bytes of one, where it lies, its shape and its strides.
    """
    if not isinstance(argument, np.ndarray):
        return (int(argument),)
    own = 0, 0, argument.size, argument.itemsize, _address(argument)
    return *own, *argument.shape, *argument.strides


def _address(table: np.ndarray) -> int:
    """Return where a table lies: table.ctypes.data, which takes ten times as long.

    By the C interface of numpy it stands first in an array, behind what every object begins with.
    """
    return ctypes.c_size_t.from_address(id(table) + object.__basicsize__).value


# ---------------------------------------------------------------------------------------------
# on the disk: a digest, and the object file


def _read(file: Path) -> bytes | None:
    """Return the object file, None if there is none that is whole."""
    try:
        content = file.read_bytes()
    except OSError:
        return None
    size = _DIGEST().digest_size
    return content[size:] if _DIGEST(content[size:]).digest() == content[:size] else None


def _write(file: Path, code: bytes) -> None:
    """Keep an object file, or do without where nothing can be written."""
    unfinished = file.with_suffix(f".{os.getpid()}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        unfinished.write_bytes(_DIGEST(code).digest() + code)
        unfinished.replace(file)
    except OSError:
        with suppress(OSError):
            unfinished.unlink()


# ---------------------------------------------------------------------------------------------
# in memory


@cache
def _processor() -> tuple[str, str]:
    """Return the name of the processor, and what it can do."""
    from llvmlite import binding

    return binding.get_host_cpu_name(), binding.get_host_cpu_features().flatten()


@cache
def _linker() -> Any:
    """Return what brings object files into memory."""
    from llvmlite import binding

    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    return binding.create_lljit_compiler()


_LOADED: list[Any] = []
"""What was brought into memory: whatever is forgotten is taken out of it."""


def _linked(code: bytes) -> Callable[..., int]:
    """Bring an object file into memory; return its entry."""
    from llvmlite.binding import JITLibraryBuilder

    image = JITLibraryBuilder().add_object_img(code).add_current_process().export_symbol(ENTRY)
    library = image.link(_linker(), str(len(_LOADED)))
    _LOADED.append(library)
    return ctypes.CFUNCTYPE(ctypes.c_int32, *[ctypes.c_void_p] * 3)(library[ENTRY])
