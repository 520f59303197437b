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
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import CompilerBase, DefaultPassBuilder
from numba.core.compiler_machinery import PassManager, register_pass
from numba.core.typed_passes import NativeLowering

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


class _Part(JITCodeLibrary):
    """A function that is compiled into others alone: optimized there, with all that is around it."""

    def _optimize_final_module(self) -> None:
        pass

    def _finalize_final_module(self) -> None:
        self._finalized = True

    @property
    def codegen(self) -> "_Part":
        """Return who is told of the environment for calls from Python."""
        return self

    def set_env(self, name: str, environment: Any) -> None:
        """Forget it: there are no such calls."""


@register_pass(mutates_CFG=True, analysis_only=False)
class _LowerPart(NativeLowering):
    _name = "simkcc_lower_part"

    def run_pass(self, state: Any) -> bool:
        state.library = _Part(state.targetctx.codegen(), state.func_id.func_qualname)
        return super().run_pass(state)


class _PartCompiler(CompilerBase):
    """Numba's compiler, for functions that are compiled into others alone."""

    def define_pipelines(self) -> list[PassManager]:
        """Return the passes a function goes through."""
        passes = DefaultPassBuilder.define_nopython_pipeline(self.state)
        passes.passes = [
            (_LowerPart, what) if each is NativeLowering else (each, what)
            for each, what in passes.passes
        ]
        passes.finalize()
        return [passes]


def _compile(function: Callable[..., Any], **options: Any) -> Callable[..., Any]:
    # Compiled code never makes arrays, so it need not count references to them: without the
    # counting (_nrt) the kernel is 2.6 times faster. Nothing calls it from C.
    return njit(nogil=True, error_model="numpy", _nrt=False, no_cfunc_wrapper=True, **options)(
        function
    )


def _keep(function: Callable[..., Any], **options: Any) -> Callable[..., Any]:
    """Compile a function that Python calls; keep its machine code for the next process."""
    made = _compile(function, **options)
    if config.DISABLE_JIT:
        return made
    elsewhere = config.CACHE_DIR
    config.CACHE_DIR = str(CACHE)
    try:
        made._cache = _Kept(function)  # type: ignore[attr-defined]
    finally:
        config.CACHE_DIR = elsewhere
    return made


def _part(function: Callable[..., Any], **options: Any) -> Callable[..., Any]:
    """Compile a function into those compiled functions that call it: there is nothing to keep."""
    return _compile(function, no_cpython_wrapper=True, pipeline_class=_PartCompiler, **options)


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile `function` on its first call; keep the machine code for the next process."""
    return _keep(function)


def shared(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile `function` into its callers, and also for calls from Python."""
    return _keep(function, forceinline=True)


def inlined(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile `function` into its callers: for the hot path, where passing tables would cost most.

    Compiled code alone calls it; leaving out what Python would need saves a fifth of the compiling.
    """
    return _part(function, forceinline=True)


def inner(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile `function` for calls from compiled code alone: off the hot path."""
    return _part(function)


def separate(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile `function`, promising that no two of the tables it takes share memory.

    Then a value read once need not be read again after a table was written (1.05 times as fast).
    """
    made = _keep(function)
    if config.DISABLE_JIT:
        return made

    def promise(flags: Any) -> Any:
        flags.noalias = True
        return flags

    made._compiler._customize_flags = promise  # type: ignore[attr-defined]
    return made
