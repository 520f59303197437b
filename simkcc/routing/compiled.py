"""The one decorator for compiled code, with a cache that notices every change."""

import hashlib
import os
import sys
import tempfile
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numba import config, njit


def _leave_blas_for_later() -> None:
    """Let numba not look for BLAS before anybody's code needs it.

    It would import scipy.linalg to see whether it is there: a seventh of the start of `simkcc run`.
    """
    name = "scipy.linalg.cython_blas"
    if name not in sys.modules:
        sys.modules[name] = None  # type: ignore[assignment]
        try:
            arraymath = import_module("numba.np.arraymath")
        finally:
            del sys.modules[name]
        # what multiplies matrices looks again, and says so if there is none
        arraymath._HAVE_BLAS = True  # type: ignore[attr-defined]


_leave_blas_for_later()

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
    "routing/compiled.py",  # the code
    "routing/rules.py",
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
    """Return the name of the cache folder: the content of every compiled file, and settings.

    Numba itself looks only at the file a function lives in, and forgets the bounds check.
    """
    content = b"".join((ROOT / name).read_bytes() for name in FILES if (ROOT / name).exists())
    settings = f"bounds={config.BOUNDSCHECK}".encode()
    return hashlib.sha256(content + settings).hexdigest()[:16]


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


def _compile(function: Callable[..., Any], **options: Any) -> Callable[..., Any]:
    elsewhere = config.CACHE_DIR
    config.CACHE_DIR = str(CACHE)
    try:
        # Compiled code never makes arrays, so it need not count references to them: without the
        # counting (_nrt) the kernel is 2.6 times faster. Nothing calls it from C.
        return njit(
            cache=True,
            nogil=True,
            error_model="numpy",
            _nrt=False,
            no_cfunc_wrapper=True,
            **options,
        )(function)
    finally:
        config.CACHE_DIR = elsewhere


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile `function` on its first call; keep the machine code for the next process."""
    return _compile(function)


def shared(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile `function` into its callers, and also for calls from Python."""
    return _compile(function, forceinline=True)


def inlined(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile `function` into its callers: for the hot path, where passing tables would cost most.

    Compiled code alone calls it; leaving out what Python would need saves a fifth of the compiling.
    """
    return _compile(function, forceinline=True, no_cpython_wrapper=True)


def inner(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile `function` for calls from compiled code alone: off the hot path."""
    return _compile(function, no_cpython_wrapper=True)


def separate(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile `function`, promising that no two of the tables it takes share memory.

    Then a value read once need not be read again after a table was written (1.05 times as fast).
    """
    made = _compile(function)
    if config.DISABLE_JIT:
        return made

    def promise(flags: Any) -> Any:
        flags.noalias = True
        return flags

    made._compiler._customize_flags = promise  # type: ignore[attr-defined]
    return made
