"""Numba, as compiled code uses it: functions alone, as parts of others, and whole programs.

Importing this file imports numba, which takes longer than to load a program that was compiled before.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from llvmlite.binding import parse_assembly
from numba import config, njit, typeof
from numba.core.caching import FunctionCache
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import CompilerBase, DefaultPassBuilder
from numba.core.compiler_machinery import PassManager, register_pass
from numba.core.typed_passes import NativeLowering

from simkcc.routing.program import ENTRY


class _Kept(FunctionCache):
    """Machine code on disk: numba's own cache, which gets ready to compile before it loads anything.

    That takes twice as long as loading; what does compile gets ready by itself. Each process names
    its files by itself: where two that compile at once choose the same name, the index of one ends up
    with the machine code of the other.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__(function)
        file = self._cache_file
        file._data_name_pattern = file._data_name_pattern.replace("{", f"{os.getpid()}-{{", 1)

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


class _Whole(_Part):
    """A program: optimized, and not loaded here but written down."""

    def _optimize_final_module(self) -> None:
        super(_Part, self)._optimize_final_module()

    def machine_code(self, symbol: str) -> bytes:
        """Return an object file in which the function of that symbol is entered as ENTRY."""
        self._verify_declare_only_symbols()
        self._final_module.link_in(parse_assembly(self._entry(symbol)))
        code: bytes = self._codegen._tm.emit_object(self._final_module)
        return code

    def _entry(self, symbol: str) -> str:
        """Return a function that takes the arguments, after those two addresses, from one list."""
        kinds = [str(each.type) for each in self._final_module.get_function(symbol).arguments]
        rest = list(enumerate(kinds[2:]))
        reads = "\n".join(
            f"%at{i} = getelementptr i64, ptr %list, i64 {i}\n%it{i} = load {kind}, ptr %at{i}"
            for i, kind in rest
        )
        given = "".join(f", {kind} %it{i}" for i, kind in rest)
        return f"""
            declare i32 @"{symbol}"({", ".join(kinds)})
            define i32 @{ENTRY}(ptr %returned, ptr %raised, ptr %list) {{
            {reads}
            %status = call i32 @"{symbol}"(ptr %returned, ptr %raised{given})
            ret i32 %status
            }}"""


class _Lowering(NativeLowering):
    library: type[_Part]

    def run_pass(self, state: Any) -> bool:
        state.library = self.library(state.targetctx.codegen(), state.func_id.func_qualname)
        return super().run_pass(state)


@register_pass(mutates_CFG=True, analysis_only=False)
class _LowerPart(_Lowering):
    _name, library = "simkcc_lower_part", _Part


@register_pass(mutates_CFG=True, analysis_only=False)
class _LowerWhole(_Lowering):
    _name, library = "simkcc_lower_whole", _Whole


class _PartCompiler(CompilerBase):
    """Numba's compiler, for functions that are compiled into others alone."""

    lowering: type[_Lowering] = _LowerPart

    def define_pipelines(self) -> list[PassManager]:
        """Return the passes a function goes through."""
        passes = DefaultPassBuilder.define_nopython_pipeline(self.state)
        passes.passes = [
            (self.lowering, what) if each is NativeLowering else (each, what)
            for each, what in passes.passes
        ]
        passes.finalize()
        return [passes]


class _WholeCompiler(_PartCompiler):
    lowering = _LowerWhole


def _dispatcher(function: Callable[..., Any], **options: Any) -> Any:
    # Compiled code never makes arrays, so it need not count references to them: without the
    # counting (_nrt) the kernel is 2.6 times faster. Nothing calls it from C.
    return njit(nogil=True, error_model="numpy", _nrt=False, no_cfunc_wrapper=True, **options)(
        function
    )


def alone(function: Callable[..., Any], folder: Path) -> Callable[..., Any]:
    """Return `function` for calls from Python; its machine code is kept in `folder`."""
    made = _dispatcher(function)
    elsewhere = config.CACHE_DIR
    config.CACHE_DIR = str(folder)
    try:
        made._cache = _Kept(function)
    finally:
        config.CACHE_DIR = elsewhere
    return made  # type: ignore[no-any-return]


def part(function: Callable[..., Any], *, inline: bool) -> Any:
    """Return `function` for calls from compiled code, into which it is compiled."""
    return _dispatcher(
        function, forceinline=inline, no_cpython_wrapper=True, pipeline_class=_PartCompiler
    )


def whole(function: Callable[..., Any], arguments: tuple[Any, ...]) -> bytes:
    """Compile `function` for such arguments: an object file, entered as ENTRY.

    It is promised that no two of the tables it takes share memory. Then a value read once need not
    be read again after a table was written (1.05 times as fast).
    """
    made = _dispatcher(function, no_cpython_wrapper=True, pipeline_class=_WholeCompiler)

    def promise(flags: Any) -> Any:
        flags.noalias = True
        return flags

    made._compiler._customize_flags = promise
    types = tuple(typeof(each) for each in arguments)
    made.compile(types)
    found = made.overloads[types]
    return found.library.machine_code(found.fndesc.llvm_func_name)  # type: ignore[no-any-return]
