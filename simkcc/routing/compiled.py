"""The decorators of compiled code, with a cache that notices every change.

Nothing here imports numba: whatever was compiled before runs without it, see program.py.
"""

import hashlib
import os
import sys
import tempfile
from collections.abc import Callable
from functools import cached_property, update_wrapper
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from simkcc.routing.program import Program

ROOT = Path(__file__).resolve().parents[1]

this = np.uint64
"""Marks the index of a row. None is negative, and numba need not look for that (1.1 times as fast)."""

FILES = (
    "model/contact_log.py",  # constants and enums frozen into the code
    "model/events.py",
    "model/steps.py",
    "engine/plan.py",
    "engine/state.py",
    "routing/tables.py",
    "routing/compiled.py",  # how it is compiled
    "routing/jit.py",
    "routing/program.py",
    "routing/rules.py",  # the code
    "engine/chance.py",
    "engine/working_time.py",
    "engine/heap.py",
    "engine/statistics.py",
    "engine/draws.py",
    "engine/clock.py",
    "engine/legs.py",
    "engine/deadlines.py",
    "engine/contacts.py",
    "engine/agents.py",
    "engine/waiting.py",
    "engine/answering.py",
    "engine/steps.py",
    "engine/changes.py",
    "engine/arrivals.py",
    "engine/kernel.py",
    "engine/restore.py",
)
"""Files whose change must lead to compiling anew. A test keeps the list complete."""


def fingerprint() -> str:
    """Return the name of the cache folder: the content of every compiled file, and who compiles how.

    Numba itself looks only at the file a function lives in, and forgets the bounds check.
    """
    content = b"".join((ROOT / name).read_bytes() for name in FILES if (ROOT / name).exists())
    settings = sorted(each for each in os.environ.items() if each[0].startswith("NUMBA_"))
    compiler = repr((sys.version, version("numba"), settings)).encode()
    return hashlib.sha256(content + compiler).hexdigest()[:16]


def _cache_folder() -> Path:
    base = os.environ.get("SIMKCC_CACHE") or os.environ.get("XDG_CACHE_HOME")
    folder = (Path(base) if base else Path.home() / ".cache") / "simkcc" / "compiled"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        writable = os.access(folder, os.W_OK)
    except OSError:
        writable = False
    return folder if writable else Path(tempfile.gettempdir()) / f"simkcc-{os.getuid()}"


CACHE = _cache_folder() / fingerprint()


class Compiled:
    """A function of compiled code: part of what calls it there, and to be called by Python.

    Numba is imported for that only when it comes to it.
    """

    def __init__(self, function: Callable[..., Any], *, inline: bool) -> None:
        """Note the function, and whether it is to be compiled right into the place of each call."""
        update_wrapper(self, function)
        self._function, self._inline = function, inline

    @cached_property
    def _part(self) -> Any:
        from simkcc.routing import jit

        return jit.part(self._function, inline=self._inline)

    @cached_property
    def _alone(self) -> Callable[..., Any]:
        from simkcc.routing import jit

        return jit.alone(self._function, CACHE)

    @property
    def _numba_type_(self) -> Any:
        """Return what numba takes it for when compiled code calls it."""
        return self._part._numba_type_

    def __call__(self, *arguments: Any) -> Any:
        """Call it from Python; its machine code is kept for the next process."""
        return self._alone(*arguments)


UNCOMPILED = os.environ.get("NUMBA_DISABLE_JIT", "0") not in ("", "0")
"""Whether compiled code is to be played as plain Python, to look for a mistake in it."""


def program(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile `function` as a whole, for Python to call with tables and whole numbers alone.

    No two of the tables may share memory.
    """
    return function if UNCOMPILED else Program(function, CACHE)


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile `function` for calls from compiled code, off the hot path, and from Python."""
    return function if UNCOMPILED else Compiled(function, inline=False)


def inlined(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile `function` into its callers: for the hot path, where passing tables would cost most."""
    return function if UNCOMPILED else Compiled(function, inline=True)
