"""The one decorator for compiled code, with a cache that notices every change."""

import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numba import config, njit
from numba.core.caching import FunctionCache

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


class _Kept(FunctionCache):
    """Machine code on disk: numba's own cache, which gets ready to compile before it loads anything.

    That takes twice as long as loading; what does compile gets ready by itself.
    """

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """Return what was compiled for these types, or None."""
        with self._guard_against_spurious_io_errors():
            return self._load_overload(sig, target_context)


def _compile(function: Callable[..., Any], **options: Any) -> Callable[..., Any]:
    # Compiled code never makes arrays, so it need not count references to them: without the
    # counting (_nrt) the kernel is 2.6 times faster. Nothing calls it from C.
    made = njit(nogil=True, error_model="numpy", _nrt=False, no_cfunc_wrapper=True, **options)(
        function
    )
    if config.DISABLE_JIT:
        return made
    elsewhere = config.CACHE_DIR
    config.CACHE_DIR = str(CACHE)
    try:
        made._cache = _Kept(function)
    finally:
        config.CACHE_DIR = elsewhere
    return made


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
