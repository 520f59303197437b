"""What the keys of a part mean: the docstrings under its fields, read when somebody asks.

pydantic can read them itself, but then does so at every start: a seventh of that of `simkcc run`.
"""

import ast
import inspect
import sys
from functools import cache
from pathlib import Path

from simkcc.model.part import Part

Meanings = dict[str, str]


def meanings(part: type[Part]) -> Meanings:
    """Return the docstring of each field of a part, its parents' included."""
    found: Meanings = {}
    for each in reversed(part.__mro__):
        if issubclass(each, Part):
            found |= _written_in(each.__module__).get(each.__name__, {})
    return found


@cache
def _written_in(module: str) -> dict[str, Meanings]:
    """Return class -> field -> docstring of a module."""
    source = Path(str(sys.modules[module].__file__)).read_text(encoding="utf-8")
    return {
        each.name: _of_fields(each) for each in ast.parse(source).body
        if isinstance(each, ast.ClassDef)
    }  # fmt: skip


def _of_fields(part: ast.ClassDef) -> Meanings:
    return {
        field.target.id: inspect.cleandoc(text.value.value)
        for field, text in zip(part.body, part.body[1:], strict=False)
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
        and isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant)
        and isinstance(text.value.value, str)
    }  # fmt: skip
